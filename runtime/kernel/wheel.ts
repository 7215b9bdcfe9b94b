/**
 * A hashed timing wheel (Varghese and Lauck, 1987): any number of deadlines on one timer of the clock port. Adding and
 * removing are a few pointer writes, so that an ask needs no timer of its own. Resolution: one millisecond.
 */

import type { Cancel, Clock } from '../core/clock.ts';
import { outside } from './running.ts';
import { soon } from './soon.ts';

const SLOTS = 1_024;
/** No deadline; an integer, as all of them are, so that they are kept without a box. */
export const NEVER = -1;

/** Something with a deadline. An entry is on at most one wheel. */
export interface Timed {
	/** Kept by the wheel: when it is due, in clock ms; until the promises of that turn have been seen to, after how many. */
	due: number;
	/** Kept by the wheel. */
	previous: Timed | undefined;
	/** Kept by the wheel. */
	next: Timed | undefined;
	/** The deadline has passed. */
	expired(): void;
}

class Slot implements Timed {
	due = NEVER;
	previous: Timed = this;
	next: Timed = this;

	expired(): void {}
}

/** Puts the entry at the end of the slot's list. */
function link(entry: Timed, slot: Slot): void {
	entry.previous = slot.previous;
	entry.next = slot;
	slot.previous.next = entry;
	slot.previous = entry;
}

/** Takes the entry off its list; `false` when it is on none. */
function unlink(entry: Timed): boolean {
	const { previous, next } = entry;
	if (!previous || !next) return false;
	previous.next = next;
	next.previous = previous;
	entry.previous = undefined;
	entry.next = undefined;
	return true;
}

/** Deadlines, cheaply. */
export class TimingWheel {
	readonly #clock: Clock;
	readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => new Slot());
	/** What was added in this turn; most asks within a node are answered, and off the wheel again, by its promises. */
	readonly #added = new Slot();
	#placing = false;
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

	/** Has `entry` expire `delay` milliseconds after this turn's promises have been seen to, and not before. */
	add(entry: Timed, delay: number): void {
		entry.due = delay;
		link(entry, this.#added);
		this.#count++;
		if (this.#placing) return;
		this.#placing = true;
		soon(this.#placeSoon);
	}

	/** Forgets the entry's deadline; harmless when it has none. */
	remove(entry: Timed): void {
		entry.due = NEVER;
		if (unlink(entry)) this.#count--;
	}

	/** Forgets all deadlines, and keeps none from now on. */
	close(): void {
		this.#closed = true;
		this.#cancel?.();
		this.#armed = Number.POSITIVE_INFINITY;
		for (const slot of [this.#added, ...this.#slots]) while (slot.next !== slot) this.remove(slot.next);
	}

	/** A tick that is asked for among promises comes after all of them; one that a timer asks for, before. */
	readonly #placeSoon = (): void => process.nextTick(this.#place);

	/** Puts what was added on its slots: one look at the clock for all of it. */
	readonly #place = (): void => {
		this.#placing = false;
		const added = this.#added;
		if (added.next === added) return;
		const now = this.#clock.now();
		let first = this.#armed;
		for (let entry = added.next; entry !== added; entry = added.next) {
			// Never on a tick that has been swept already: it would wait there for a whole round.
			entry.due = Math.max(Math.ceil(now + entry.due), this.#swept + 1);
			if (entry.due < first) first = entry.due;
			unlink(entry);
			link(entry, this.#slots[entry.due % SLOTS] as Slot);
		}
		if (first < this.#armed) this.#arm(Math.min(first, Math.ceil(now) + SLOTS));
	};

	/**
	 * A timer that turns out to have nothing to do costs less than cancelling one for every entry that is removed. None is
	 * longer than one round, so that a process with nothing left to wait for ends within a second.
	 */
	#arm(at: number): void {
		if (this.#closed) return;
		this.#cancel?.();
		this.#armed = at;
		// Whoever is running lends the timer no async context: those that expire with it are others'.
		this.#cancel = outside(() => this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#sweep()));
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
