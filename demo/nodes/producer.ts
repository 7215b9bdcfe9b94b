/**
 * `npm run demo:producer -- --nats URL --input DIR`: a node that has a folder analysed, by whatever consumers there are or
 * come, prints what they found and ends. Any number may run at a time, each with a desk and a store of its own. On
 * Ctrl-C it hands out nothing more, waits for what is under way, and prints what it has got so far.
 *
 * With `--job NAME` it only fetches, for the desk of that name, which may be on another machine with the same files.
 */

import { Command, Option } from 'commander';
import type { ActorSystem } from '../../index.ts';
import { Producer } from '../actors/producer.ts';
import { DEFAULT_INPUT } from '../input/default-input.ts';
import { type Input, walk } from '../input/walk.ts';
import { Job } from '../job.ts';
import { percent } from '../show/figures.ts';
import { findings } from '../show/findings.ts';
import { Screen } from '../show/screen.ts';
import { joinCluster, leaveCluster, whenAskedToLeave } from './node.ts';

const options = new Command('demo:producer')
	.description('Have a folder analysed by the consumers of the cluster')
	.addOption(new Option('--nats <url>', 'where the cluster meets').env('NATS_URL').default('nats://127.0.0.1:4222'))
	.option('--input <path>', 'a folder or a file', DEFAULT_INPUT)
	.option('--name <name>', 'what to call this node')
	.option('--producers <number>', 'producer actors on this node', Number, 2)
	.option('--job <name>', 'fetch for the desk of another node')
	.option('--json', 'print the figures as a last line of JSON', false)
	.parse()
	.opts<{ nats: string; input: string; producers: number; name?: string; job?: string; json: boolean }>();

const { nats, name, job } = options;
const input = await walk(options.input).catch((error: Error) => {
	console.error(`cannot read the input: ${error.message}`);
	process.exit(1);
});
const system = await joinCluster({ nats, name, roles: ['producer'] });
if (job === undefined) await produce(system, input);
else await fetchFor(system, job, input.root);

/** When whoever reads it may make this node leave again. */
function announce(): void {
	console.log(`producer node ${system.node.name} has joined ${nats} with ${input.files.length} files`);
}

async function spawnProducers(system: ActorSystem, job: string, root: string): Promise<void> {
	for (let number = 1; number <= options.producers; number++)
		await system.spawn(Producer, { id: `producer-${number}@${system.node.id}`, args: { job, root } });
}

async function fetchFor(system: ActorSystem, job: string, root: string): Promise<void> {
	await spawnProducers(system, job, root);
	whenAskedToLeave(() => void leaveCluster(system));
	announce();
}

async function produce(system: ActorSystem, input: Input): Promise<void> {
	const screen = new Screen(options.json);
	const job = await Job.open(system, system.node.id, input);
	await spawnProducers(system, job.name, input.root);
	whenAskedToLeave(() => {
		screen.say('hands out nothing more, and waits for what is under way');
		job.close();
	});
	announce();
	const { planned, stored } = await job.finished(({ planned, stored }) => {
		const done = `${planned.filesDone} of ${planned.files} files, ${stored.chunks} chunks stored`;
		screen.show(`${percent(stored.bytes, planned.bytes)}  ${done}`, () => '');
	});
	screen.close();
	for (const line of findings(await job.result())) console.log(line);
	const { filesDone: files, produced } = planned;
	const { chunks: consumed, bytes, duplicates } = stored;
	const lost = produced - consumed;
	console.log(
		`${files} of ${planned.files} files: ${produced} chunks produced, ${consumed} stored, ${lost} lost, ${duplicates} duplicates dropped`,
	);
	if (options.json) console.log(JSON.stringify({ files, bytes, produced, consumed, lost, duplicates }));
	await leaveCluster(system);
}
