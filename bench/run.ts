/**
 * The child: one contender answers one workload, in a process that nothing else has touched. Its last line on standard
 * output is the answer, as JSON; when it fails, its last line on standard error says why.
 */

import { groups } from './groups.ts';
import { type Answer, EVERYTHING, SERVERS } from './launch.ts';

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
try {
	const answer = await answerTo(process.argv.slice(2));
	// Not all peers let go of their process.
	process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
} catch (error) {
	fail(error);
}

async function answerTo([groupName, contenderName, workloadName]: readonly string[]): Promise<Answer> {
	const group = groups.find(({ name }) => name === groupName);
	const contender = group?.contenders.find(({ name }) => name === contenderName);
	if (!contender || workloadName === undefined) throw new Error('expected: run.js <group> <contender> <workload>');
	const drivers = await contender.drivers();
	if (workloadName === EVERYTHING) return { drivers: Object.keys(drivers) };
	const driver = drivers[workloadName];
	if (driver === undefined) return { absent: true };
	return { figures: await driver({ servers: process.env[SERVERS] ?? '' }) };
}

function fail(error: unknown): never {
	console.error(error);
	console.error(String(error).split('\n')[0]);
	process.exit(1);
}
