/**
 * This node's right to act as owner, for a time. It ends by itself: at the deadline of the last renewal, or when the
 * node has been disconnected for too long, by whichever of two clocks says so first. Monotonic time stops while a VM
 * is suspended, and the wall clock can be set back; only both together are safe. Checked before every turn, and, on the
 * wall clock alone, before every message in it.
 */

import type { Clock } from '../core/clock.ts';
import { LEASE_MARGIN, SUSPEND_AFTER } from '../core/config.ts';
import type { Cell } from '../kernel/cell.ts';
import type { Tenure } from '../kernel/tenure.ts';

interface Deadline {
	readonly now: number;
	readonly wall: number;
}

const NEVER: Deadline = { now: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
const OPEN: Deadline = { now: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY };

/** The fence that all cells with a registered ID share. */
export class OwnLease implements Tenure {
	readonly #clock: Clock;
	readonly #length: number;
	readonly #lapsed: () => void;
	#renewed: Deadline = NEVER;
	#disconnected: Deadline = OPEN;
	/** The earlier of both, as two numbers, because this is read before every message. */
	#now = NEVER.now;
	#wall = NEVER.wall;
	readonly #parked = new Set<Cell>();

	/** `lapsed` is called when a message finds the fence down. */
	constructor(clock: Clock, lease: number, lapsed: () => void) {
		this.#clock = clock;
		this.#length = lease * (1 - LEASE_MARGIN);
		this.#lapsed = lapsed;
	}

	holds(): boolean {
		return this.#clock.now() < this.#now && this.#clock.wall() < this.#wall;
	}

	stillHolds(): boolean {
		return this.#clock.wall() < this.#wall;
	}

	park(cell: Cell): void {
		this.#parked.add(cell);
		this.#lapsed();
	}

	/** A renewal that began at `started` has succeeded. */
	renewed(started: Deadline): void {
		this.#renewed = { now: started.now + this.#length, wall: started.wall + this.#length };
		this.#set();
	}

	/** The connection was lost at this moment; others may find this node silent from now on. */
	disconnected(): void {
		this.#disconnected = { now: this.#clock.now() + SUSPEND_AFTER, wall: this.#clock.wall() + SUSPEND_AFTER };
		this.#set();
	}

	/** The connection is back. If the fence came down meanwhile, only a renewal raises it. */
	connected(): void {
		if (!this.holds()) this.#renewed = NEVER;
		this.#disconnected = OPEN;
		this.#set();
	}

	/** The right is gone for good: this incarnation has been evicted, or has left. */
	end(): void {
		this.#renewed = NEVER;
		this.#set();
	}

	/** This instant on both clocks, to give to {@link OwnLease.renewed}. */
	instant(): Deadline {
		return { now: this.#clock.now(), wall: this.#clock.wall() };
	}

	#set(): void {
		this.#now = Math.min(this.#renewed.now, this.#disconnected.now);
		this.#wall = Math.min(this.#renewed.wall, this.#disconnected.wall);
		if (!this.holds()) return;
		const parked = [...this.#parked];
		this.#parked.clear();
		for (const cell of parked) cell.wake();
	}
}
