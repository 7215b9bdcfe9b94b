/** The little that is needed of it: medians, which a noisy machine moves least, and how far the rest strays from them. */

/** The middle value, or the mean of the two in the middle; `NaN` of nothing. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((one, other) => one - other);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The smallest and the largest value, in percent from the median. */
export function spread(values: readonly number[]): readonly [number, number] {
	const from = median(values);
	const percent = (value: number): number => (value / from - 1) * 100;
	return [percent(Math.min(...values)), percent(Math.max(...values))];
}
