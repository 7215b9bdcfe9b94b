/**
 * Whose turn it is. One run queue of cells with work, drained by one microtask; after a budget of messages or time the
 * event loop gets to do I/O. The budget spans microtasks, so actors that wake each other through resolved promises
 * cannot starve it either, nor can who asks in vain, over and over; handlers known to be slow overrun it by one message.
 * When they have held it up for very long, it is left alone for a moment: one round of I/O sends a question, and it takes
 * another to hear the answer.
 */

import type { Clock } from '../core/clock.ts';
import { MESSAGES_PER_TICK, MILLISECONDS_PER_TICK, SUSPEND_AFTER, TURN } from '../core/config.ts';
import { Fifo } from '../mailbox/fifo.ts';
import { outside } from './running.ts';
import { soon } from './soon.ts';

/** Work that took longer than this, in ms, is slow: the clock is looked at after each piece of it. */
const SLOW = 1;

/** So much may be done, after each turn of the event loop, before the first look: nobody knows yet how slow it is. */
const FIRST = 4;

/** Half of what the fence stands without a sign of life: when the event loop has been held up for so long, in ms... */
const HELD = SUSPEND_AFTER / 2;
/** ...it gets this part of that time for itself... */
const REST = 1 / 20;
/** ...but no more, in ms: a round trip to any server that is not far away. */
const LONGEST_REST = 50;

/** Something that has messages to handle. */
export interface Runnable {
	/** Handles at most `turn` messages, schedules itself again when there are more, and returns how many it handled. */
	run(turn: number): number;
}

/** The run queue of a system. */
export class Dispatcher {
	readonly #clock: Clock;
	readonly #queue = new Fifo<Runnable>();
	readonly #failed: (error: unknown) => void;
	#armed = false;
	#budget = MESSAGES_PER_TICK;
	/** When the event loop is to have its turn, in clock ms; `undefined` when it has had one since anybody looked. */
	#stop: number | undefined;
	/** When the clock was last looked at, and how much has been done since. */
	#looked = 0;
	#done = 0;
	/** How much may be done before the next look, which costs as much as handling a message. Also the length of a turn. */
	#pace = FIRST;

	/** `failed` is told of what a turn let through. */
	constructor(clock: Clock, failed: (error: unknown) => void) {
		this.#clock = clock;
		this.#failed = failed;
	}

	/** Gives `cell` a turn; the caller makes sure that it is queued once only. */
	schedule(cell: Runnable): void {
		this.#queue.push(cell);
		if (this.begin()) soon(this.drain);
	}

	/** Those whom `schedule` schedules come before all who wait: they have waited longer, and their time may be short. */
	ahead(schedule: () => void): void {
		const waiting: Runnable[] = [];
		for (let cell = this.#queue.shift(); cell !== undefined; cell = this.#queue.shift()) waiting.push(cell);
		schedule();
		for (const cell of waiting) this.#queue.push(cell);
	}

	/**
	 * For whoever is in a microtask of its own, and need not wait for one of ours: `true` when it has to call
	 * {@link Dispatcher.drain} once it has scheduled what it has to, `false` when somebody will.
	 */
	begin(): boolean {
		if (this.#armed) return false;
		this.#armed = true;
		return true;
	}

	/** Whether somebody waits for a turn until the event loop has had its own. */
	get behind(): boolean {
		return this.#queue.length > 0;
	}

	/**
	 * Gives turns until nobody wants one, or the event loop does. Whoever woke a cell in an async context of its own must
	 * not lend it to what runs here.
	 */
	readonly drain = (): void => outside(this.#run);

	/**
	 * The event loop has just done I/O: the count of messages begins anew, and the time goes on. A socket is read many times
	 * in a row, and what comes with each reading would pile up, grow cold, and be copied by the collector.
	 */
	refill(): void {
		this.#budget = MESSAGES_PER_TICK;
	}

	/** Counts what may go round for ever without a turn, such as a call that fails; `true` when I/O has to come first. */
	spend(): boolean {
		const now = this.#clock.now();
		if (this.#stop === undefined) this.#open(now);
		else if (now > this.#stop) return true;
		return --this.#budget < 0;
	}

	/**
	 * For what goes through without anybody's turn and without failing, such as a stop of nobody: who does that over and over
	 * has to wait for this, when there is anything to wait for. It resolves when the event loop has had its turn.
	 */
	breather(): Promise<void> | undefined {
		return this.spend() ? new Promise((resolve) => setImmediate(resolve)) : undefined;
	}

	readonly #run = (): void => {
		for (let cell = this.#queue.shift(); cell !== undefined; cell = this.#queue.shift()) {
			// A turn that handled nothing still counts, or empty turns could go round for ever.
			let work = 1;
			try {
				work += cell.run(this.#pace);
			} catch (error) {
				// A fault of the runtime itself: whatever it is, the other actors go on.
				this.#failed(error);
			}
			this.#budget -= work;
			this.#done += work;
			if (this.#budget <= 0 || (this.#done >= this.#pace && this.#late())) {
				this.#rest();
				return;
			}
		}
		this.#armed = false;
	};

	/** Lets the event loop have its turn. */
	#rest(): void {
		const held = this.#stop === undefined ? 0 : this.#looked - this.#stop + MILLISECONDS_PER_TICK;
		if (held < HELD) setImmediate(this.#afterIo);
		else this.#clock.after(Math.min(held * REST, LONGEST_REST), this.#afterIo);
	}

	/** Looks at the clock: whether it is time for I/O, and how soon to look again. */
	#late(): boolean {
		const now = this.#clock.now();
		const took = now - this.#looked;
		this.#looked = now;
		this.#done = 0;
		this.#pace = took > SLOW ? 1 : Math.min(2 * this.#pace, TURN);
		if (this.#stop !== undefined) return now > this.#stop;
		this.#open(now);
		return false;
	}

	/** From now on time counts, until the event loop has had its turn. */
	#open(now: number): void {
		this.#stop = now + MILLISECONDS_PER_TICK;
		setImmediate(this.#close);
	}

	readonly #close = (): void => {
		this.#stop = undefined;
		this.#budget = MESSAGES_PER_TICK;
		this.#pace = Math.min(this.#pace, FIRST);
	};

	readonly #afterIo = (): void => {
		this.#close();
		this.#looked = this.#clock.now();
		this.#open(this.#looked);
		this.drain();
	};
}
