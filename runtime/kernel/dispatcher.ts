/**
 * Whose turn it is. One run queue of cells with work, drained by one microtask; after a budget of messages or time the
 * event loop gets to do I/O. The budget spans microtasks, so actors that wake each other through resolved promises
 * cannot starve it either.
 */

import type { Clock } from '../core/clock.ts';
import { MESSAGES_PER_TICK, MILLISECONDS_PER_TICK, TURN } from '../core/config.ts';
import { Fifo } from '../mailbox/fifo.ts';
import { outside } from './running.ts';

/** A microtask by a settled promise costs half of what `queueMicrotask` does. */
const NOW = Promise.resolve();

/** Turns between two looks at the clock, which cost as much as handling a message. */
const TURNS_PER_LOOK = 4;

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

	/** `failed` is told of what a turn let through. */
	constructor(clock: Clock, failed: (error: unknown) => void) {
		this.#clock = clock;
		this.#failed = failed;
	}

	/** Gives `cell` a turn; the caller makes sure that it is queued once only. */
	schedule(cell: Runnable): void {
		this.#queue.push(cell);
		if (this.#armed) return;
		this.#armed = true;
		NOW.then(this.#drain);
	}

	/** Whoever woke a cell in an async context of its own must not lend it to what runs here. */
	readonly #drain = (): void => outside(this.#run);

	readonly #run = (): void => {
		let stop = 0;
		let turns = 0;
		for (let cell = this.#queue.shift(); cell !== undefined; cell = this.#queue.shift()) {
			// A turn that handled nothing still counts, or empty turns could go round for ever.
			this.#budget--;
			try {
				this.#budget -= cell.run(TURN);
			} catch (error) {
				// A fault of the runtime itself: whatever it is, the other actors go on.
				this.#failed(error);
			}
			// Most microtasks end after a turn or two, and never ask what time it is.
			const now = ++turns % TURNS_PER_LOOK === 0 ? this.#clock.now() : 0;
			if (turns === TURNS_PER_LOOK) stop = now + MILLISECONDS_PER_TICK;
			if (this.#budget <= 0 || now > stop) {
				setImmediate(this.#afterIo);
				return;
			}
		}
		this.#armed = false;
	};

	readonly #afterIo = (): void => {
		this.#budget = MESSAGES_PER_TICK;
		this.#drain();
	};
}
