/**
 * What only some actors have, made when first needed: children, watchers, watches, timers, a history of
 * restarts. Keeping it off the cell keeps an idle actor small.
 */

import type { Intensity } from '../../supervisor/intensity.ts';
import type { ActorTimers } from './actor-timers.ts';
import type { Cell } from './cell.ts';
import type { Envelope, ReplyTo } from './envelope.ts';
import type { Watch } from './watch.ts';

/** The rarely needed parts of a cell. */
export class Backstage {
	/** In the order in which they were started. */
	children: Map<string, Cell> | undefined;
	/** Makes names for children that were given none. */
	childNumber = 0;
	/** Who is told when the actor ends. */
	watchers: Set<ReplyTo> | undefined;
	/** Whom the present instance watches, by what all refs to the same actor have in common. */
	watching: Map<unknown, Watch> | undefined;
	timers: ActorTimers | undefined;
	/** Behind the present instance's `this.signal`. */
	abort: AbortController | undefined;
	restarts: Intensity | undefined;
	/** Restarts among the children, for a strategy with a limit of its own. */
	childRestarts: Intensity | undefined;
	/** The message that crashed the actor, while its supervision decides. */
	judged: Envelope | undefined;
	/** The message that crashed the actor and is tried again, and how often it has been. */
	retry: { readonly envelope: Envelope; readonly count: number } | undefined;
	/** Called when the asynchronous section that the cell is in has ended. */
	onQuiet: (() => void)[] | undefined;
	/** Tells whoever waits for the start that the actor has ended. */
	neverStarted: ((error: Error) => void) | undefined;
	/** The end of the actor, once somebody has asked for it. */
	stopped: Promise<void> | undefined;
	/** Which restart the cell takes part in, so that an earlier one leaves it alone. */
	restart: object | undefined;
	/** Ends the wait before a restart. */
	hurry: (() => void) | undefined;
}
