/**
 * `npm run soak`: full load for as long as asked, and whether memory stays flat. Rows and verdict, or a JSON document, go
 * to standard output. Exit code 1 when memory grows, when a message is lost or handled twice, and when it is given up.
 */

import { Command, InvalidArgumentError } from 'commander';
import { startNatsServer } from 'troupe/testkit';
import { document, HEADING, row, summary } from './soak/journal.ts';
import { soak } from './soak/soak.ts';
import { judge } from './soak/verdict.ts';

interface Options {
	readonly minutes: number;
	readonly json?: true;
}

const program = new Command('npm run soak --')
	.description('Troupe under full load, and whether its memory stays flat')
	.option('--minutes <n>', 'how long; a part of one will do', minutes, 10)
	.option('--json', 'one JSON document on standard output; the rows go to standard error');

const trouble = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
	process.once(signal, () => trouble.abort(new Error(`given up: ${signal}`)));

try {
	program.parse();
	process.exitCode = await run(program.opts<Options>());
} catch (error) {
	console.error(`soak: ${error instanceof Error ? error.message : error}`);
	process.exitCode = 1;
}

async function run({ minutes, json }: Options): Promise<number> {
	const say = json ? console.error : console.log;
	const server = await startNatsServer();
	try {
		say(HEADING);
		const moments = await soak({ servers: server.url, minutes, trouble, say: (moment) => say(row(moment)) });
		const verdicts = judge(moments);
		if (json) console.log(JSON.stringify(document(minutes, moments, verdicts), undefined, '\t'));
		else console.log(summary(moments, verdicts));
		return verdicts.every(({ flat }) => flat) ? 0 : 1;
	} finally {
		await server.stop();
	}
}

function minutes(text: string): number {
	const value = Number(text);
	if (Number.isFinite(value) && value > 0) return value;
	throw new InvalidArgumentError('a number of minutes above 0 is needed');
}
