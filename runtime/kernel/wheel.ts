/**
 * A hashed timing wheel (Varghese and Lauck, 1987): any number of deadlines on one timer of the clock port. Adding and
 * removing are a few pointer writes, so that an ask needs no timer of its own. Resolution: one millisecond.
 */

import type { Cancel, Clock } from '../core/clock.ts';

const SLOTS = 1_024;

/** Something with a deadline. An entry is on at most one wheel. */
export abstract class Timed {
	/** When it is due, in clock milliseconds. Kept by the wheel. */
	due = 0;
	/** Kept by the wheel. */
	previous: Timed | undefined;
	/** Kept by the wheel. */
	next: Timed | undefined;

	/** The deadline has passed. */
	abstract expired(): void;
}

class Slot extends Timed {
	override previous: Timed = this;
	override next: Timed = this;

	override expired(): void {}
}

/** Deadlines, cheaply. */
export class TimingWheel {
	readonly #clock: Clock;
	readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => new Slot());
	#count = 0;
	#swept: number;
	#armed = Number.POSITIVE_INFINITY;
	#cancel: Cancel | undefined;
	#closed = false;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#swept = Math.floor(clock.now());
	}

	/** Entries with a deadline ahead. */
	get length(): number {
		return this.#count;
	}

	/** Has `entry` expire `delay` milliseconds from now, and not before. */
	add(entry: Timed, delay: number): void {
		// Never on a tick that has been swept already: it would wait there for a whole round.
		const due = Math.max(Math.ceil(this.#clock.now() + delay), this.#swept + 1);
		entry.due = due;
		const slot = this.#slots[due % SLOTS] as Slot;
		entry.previous = slot.previous;
		entry.next = slot;
		(slot.previous as Timed).next = entry;
		slot.previous = entry;
		this.#count++;
		if (due < this.#armed) this.#arm(Math.min(due, Math.ceil(this.#clock.now()) + SLOTS));
	}

	/** Forgets the entry's deadline; harmless when it has none. */
	remove(entry: Timed): void {
		const { previous, next } = entry;
		if (!previous || !next) return;
		previous.next = next;
		next.previous = previous;
		entry.previous = undefined;
		entry.next = undefined;
		this.#count--;
	}

	/** Forgets all deadlines, and keeps none from now on. */
	close(): void {
		this.#closed = true;
		this.#cancel?.();
		this.#armed = Number.POSITIVE_INFINITY;
		for (const slot of this.#slots) while (slot.next !== slot) this.remove(slot.next);
	}

	/**
	 * A timer that turns out to have nothing to do costs less than cancelling one for every entry that is removed. None is
	 * longer than one round, so that a process with nothing left to wait for ends within a second.
	 */
	#arm(at: number): void {
		if (this.#closed) return;
		this.#cancel?.();
		this.#armed = at;
		this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#sweep());
	}

	#sweep(): void {
		this.#armed = Number.POSITIVE_INFINITY;
		this.#cancel = undefined;
		const now = Math.floor(this.#clock.now());
		const expired: Timed[] = [];
		const from = Math.max(this.#swept + 1, now - SLOTS + 1);
		for (let tick = from; tick <= now; tick++) {
			const slot = this.#slots[tick % SLOTS] as Slot;
			for (let entry = slot.next; entry !== slot; ) {
				const { next } = entry;
				if (entry.due <= now) {
					this.remove(entry);
					expired.push(entry);
				}
				entry = next as Timed;
			}
		}
		this.#swept = now;
		for (const entry of expired) entry.expired();
		this.#armNext(now);
	}

	/** Wakes at the next slot with anything in it; an entry of a later round costs one look per round. */
	#armNext(now: number): void {
		if (this.#count === 0) return;
		for (let tick = now + 1; tick <= now + SLOTS; tick++) {
			const slot = this.#slots[tick % SLOTS] as Slot;
			if (slot.next !== slot) {
				if (tick < this.#armed) this.#arm(tick);
				return;
			}
		}
	}
}
