/**
 * `npm run bench`: asks the contenders, in rounds, and says how Troupe compares. Tables or a JSON document go to standard
 * output, progress to standard error. Exit code 1 when a contender fails, and with `--check` when a goal is missed.
 */

import { Command, InvalidArgumentError } from 'commander';
import { startNatsServer } from 'troupe/testkit';
import { groups } from './groups.ts';
import { judge } from './judge.ts';
import { profile } from './profile.ts';
import { document, summary, workloadReport } from './report.ts';
import { type Answers, runRounds } from './rounds.ts';
import { type Selected, select } from './selection.ts';

interface Options {
	readonly json?: true;
	readonly check?: true;
	readonly rounds?: number;
	readonly profile?: string;
}

/** So few that all of it takes less than ten minutes; what is to be sure is asked more often, by its name. */
const ROUNDS = 2;

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error(signal)));

const program = new Command('npm run bench --')
	.description('Troupe beside what a hand-written program could do, and beside its peers')
	.argument('[names...]', `workloads or groups (${groups.map(({ name }) => name).join(', ')}); default: all`)
	.option('--json', 'one JSON document on standard output, and nothing else')
	.option(
		'--rounds <n>',
		`how often everybody is asked everything; default: ${ROUNDS}, or as the group says`,
		wholeNumber,
	)
	.option('--profile <workload>', "only Troupe's driver, with a profiler; lists where its time goes")
	.option('--check', 'exit with 1 when a goal is missed');

try {
	await program.parseAsync();
	const options = program.opts<Options>();
	if (options.profile === undefined) process.exitCode = await compare(select(groups, program.args), options);
	else await profileOne(options.profile);
} catch (error) {
	console.error(`bench: ${error instanceof Error ? error.message : error}`);
	process.exitCode = 1;
}

async function compare(selection: readonly Selected[], options: Options): Promise<number> {
	const begun = performance.now();
	const all = new Map<string, readonly Answers[]>();
	for (const selected of selection) {
		const { name, rounds = ROUNDS } = selected.group;
		const say = (line: string): void => console.error(line);
		const answers = await withServers(selected, (servers) =>
			runRounds(selected, {
				rounds: options.rounds ?? rounds,
				others: options.rounds ?? 1,
				servers,
				signal: abort.signal,
				say,
			}),
		);
		all.set(name, answers);
		if (!options.json) for (const one of answers) console.log(workloadReport(name, one));
	}
	if (options.json) console.log(JSON.stringify(document(all), undefined, '\t'));
	else for (const [name, answers] of all) console.log(summary(name, answers));
	console.error(`${((performance.now() - begun) / 60_000).toFixed(1)} minutes`);
	const every = [...all.values()].flat();
	const failed = every.some(({ series }) => series.some((one) => one.failed !== undefined));
	const missed = every.flatMap(judge).some(({ met }) => met === false);
	return failed || (options.check && missed) ? 1 : 0;
}

async function profileOne(word: string): Promise<void> {
	const [selected] = select(groups, [word]);
	const workload = selected?.workloads[0];
	const contender = selected?.group.contenders.find(({ role }) => role === 'troupe');
	if (!workload || !contender) throw new Error(`'${word}' has nothing of Troupe's to profile`);
	const cell = { group: selected.group.name, contender: contender.name, workload: workload.name };
	console.log(await withServers(selected, (servers) => profile(cell, { servers, signal: abort.signal })));
}

/** With a nats-server of the group's own, if it needs one; it is stopped whatever happens. */
async function withServers<T>({ group }: Selected, work: (servers: string) => Promise<T>): Promise<T> {
	if (!group.nats) return work('');
	const server = await startNatsServer();
	try {
		return await work(server.url);
	} finally {
		await server.stop();
	}
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1) return value;
	throw new InvalidArgumentError('a whole number from 1 is needed');
}
