/**
 * What a node has sent and handled, counted by the actors and their callers themselves: the runtime keeps books of its
 * own, and both must say the same.
 */

export const LOADS = [
	'remote tells',
	'remote asks',
	'large messages',
	'local tells',
	'local asks',
	'churn of actors',
] as const;

export type LoadName = (typeof LOADS)[number];

/** Messages of one load, as seen by one node. */
export interface Count {
	sent: number;
	handled: number;
}

/** All that one node counts. */
export interface Tally {
	readonly loads: Readonly<Record<LoadName, Count>>;
	/** Actors spawned and stopped again. */
	readonly ended: { withId: number; withoutId: number };
}

/** Nothing yet. */
export function newTally(): Tally {
	const loads = Object.fromEntries(LOADS.map((name) => [name, { sent: 0, handled: 0 }]));
	return { loads: loads as Record<LoadName, Count>, ended: { withId: 0, withoutId: 0 } };
}

/** What several nodes have counted together. */
export function sumOf(tallies: readonly Tally[]): Tally {
	const sum = newTally();
	for (const { loads, ended } of tallies) {
		for (const name of LOADS) {
			sum.loads[name].sent += loads[name].sent;
			sum.loads[name].handled += loads[name].handled;
		}
		sum.ended.withId += ended.withId;
		sum.ended.withoutId += ended.withoutId;
	}
	return sum;
}
