/**
 * This node's right to act as owner, for a time: the fence before every cell with a registered ID. Looked at before every
 * turn, and, on the wall clock alone, before every message in it. It holds as long as both of these do, by two clocks:
 * monotonic time stops while a VM is suspended, and the wall clock can be set back; only both together are safe.
 *
 * - the *lease*: a tenth less than its length, from the start of the last renewal;
 * - the *contact*: D (1 s), from when the server was last asked for a sign of life that it gave, or a renewal began. So
 *   the server still had this node's subscriptions then, and nobody can have been told before that nobody listens.
 *
 * | the fence | | an answer of the server | a renewal | the connection is lost | time |
 * |---|---|---|---|---|---|
 * | up | messages are handled | the contact is renewed | both are | loose | late after D, lapsed after the lease |
 * | loose: up, on a connection without an answer yet | handled | up | up | loose | lapsed after D |
 * | late: down, on the connection of the last contact | wait | up, if asked within D | up | lapsed | |
 * | lapsed: down, and may have been evicted | wait | none | up | lapsed | |
 * | over: evicted, or has left | wait for their end | none | none | none | |
 *
 * Who evicts this node waits for D and a margin from when it was told first that nobody listens: see `suspicion.ts`.
 */

import type { Clock } from '../core/clock.ts';
import { LEASE_MARGIN, SUSPEND_AFTER } from '../core/config.ts';
import type { Cell } from '../kernel/cell.ts';
import type { Tenure } from '../kernel/tenure.ts';

interface Deadline {
	readonly now: number;
	readonly wall: number;
}

/** A moment on both clocks, and the connection that there was. */
export interface Instant extends Deadline {
	readonly connection: number;
}

const NEVER: Deadline = { now: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

/** The fence that all cells with a registered ID share. */
export class OwnLease implements Tenure {
	readonly #clock: Clock;
	readonly #length: number;
	readonly #down: () => void;
	#lease = NEVER;
	#contact = NEVER;
	/** Rises whenever the connection is lost. */
	#connection = 0;
	/** The connection of the last contact. */
	#known = 0;
	/** The earlier of both, as two numbers, because this is read before every message. */
	#now = NEVER.now;
	#wall = NEVER.wall;
	#over = false;
	/** When it was looked at last, and whether there was once no look for so long that others may have evicted this node. */
	#seen: Deadline | undefined;
	#slept = false;
	readonly #parked = new Set<Cell>();
	/** Who was woken first when the fence went up. */
	#first: Cell | undefined;

	/** `down` is called when a message finds the fence down. */
	constructor(clock: Clock, lease: number, down: () => void) {
		this.#clock = clock;
		this.#length = lease * (1 - LEASE_MARGIN);
		this.#down = down;
	}

	holds(): boolean {
		return this.#clock.now() < this.#now && this.#clock.wall() < this.#wall;
	}

	stillHolds(): boolean {
		return this.#clock.wall() < this.#wall;
	}

	park(cell: Cell): void {
		this.#parked.add(cell);
		this.#down();
	}

	/** Whether anybody waits for the fence to go up. */
	get awaited(): boolean {
		return this.#parked.size > 0;
	}

	/**
	 * Looked at again and again as long as this process runs. Whether it has not, for a lease, since the last renewal: who
	 * sleeps, and not only cannot reach anybody, cannot say what others were able to do meanwhile.
	 */
	look(): boolean {
		const { now, wall } = this.instant();
		if (this.#seen) this.#slept ||= Math.max(now - this.#seen.now, wall - this.#seen.wall) >= this.#length;
		this.#seen = { now, wall };
		return this.#slept;
	}

	/** Whether it takes a renewal to raise the fence when it is down. */
	get lapsed(): boolean {
		return this.#known !== this.#connection || !this.#before(this.#lease);
	}

	/** A renewal that began at `started` has succeeded: others would have had to see it stand still for D before they evict. */
	renewed(started: Instant): void {
		this.#lease = after(started, this.#length);
		this.#slept = false;
		this.#touched(started);
	}

	/** The server has given the sign of life that it was asked for at `asked`. Returns how long that took, in ms. */
	answered(asked: Instant): number {
		if (asked.connection !== this.#connection) return Number.POSITIVE_INFINITY;
		// Between two connections the server knew of nobody here, and if that was for too long, only the record can tell.
		if (this.#known === this.#connection || this.holds()) this.#touched(asked);
		return this.#clock.now() - asked.now;
	}

	/** The connection was lost. */
	disconnected(): void {
		this.#connection++;
	}

	/** The right is gone for good: this incarnation has been evicted, or has left. */
	end(): void {
		this.#over = true;
		this.#set();
	}

	/** This instant, to give to {@link OwnLease.renewed} or {@link OwnLease.answered} later. */
	instant(): Instant {
		return { now: this.#clock.now(), wall: this.#clock.wall(), connection: this.#connection };
	}

	#touched(at: Instant): void {
		this.#known = at.connection;
		const contact = after(at, SUSPEND_AFTER);
		if (contact.now >= this.#contact.now) this.#contact = contact;
		this.#set();
	}

	#set(): void {
		const [lease, contact] = this.#over ? [NEVER, NEVER] : [this.#lease, this.#contact];
		this.#now = Math.min(lease.now, contact.now);
		this.#wall = Math.min(lease.wall, contact.wall);
		if (this.#parked.size > 0 && this.holds()) this.#wake();
	}

	/** A handler may take all the time there is: then whoever was the first is the last the next time. */
	#wake(): void {
		const [first, ...rest] = this.#parked;
		const parked = first === undefined || first !== this.#first ? this.#parked : [...rest, first];
		const cells = [...parked];
		this.#first = cells[0];
		this.#parked.clear();
		// Before those who need no fence: it may be down again when they have had their turns.
		cells[0]?.kernel.dispatcher.ahead(() => {
			for (const cell of cells) cell.wake();
		});
	}

	#before({ now, wall }: Deadline): boolean {
		return this.#clock.now() < now && this.#clock.wall() < wall;
	}
}

function after({ now, wall }: Deadline, milliseconds: number): Deadline {
	return { now: now + milliseconds, wall: wall + milliseconds };
}
