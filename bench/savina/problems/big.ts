/** Savina's `big`, from the Erlang suite: each of many actors pings others at random, and goes on when the pong is there. */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';

export const PINGERS = 60;
/** Of each pinger. */
export const PINGS = 400;

/** What the pingers count. A stray is a pong from anybody else than the one that was pinged. */
export interface Pongs {
	readonly pongs: number;
	readonly strays: number;
}

export const big: Problem<Pongs> = {
	workload: {
		name: 'big',
		what: `${PINGERS} actors ping each other at random, messages/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: 2 * PINGERS * PINGS,
	answer: { pongs: PINGERS * PINGS, strays: 0 },
};
