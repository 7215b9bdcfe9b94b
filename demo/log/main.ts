/**
 * `npm run demo:log`: a web server's log goes through a pipeline whose workers are processes that are killed at random, and
 * what comes out is compared with what awk makes of the same file. Exits 0 only if both are equal.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { ActorSystem } from '../../index.ts';
import { startNatsServer } from '../../runtime/transport/nats-server.ts';
import { writeAccessLog } from './access-log.ts';
import { Crew } from './crew.ts';
import { logPipeline } from './log-pipeline.ts';

const { file, lines, rate, every } = new Command('demo:log')
	.description('Push a log through a pipeline whose workers are killed at random; compare with awk')
	.option('--file <path>', 'a log in the common format; default: one that is made up')
	.option('--lines <n>', 'lines of the one that is made up', positive, 200_000)
	.option('--rate <n>', 'lines a second at most, for the show to last', positive, 20_000)
	.option('--every <ms>', 'between two kills', positive, 1_000)
	.parse()
	.opts<{ file?: string; lines: number; rate: number; every: number }>();

const AWK = `{
	if (match($0, /"(GET|HEAD|POST) [^ "]+[^"]*" 200 ([0-9]+|-)/)) {
		split(substr($0, RSTART, RLENGTH), part, " ")
		n = split(substr($0, RSTART, RLENGTH), part, " ")
		hits[part[2]]++
		bytes[part[2]] += part[n]
	}
}
END { for (path in hits) printf "%s %d %.0f\\n", path, hits[path], bytes[path] }`;

const folder = await mkdtemp(join(tmpdir(), 'troupe-log-'));
const log = file ?? join(folder, 'access.log');
if (file === undefined) await writeAccessLog(log, lines);
const server = await startNatsServer();
const name = `log-${process.pid}`;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const system = await ActorSystem.start({ name, servers: server.url, node: 'near', log: quiet });
const crew = new Crew(server.url, name);
try {
	await Promise.all([crew.start(), crew.start(), crew.start()]);
	const counts = new Map<string, { hits: number; bytes: number }>();
	const began = performance.now();
	const run = logPipeline(
		log,
		({ path, bytes }) => {
			const count = counts.get(path) ?? { hits: 0, bytes: 0 };
			counts.set(path, { hits: count.hits + 1, bytes: count.bytes + bytes });
		},
		rate,
	).run(system);
	void crew.torment(every, (line) => console.log(line));
	await run;
	const seconds = (performance.now() - began) / 1_000;
	const ours = [...counts].map(([path, { hits, bytes }]) => `${path} ${hits} ${bytes}`).sort();
	const { stdout } = await promisify(execFile)('awk', [AWK, log], { maxBuffer: 1e9 });
	const theirs = stdout.trim().split('\n').sort();
	const equal = ours.join('\n') === theirs.join('\n');
	console.log(ours.join('\n'));
	const [parse] = run.stats();
	const { in: taken = 0, redone = 0 } = parse ?? {};
	console.log(
		`${equal ? 'equal' : 'NOT EQUAL'}: the pipeline's result and awk's; ${taken} lines in ${seconds.toFixed(1)} s, ${crew.killed} processes killed, ${redone} lines done again`,
	);
	process.exitCode = equal ? 0 : 1;
} finally {
	crew.end();
	await system.stop();
	await server.stop();
	await rm(folder, { recursive: true });
}
// The torment may be waiting for its next moment.
process.exit();

function positive(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1) return value;
	throw new InvalidArgumentError('a whole number from 1 is needed');
}
