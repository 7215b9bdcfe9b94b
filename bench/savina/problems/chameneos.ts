/**
 * Savina's `chameneos`: creatures meet in pairs at a mall and take each other's complement for a colour. Each meeting is
 * four messages, all of them through or about one actor, which pairs whoever comes.
 */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';

export const CREATURES = 100;
export const MEETINGS = 10_000;

/** Blue, red and yellow. */
export type Color = 0 | 1 | 2;

/** The colour of the creature of that number, before it has met anybody. */
export function colorOf(creature: number): Color {
	return (creature % 3) as Color;
}

/** The same, if they are the same; otherwise the third. */
export function complement(one: Color, other: Color): Color {
	return (one === other ? one : 3 - one - other) as Color;
}

/** Each creature counts its meetings, so that every meeting is counted twice. */
export interface Tally {
	readonly creatures: number;
	readonly meetings: number;
}

export const chameneos: Problem<Tally> = {
	workload: {
		name: 'chameneos',
		what: `${CREATURES} actors meet in pairs, arranged by one, messages/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: 4 * MEETINGS,
	answer: { creatures: CREATURES, meetings: 2 * MEETINGS },
};
