/**
 * What one node makes of another's silence: a pure record with a verdict, by this node's own monotonic clock and what it
 * has seen while it was connected itself. "No responders" comes fast when the process is gone, but also when it is merely
 * cut off, so it counts only after D, in which a node that is cut off puts down its fence (see `own-lease.ts`), and a
 * margin.
 *
 * | verdict | when | until |
 * |---|---|---|
 * | fine | | two heartbeats are missed, or a probe says "no responders": suspect |
 * | suspect | one of the two | it is heard: fine; or one of the following |
 * | no-responders | every probe for D and the margin said so, its record stood still as long, and NATS is whole | it is evicted (`inquest.ts`) |
 * | lease-expired | its record stood still for the lease and a tenth | it is evicted |
 *
 * A probe that is not answered, a record that has moved, and a loss of this node's own connection begin the count anew.
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
	/** Between these, NATS has said "no responders" and nothing else. */
	#unreachable: { readonly since: number; readonly until: number } | undefined;
	#revision: number | undefined;
	#revisionSince = 0;

	constructor(periods: Periods, now: number) {
		this.#periods = periods;
		this.#heard = now;
	}

	/** It gave a sign of life. */
	heard(now: number): void {
		this.#heard = Math.max(this.#heard, now);
		this.#unreachable = undefined;
		this.#revision = undefined;
	}

	/**
	 * A probe that was sent at `asked` came back: nobody listens on its subject. The answer was given some time between, so
	 * that the first counts from its end, and every other up to its beginning.
	 */
	unreachable(asked: number, now: number): void {
		this.#unreachable = { since: this.#unreachable?.since ?? now, until: asked };
	}

	/** A probe was not answered, which says nothing about who listens. */
	silent(): void {
		this.#unreachable = undefined;
	}

	/** Its lease was read, and had this revision. If that is another than before, it has been renewed. */
	leaseSeen(revision: number, now: number): void {
		if (this.#revision === revision) return;
		if (this.#revision !== undefined) this.#unreachable = undefined;
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
		this.#unreachable = undefined;
		this.#revision = undefined;
	}

	/**
	 * `whole`: this node's server knows of all other servers. When it has lost one, that one may serve nodes that it tells that
	 * all is well, and to whom nobody here has a way: then only their leases tell.
	 */
	verdict(now: number, whole = true): Verdict {
		const { heartbeat, lease } = this.#periods;
		const missed = now - this.#heard > heartbeat * MISSED_HEARTBEATS;
		if (!missed && this.#unreachable === undefined) return 'fine';
		if (this.#revision === undefined) return 'suspect';
		const stood = now - this.#revisionSince;
		const unreachable = this.#unreachable ? this.#unreachable.until - this.#unreachable.since : 0;
		if (whole && Math.min(stood, unreachable) >= SUSPEND_AFTER + EVICT_MARGIN) return 'no-responders';
		return stood >= lease * (1 + LEASE_MARGIN) ? 'lease-expired' : 'suspect';
	}

	/** Milliseconds until a probe may decide, at least 1; none, as long as nothing counts against the node. */
	undecided(now: number): number | undefined {
		if (this.#unreachable === undefined || this.#revision === undefined) return undefined;
		const since = Math.max(this.#unreachable.since, this.#revisionSince);
		return Math.max(1, since + SUSPEND_AFTER + EVICT_MARGIN - now);
	}
}
