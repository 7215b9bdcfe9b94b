/**
 * What one node makes of another's silence: a pure record with a verdict. "No responders" comes fast when the process
 * is gone, but also when it is merely cut off, so it counts only after the time in which a cut-off node suspends
 * itself, and only if its record has not moved meanwhile: who comes back renews it before acting again. A lease counts as run out only when its revision has stood still for the whole lease, on this node's own
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

	/** Its lease was read, and had this revision. If that is another than before, it has been renewed. */
	leaseSeen(revision: number, now: number): void {
		if (this.#revision === revision) return;
		if (this.#revision !== undefined) this.#unreachableSince = undefined;
		this.#revision = revision;
		this.#revisionSince = now;
	}

	/** The revision that its lease has had all the time; `undefined` when it has not been read. */
	get revision(): number | undefined {
		return this.#revision;
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
		if (this.#revision === undefined) return 'suspect';
		const stood = now - this.#revisionSince;
		const unreachable = this.#unreachableSince === undefined ? 0 : now - this.#unreachableSince;
		if (Math.min(stood, unreachable) >= SUSPEND_AFTER + EVICT_MARGIN) return 'no-responders';
		return stood >= lease * (1 + LEASE_MARGIN) ? 'lease-expired' : 'suspect';
	}
}
