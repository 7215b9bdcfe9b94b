/**
 * What the runtime itself says to actors, as envelopes that take the same roads as messages but enter by the system
 * lane and stand in no ledger. They are told apart by identity, so no message from the wire can pass for one.
 */

import { Handler } from './handler.ts';

/** Stop; the reply is that it has stopped. */
export const STOP = new Handler('stop').listed;

/** Tell me when you stop for good: a question that is answered by {@link Termination} at the end of the actor's life. */
export const WATCH = new Handler('watch').listed;

/** Whether a handler is one of the runtime's own. */
export function isControl(handler: Handler): boolean {
	return handler === STOP || handler === WATCH;
}

/** Why a watched actor is gone. */
export interface Termination {
	/**
	 * `stopped` on purpose; `crashed` and not restarted; `node-down`: its node was declared dead; `no-such-actor`: it was
	 * gone before the watch began.
	 */
	readonly reason: 'stopped' | 'crashed' | 'node-down' | 'no-such-actor';
	/** The crash, where there was one. */
	readonly error?: unknown;
}
