/** Savina's `fjthrput`: messages are dealt out to many actors, each of which says when it has had all of its own. */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';

export const WORKERS = 60;
/** For each worker. */
export const MESSAGES = 1_000;

/** What each worker's messages add up to, in the order of the workers. */
export type Sums = readonly number[];

export const forkJoin: Problem<Sums> = {
	workload: {
		name: 'fork-join',
		what: `${MESSAGES} messages to each of ${WORKERS} actors, in turn, from outside, messages/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: WORKERS * MESSAGES,
	// The messages are numbered from 0.
	answer: Array.from({ length: WORKERS }, () => (MESSAGES * (MESSAGES - 1)) / 2),
};
