/** What passes between the referee of a soak and its two nodes, by Node's own channel: one order, one report. */

import type { Sample } from './sample.ts';

export type NodeName = 'near' | 'far';

/** What a node is told at its birth. */
export interface Brief {
	readonly servers: string;
	/** The system's name. */
	readonly name: string;
	readonly node: NodeName;
}

/**
 * `begin`: put the other node, and yourself, under load; done when it is the full load. `hold`: let what is under way arrive, and begin nothing new.
 * `sample`: say how you are. `resume`: go on. `end`: stop the system.
 */
export type Order = 'begin' | 'hold' | 'sample' | 'resume' | 'end';

/** What a node says when it is up, and when it has carried out an order; or, at any time, what has gone wrong. */
export type Report = { readonly done: true; readonly sample?: Sample } | { readonly failed: string };
