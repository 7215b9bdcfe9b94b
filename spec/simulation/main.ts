/** `npm run simulate`: explores seeds, or replays one of them event by event. */

import { Command, InvalidArgumentError } from 'commander';
import { type Outcome, simulate } from './simulate.ts';

interface Options {
	readonly seeds: number;
	readonly first: number;
	readonly seed?: number;
	readonly trace?: boolean;
	readonly json?: boolean;
	readonly untilBroken?: boolean;
}

const count = (text: string): number => {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It has to be a whole number.');
	return value;
};

const { seeds, first, seed, trace, json, untilBroken } = new Command('simulate')
	.description('Runs whole clusters in virtual time, one for each seed, and looks for broken promises.')
	.option('--seeds <count>', 'how many seeds', count, 200)
	.option('--first <seed>', 'the first of them', count, 1)
	.option('--seed <seed>', 'this one alone', count)
	.option('--trace', 'print every event')
	.option('--until-broken', 'stop at the first seed that breaks a promise')
	.option('--json', 'print the outcomes as JSON')
	.parse()
	.opts<Options>();

const begun = performance.now();
const outcomes: Outcome[] = [];
const [from, to] = seed === undefined ? [first, first + seeds] : [seed, seed + 1];
for (let next = from; next < to; next++) {
	const outcome = await simulate(next, trace ? console.log : undefined);
	outcomes.push(outcome);
	if (outcome.broken && !json) console.log(`seed ${next} at ${outcome.broken.at} ms: ${outcome.broken.rule}`);
	if (outcome.broken && untilBroken) break;
}
const broken = outcomes.filter((outcome) => outcome.broken);
const seconds = (performance.now() - begun) / 1_000;
if (json) console.log(JSON.stringify({ outcomes, seconds }));
else {
	const handled = outcomes.reduce((sum, outcome) => sum + outcome.handled, 0);
	const slowest = Math.max(...outcomes.filter((outcome) => !outcome.broken).map(({ converged }) => converged));
	console.log(
		`${outcomes.length} seeds in ${seconds.toFixed(1)} s: ${handled} messages handled, ${broken.length} seeds with a broken promise; agreed on the members within ${slowest} ms`,
	);
	if (broken[0]) console.log(`replay: npm run simulate -- --seed ${broken[0].seed} --trace`);
}
process.exitCode = broken.length > 0 ? 1 : 0;
