/** The result of the analysis, as lines to read and as one digest to compare. */

import { createHash } from 'node:crypto';
import { getBorderCharacters, table } from 'table';
import type { Tally } from '../analysis.ts';
import { count, megabytes } from './figures.ts';

const ROWS = 10;

/** What there is to be seen in the files. */
export function findings({ extensions, imports, licences, words, histogram }: Tally): string[] {
	const largest = [...extensions].sort(([, one], [, other]) => other.bytes - one.bytes).slice(0, ROWS);
	const rows = largest.map(([extension, { files, binary, bytes, lines, blank, longest }]) => [
		extension,
		count(files),
		count(binary),
		megabytes(bytes),
		count(lines),
		count(blank),
		count(longest),
	]);
	const picture = table([['files', 'number', 'binary', 'size', 'lines', 'blank', 'longest'], ...rows], {
		border: getBorderCharacters('norc'),
		drawHorizontalLine: (index, size) => index === 0 || index === 1 || index === size,
		columnDefault: { alignment: 'right' },
		columns: [{ alignment: 'left' }],
	});
	return [
		picture.trimEnd(),
		`imported:  ${top(imports)}`,
		`licences:  ${top(licences)}`,
		`words:     ${top(words)}`,
		`entropy:   ${entropy(histogram).toFixed(3)} bits in a byte`,
	];
}

/** Equal for equal tallies, whatever the order in which they were added up. */
export function digestOf({ histogram, ...maps }: Tally): string {
	const sorted = Object.values(maps).map((map) => [...map].sort(([one], [other]) => (one < other ? -1 : 1)));
	const figures = JSON.stringify([sorted, [...histogram]], (_, value) =>
		isRecord(value) ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)) : value,
	);
	return createHash('sha256').update(figures).digest('hex');
}

function top(counts: ReadonlyMap<string, number>): string {
	const most = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).slice(0, ROWS);
	return most.map(([key, times]) => `${key} ${count(times)}`).join(' · ') || 'none';
}

/** Shannon's: 8 for noise, 0 for a file of one letter. */
function entropy(histogram: Float64Array): number {
	const total = histogram.reduce((sum, times) => sum + times, 0);
	return histogram.reduce((sum, times) => (times === 0 ? sum : sum - (times / total) * Math.log2(times / total)), 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
