/**
 * When the registry may give away an ID of which it has no record. Its content may have been lost, with the records of
 * holders who live and have not noticed yet; and what is in a bucket says nothing of what was in its last life. So each life
 * begins unsettled, and is settled by a mark in it. Whoever writes the mark knows that nobody acts for an ID any more who has
 * not entered it in this life:
 *
 * | who writes it | and knows because |
 * |---|---|
 * | a node that has just been started | NATS says that nobody listens for the system's heartbeats: it is the first |
 * | any node that has seen this life for a lease | whoever has not entered what he held in it has not renewed his lease either |
 */

import type { Clock } from '../core/clock.ts';
import type { LastingBucket } from './lasting-bucket.ts';

/** A key that no ID has. */
const MARK = '=settled';
/** What it says: by which of the two it was written. */
const [FIRST, WAITED] = [1, 2];
/** So long those who held IDs before, and waited as well, go before others when a life is settled, in ms. */
const HEAD_START = 4_000;

/** A life of the registry, as it was at some moment since it was asked for. */
export interface Life {
	/** The bucket's `created`. */
	readonly life: number;
	readonly settled: boolean;
	/** Until then nobody who waited is given an ID that another one waited to enter again; on the node's monotonic clock. */
	readonly until: number;
}

/** What one node knows of the present life. */
export class Settlement {
	readonly #bucket: LastingBucket;
	readonly #clock: Clock;
	readonly #lease: number;
	/** The life that was seen last, and since when. */
	#life = Number.NaN;
	#since = 0;
	#settled = Number.NaN;
	#until = Number.POSITIVE_INFINITY;
	/** When IDs without a record are to be had by all. */
	#open = Number.NEGATIVE_INFINITY;

	constructor(bucket: LastingBucket, clock: Clock, lease: number) {
		this.#bucket = bucket;
		this.#clock = clock;
		this.#lease = lease;
	}

	/** What a node that has just been started does first; `alone`: whether nobody of the system is there. */
	async begin(alone: () => Promise<boolean>): Promise<void> {
		const { life, settled } = await this.look();
		if (!settled && (await alone())) await this.#settle(life, FIRST);
	}

	/** The life in which an ID without a record is free; `undefined` when it may be somebody's. */
	async free(): Promise<number | undefined> {
		const life = this.#bucket.created;
		const free = this.#settled === life ? { life, settled: true } : await this.look();
		return free.settled && this.#clock.now() >= this.#open ? free.life : undefined;
	}

	/** Looks in the store; rejects when that is out of reach. */
	async look(): Promise<Life> {
		for (;;) {
			const life = this.#bucket.created;
			const asked = this.#clock.now();
			const mark = await this.#bucket.get(MARK);
			if (!mark) await this.#bucket.lookAgain();
			if (life === this.#bucket.created) return this.#seen(life, mark?.value[0], asked);
		}
	}

	async #seen(life: number, mark: number | undefined, asked: number): Promise<Life> {
		const now = this.#clock.now();
		if (life !== this.#life) {
			this.#life = life;
			this.#since = now;
			this.#until = mark === WAITED ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
		}
		if (life !== this.#settled) {
			const waited = now - this.#since;
			if (mark === undefined && waited < this.#lease) {
				this.#until = asked + HEAD_START;
				return { life, settled: false, until: this.#until };
			}
			if (waited > 0 && mark !== FIRST) this.#open = now + HEAD_START;
			if (mark === undefined) await this.#settle(life, WAITED);
			this.#settled = life;
		}
		return { life, settled: true, until: this.#until };
	}

	async #settle(life: number, mark: number): Promise<void> {
		await this.#bucket.create(MARK, new Uint8Array([mark]), life);
		this.#settled = life;
	}
}
