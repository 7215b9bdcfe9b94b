/**
 * Savina's `concdict`: clerks read and write one dictionary, one operation after the other. Each has keys of its own, so
 * that what it reads is known beforehand, and a reply that is lost, doubled or another's shows in its checksum.
 */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';
import { Random } from '../random.ts';

export const CLERKS = 20;
const OPERATIONS = 1_000;
const KEYS_OF_A_CLERK = 256;
const WRITES_IN_PERCENT = 10;

/** A write if it has a value, otherwise a read. */
export interface Operation {
	readonly key: number;
	readonly value: number | undefined;
}

/** What the clerks made of the replies, by clerk, and the sum of all values in the end. */
export interface Inventory {
	readonly checksums: readonly number[];
	readonly total: number;
}

/** What each clerk does, by clerk. */
export const scripts: readonly (readonly Operation[])[] = Array.from({ length: CLERKS }, (_, clerk) => {
	const random = new Random(clerk);
	return Array.from({ length: OPERATIONS }, () => ({
		key: clerk * KEYS_OF_A_CLERK + random.below(KEYS_OF_A_CLERK),
		value: random.below(100) < WRITES_IN_PERCENT ? random.below(1_000_000) : undefined,
	}));
});

/** A dictionary as it is in the beginning. */
export function firstEdition(): Map<number, number> {
	return new Map(Array.from({ length: CLERKS * KEYS_OF_A_CLERK }, (_, key) => [key, key]));
}

/** Does what is asked for; the reply is the key's value, which a write makes the new one. */
export function operate(dictionary: Map<number, number>, key: number, value: number | undefined): number {
	if (value === undefined) return dictionary.get(key) ?? -1;
	dictionary.set(key, value);
	return value;
}

export function totalOf(dictionary: ReadonlyMap<number, number>): number {
	return [...dictionary.values()].reduce((total, value) => total + value, 0);
}

/** The checksum after one more reply. */
export function fold(checksum: number, reply: number): number {
	return (Math.imul(checksum, 31) + reply) | 0;
}

/** The same without actors. */
function model(): Inventory {
	const dictionary = firstEdition();
	const checksums = scripts.map((script) =>
		script.reduce((checksum, { key, value }) => fold(checksum, operate(dictionary, key, value)), 0),
	);
	return { checksums, total: totalOf(dictionary) };
}

export const dictionary: Problem<Inventory> = {
	workload: {
		name: 'dictionary',
		what: `${CLERKS} actors read from and write into the map of one, messages/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: 2 * CLERKS * OPERATIONS,
	answer: model(),
};
