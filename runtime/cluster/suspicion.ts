/**
 * What one node makes of another's silence: a pure record with a verdict. "No responders" comes fast when the process
 * is gone, but also when it is merely cut off, so it counts only after the time in which a cut-off node suspends
 * itself. A lease counts as run out only when its revision has stood still for the whole lease, on this node's own
 * monotonic clock, while this node was connected itself.
 */

import { EVICT_MARGIN, LEASE_MARGIN, MISSED_HEARTBEATS, SUSPEND_AFTER } from '../core/config.ts';

/** What to do about a node. */
export type Verdict = 'fine' | 'suspect' | 'no-responders' | 'lease-expired';

/** The periods that the verdict depends on, in ms. */
export interface Periods {
	readonly heartbeat: number;
	readonly lease: number;
}

/** The case against one node. All times are the observer's monotonic milliseconds. */
export class Suspicion {
	readonly #periods: Periods;
	#heard: number;
	#unreachableSince: number | undefined;
	#revision: number | undefined;
	#revisionSince = 0;

	constructor(periods: Periods, now: number) {
		this.#periods = periods;
		this.#heard = now;
	}

	/** It gave a sign of life. */
	heard(now: number): void {
		this.#heard = Math.max(this.#heard, now);
		this.#unreachableSince = undefined;
		this.#revision = undefined;
	}

	/** A probe came back: nobody listens on its subject. */
	unreachable(now: number): void {
		this.#unreachableSince ??= now;
	}

	/** A probe was not answered, which says nothing about who listens. */
	silent(): void {
		this.#unreachableSince = undefined;
	}

	/** Its lease was read, and had this revision. */
	leaseSeen(revision: number, now: number): void {
		if (this.#revision === revision) return;
		this.#revision = revision;
		this.#revisionSince = now;
	}

	/** The observer was cut off itself: what it saw before counts no more. */
	startOver(now: number): void {
		this.#heard = Math.max(this.#heard, now);
		this.#unreachableSince = undefined;
		this.#revision = undefined;
	}

	verdict(now: number): Verdict {
		const { heartbeat, lease } = this.#periods;
		const missed = now - this.#heard > heartbeat * MISSED_HEARTBEATS;
		if (!missed && this.#unreachableSince === undefined) return 'fine';
		if (this.#unreachableSince !== undefined && now - this.#unreachableSince >= SUSPEND_AFTER + EVICT_MARGIN)
			return 'no-responders';
		if (this.#revision !== undefined && now - this.#revisionSince >= lease * (1 + LEASE_MARGIN)) return 'lease-expired';
		return 'suspect';
	}
}
