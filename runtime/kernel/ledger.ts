/**
 * The books of a node: every message sent is handled or becomes a dead letter with a reason, and what is neither yet
 * is pending. The counts are kept where things happen and never derived from each other, so that they can disagree
 * when there is a bug.
 */

import type { DeadLetterReason } from '../core/events.ts';

/** The figures of {@link Ledger}, as `system.stats()` gives them. */
export interface Stats {
	/** Messages (tell, send and ask) that entered the books here: sent here, or arrived without a known sender. */
	readonly sent: number;
	/** Messages whose handler returned, or answered with a `Rejection`. */
	readonly handled: number;
	/** Messages that nobody will handle, by reason. */
	readonly deadLetters: Readonly<Partial<Record<DeadLetterReason, number>>>;
	/** Messages in mailboxes, stashes and outboxes of this node, and those being handled. */
	readonly pending: number;
}

/** Frames of other nodes that links have not taken, since the node started. None of it loses a message, or gives one twice. */
export interface FrameCounts {
	/** Frames that had been taken before: sent again because an acknowledgement was late, doubled by NATS, or replayed. */
	readonly repeated: number;
	/** Frames ahead of one that was missing: lost on the way, or overtaken. The link asks for it. */
	readonly early: number;
	/** Frames of a node that has left or was declared dead: late, or it does not know yet. Its books have been closed. */
	readonly stale: number;
}

/** Counts messages. */
export class Ledger {
	readonly frames: { -readonly [Count in keyof FrameCounts]: number } = { repeated: 0, early: 0, stale: 0 };
	sent = 0;
	handled = 0;
	readonly #dead = new Map<DeadLetterReason, number>();

	bury(reason: DeadLetterReason, count = 1): void {
		this.#dead.set(reason, (this.#dead.get(reason) ?? 0) + count);
	}

	/** New books, which begin with what is pending. */
	reset(pending: number): void {
		this.sent = pending;
		this.handled = 0;
		this.#dead.clear();
	}

	stats(pending: number): Stats {
		return { sent: this.sent, handled: this.handled, deadLetters: Object.fromEntries(this.#dead), pending };
	}
}
