/**
 * A workload of this group and how to tell that it was done. Sizes, lots and the one right answer are the problem's, and
 * so the same for all contenders.
 */

import type { Figure, Goal, Workload } from '../workload.ts';

/** A workload with its only right answer. */
export interface Problem<Answer> {
	readonly workload: Workload;
	/** What one play is worth: messages, where the workload does not say otherwise; not the few that begin and end it. */
	readonly items: number;
	/** Deeply compared with what each play comes to. */
	readonly answer: Answer;
}

/** The one figure of every workload here. */
export const rate: readonly Figure[] = [{ name: 'rate', unit: '/s', better: 'more' }];

/** Faster than what people use instead. */
export const aheadOfPeers: Goal = { figure: 'rate', against: 'peers', atLeast: 1 };

/** What supervision, bounds and books cost, where all is told and nothing is asked: less than two fifths. */
export const nearTheFloor: Goal = { figure: 'rate', against: 'floor', atLeast: 0.6 };
