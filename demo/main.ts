/**
 * `npm run demo`: the whole show, then the same analysis in one plain process, then the comparison and the account of
 * every message. Exits 0 only if both results are equal and nothing was lost.
 */

import { Command } from 'commander';
import { DEFAULT_INPUT } from './input/default-input.ts';
import { walk } from './input/walk.ts';
import { plainRun } from './plain.ts';
import { account } from './show/account.ts';
import { count, seconds } from './show/figures.ts';
import { digestOf, findings } from './show/findings.ts';
import { Screen } from './show/screen.ts';
import { Show } from './show/show.ts';

const options = new Command('demo')
	.description('Analyse a folder on several nodes while they crash, die and lose NATS; compare with a plain run')
	.option('--input <path>', 'a folder or a file', DEFAULT_INPUT)
	.option(
		'--limit <megabytes>',
		'how much of it at most, for the show to end within the minute; 0 for all',
		Number,
		300,
	)
	.option('--json', 'print the figures as a last line of JSON', false)
	.parse()
	.opts<{ input: string; limit: number; json: boolean }>();

const started = performance.now();
const screen = new Screen(options.json);
const input = await walk(options.input, options.limit > 0 ? options.limit * 1_000_000 : undefined).catch(
	(error: Error) => {
		console.error(`cannot read the input: ${error.message}`);
		process.exit(1);
	},
);
screen.say(`${count(input.files.length)} files in ${input.root}`);
if (input.cut)
	screen.say(
		`there is more, which takes longer than a minute: the show ends after ${options.limit} MB (--limit 0 for all)`,
	);

const show = new Show(screen, input);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => {
		show.abort();
		process.exit(130);
	});
}
const outcome = await show.play().catch((error: Error) => {
	console.error(error);
	process.exit(1);
});

const plainFrom = performance.now();
const plain = await plainRun(input);
const plainTime = performance.now() - plainFrom;

const { planned, stored, books, milliseconds, nodes, restarts, nodesKilled, natsRestarts } = outcome;
const digest = digestOf(outcome.tally);
const equal = digest === digestOf(plain);
const lost = planned.produced - stored.chunks;
for (const line of [...findings(outcome.tally), '', ...account(outcome), '']) console.log(line);
const [here, there] = [seconds(milliseconds), seconds(plainTime)];
console.log(
	`${equal ? 'equal' : 'NOT EQUAL'}: the cluster's result (${here}, with all that went wrong) and a plain run's (${there})`,
);
console.log(`digest ${digest}`);

if (options.json) {
	const figures = {
		nodes,
		files: planned.filesDone - planned.unreadable,
		unreadable: planned.unreadable + input.unreadable.length,
		bytes: stored.bytes,
		produced: planned.produced,
		consumed: stored.chunks,
		lost,
		duplicates: stored.duplicates,
		messages: books.sent,
		handled: books.handled,
		deadLetters: books.dead,
		deadLettersByReason: books.deadLetters,
		unaccounted: books.unaccounted,
		restarts,
		nodesKilled,
		natsRestarts,
		equal,
		seconds: milliseconds / 1_000,
		plainSeconds: plainTime / 1_000,
		totalSeconds: (performance.now() - started) / 1_000,
		messagesPerSecond: Math.round((books.handled * 1_000) / milliseconds),
	};
	console.log(JSON.stringify(figures));
}
process.exit(equal && lost === 0 ? 0 : 1);
