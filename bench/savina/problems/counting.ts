/** Savina's `count`: a producer tells a counter to add one, many times over in one turn, and then asks for the count. */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';

/** Below Troupe's default capacity of a mailbox: all of them wait there when the counter has its first turn. */
export const INCREMENTS = 50_000;

export const counting: Problem<number> = {
	workload: {
		name: 'counting',
		what: `one actor floods another with ${INCREMENTS} messages, messages/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: INCREMENTS,
	answer: INCREMENTS,
};
