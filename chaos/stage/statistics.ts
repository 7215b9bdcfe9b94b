/** Figures of several rounds. */

/** The value that so large a part of them does not exceed: the nearest rank, so it is one that was measured. */
export function percentile(values: readonly number[], part: number): number {
	const sorted = values.toSorted((one, other) => one - other);
	return sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)] ?? Number.NaN;
}

/** `p50 / p99` of times in ms, for a table. */
export function spread(values: readonly number[]): string {
	return [0.5, 0.99].map((part) => Math.round(percentile(values, part)).toLocaleString('en')).join(' / ');
}
