/**
 * Savina's `quicksort`: an actor keeps what equals its pivot, and spawns one child for what is less and one for what is
 * more, down to lists that are not worth it. The children's ends are not timed, their beginnings are.
 */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';
import { Random } from '../random.ts';

const NUMBERS = 50_000;
/** Shorter lists are sorted by whoever has them; it takes some fifteen hundred actors to get there. */
const WORTHWHILE = 128;

/** Where a list stands: before or after what equals the pivot. */
export type Side = 'less' | 'more';

/** A list in three. */
export interface Parts {
	readonly less: readonly number[];
	readonly equal: readonly number[];
	readonly more: readonly number[];
}

const random = new Random(1_024);

export const input: readonly number[] = Array.from({ length: NUMBERS }, () => random.below(1_000_000));

/** Sorts a list that is not worth dividing. */
export function sorted(numbers: readonly number[]): readonly number[] | undefined {
	return numbers.length < WORTHWHILE ? numbers.toSorted((one, other) => one - other) : undefined;
}

/** Divides a list by the number in its middle. */
export function divide(numbers: readonly number[]): Parts {
	const pivot = numbers[numbers.length >> 1] as number;
	const parts = { less: [] as number[], equal: [] as number[], more: [] as number[] };
	for (const number of numbers) {
		if (number < pivot) parts.less.push(number);
		else if (number > pivot) parts.more.push(number);
		else parts.equal.push(number);
	}
	return parts;
}

export const quicksort: Problem<readonly number[]> = {
	workload: {
		name: 'quicksort',
		what: `${NUMBERS} numbers, sorted by a tree of actors that they spawn, numbers/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: NUMBERS,
	answer: input.toSorted((one, other) => one - other),
};
