/** What a soak says of itself: a row for each sample as it comes, and at the end what has been sent and the verdict. */

import { cpus } from 'node:os';
import { table } from 'table';
import { handlesOf, type Sample } from './sample.ts';
import { LOADS, sumOf, type Tally } from './tally.ts';
import type { Moment, Verdict } from './verdict.ts';

/** Columns of padded text: the table library can only stream to a terminal that it may paint over. */
const COLUMNS: readonly (readonly [title: string, width: number, cell: (moment: Moment) => string])[] = [
	['time', 7, ({ at }) => `${at.toFixed(0)} s`],
	['messages', 13, ({ messages }) => messages.toLocaleString('en')],
	['a second', 11, ({ rate }) => Math.round(rate).toLocaleString('en')],
	['heap MiB', 17, both(({ heap }) => mib(heap, 2))],
	['external', 15, both(({ external }) => mib(external, 1))],
	['buffers', 15, both(({ arrayBuffers }) => mib(arrayBuffers, 1))],
	['RSS', 13, both(({ rss }) => mib(rss, 0))],
	['handles', 10, both((sample) => `${handlesOf(sample)}`)],
	['actors', 10, both(({ actors }) => `${actors}`)],
];

export const HEADING = COLUMNS.map(([title, width]) => title.padStart(width)).join(' ');

/** One line, near / far. */
export function row(moment: Moment): string {
	return COLUMNS.map(([, width, cell]) => cell(moment).padStart(width)).join(' ');
}

/** What was sent in all, and whether it left anything behind. */
export function summary(moments: readonly Moment[], verdicts: readonly Verdict[]): string {
	const { loads, ended } = tallyOf(moments);
	const counts = LOADS.map((name) => [name, loads[name].sent, loads[name].handled].map(text));
	const judged = verdicts.map(({ node, what, flat, text }) => [node, what, flat ? 'flat' : 'NOT FLAT', text]);
	return [
		table([['', 'sent', 'handled'], ...counts], {
			drawHorizontalLine: (index, count) => index <= 1 || index === count,
			columns: { 1: { alignment: 'right' }, 2: { alignment: 'right' } },
		}),
		`actors spawned and stopped: ${text(ended.withId)} with an ID, ${text(ended.withoutId)} without`,
		'',
		table(judged, { drawHorizontalLine: (index, count) => index === 0 || index === count }),
		verdicts.every(({ flat }) => flat) ? 'flat' : 'NOT FLAT',
	].join('\n');
}

/** The same for programs. Sizes in bytes, times in seconds. */
export function document(minutes: number, moments: readonly Moment[], verdicts: readonly Verdict[]): unknown {
	return {
		node: process.version,
		cpu: cpus()[0]?.model ?? 'unknown',
		cores: cpus().length,
		minutes,
		flat: verdicts.every(({ flat }) => flat),
		verdicts,
		...tallyOf(moments),
		moments,
	};
}

function tallyOf(moments: readonly Moment[]): Tally {
	const nodes = moments.at(-1)?.nodes;
	return sumOf(nodes ? [nodes.near.tally, nodes.far.tally] : []);
}

function both(cell: (sample: Sample) => string): (moment: Moment) => string {
	return ({ nodes }) => `${cell(nodes.near)} / ${cell(nodes.far)}`;
}

function mib(bytes: number, digits: number): string {
	return (bytes / 1024 ** 2).toFixed(digits);
}

function text(value: string | number): string {
	return value.toLocaleString('en');
}
