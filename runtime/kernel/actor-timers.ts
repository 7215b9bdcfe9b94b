/**
 * An actor's timers. What is due runs as a turn of the actor, before its messages and never beside one; a tick that
 * comes while the last one still waits for its turn is that one. A restart or stop ends them all.
 */

import { type Duration, milliseconds } from '../../supervisor/duration.ts';
import type { Cell } from './cell.ts';
import { runHook } from './running.ts';
import { NEVER, type Timed } from './wheel.ts';

/** Ends one timer. */
export type CancelTimer = () => void;

class ActorTimer implements Timed {
	due = NEVER;
	previous: Timed | undefined = undefined;
	next: Timed | undefined = undefined;
	readonly #cell: Cell;
	readonly #run: () => unknown;
	readonly #every: number | undefined;
	readonly #ended: (timer: ActorTimer) => void;
	#waiting = false;
	#cancelled = false;

	constructor(cell: Cell, run: () => unknown, every: number | undefined, ended: (timer: ActorTimer) => void) {
		this.#cell = cell;
		this.#run = run;
		this.#every = every;
		this.#ended = ended;
	}

	cancel(): void {
		this.#cancelled = true;
		this.#cell.kernel.wheel.remove(this);
	}

	expired(): void {
		if (this.#every !== undefined) this.#cell.kernel.wheel.add(this, this.#every);
		if (this.#waiting) return;
		this.#waiting = true;
		this.#cell.signal(() => {
			this.#waiting = false;
			if (this.#cancelled) return;
			if (this.#every === undefined) this.#ended(this);
			return runHook(this.#cell, this.#run, []);
		});
	}
}

/** The timers of an instance that is over. */
export function noTimers(cell: Cell): ActorTimers {
	const timers = new ActorTimers(cell);
	timers.close();
	return timers;
}

/** What `this.timers` is. */
export class ActorTimers {
	readonly #cell: Cell;
	readonly #timers = new Map<unknown, ActorTimer>();
	#closed = false;

	constructor(cell: Cell) {
		this.#cell = cell;
	}

	/** Runs `run` once, after `delay`. A timer with the same `key` is replaced. */
	once(delay: Duration, run: () => unknown, key?: string): CancelTimer {
		return this.#start(milliseconds(delay, 'timers.once'), run, undefined, key);
	}

	/** Runs `run` each `interval`, first after one interval. A timer with the same `key` is replaced. */
	every(interval: Duration, run: () => unknown, key?: string): CancelTimer {
		const every = Math.max(1, milliseconds(interval, 'timers.every'));
		return this.#start(every, run, every, key);
	}

	/** Ends the timer with that key; harmless when there is none. */
	cancel(key: string): void {
		this.#timers.get(key)?.cancel();
		this.#timers.delete(key);
	}

	/** Ends all timers. */
	clear(): void {
		for (const timer of this.#timers.values()) timer.cancel();
		this.#timers.clear();
	}

	/** @internal: the instance is over. Its timers have ended, and what it starts now never runs. */
	close(): void {
		this.clear();
		this.#closed = true;
	}

	#start(delay: number, run: () => unknown, every: number | undefined, key: unknown = Symbol('timer')): CancelTimer {
		if (this.#closed) return () => {};
		this.#timers.get(key)?.cancel();
		const forget = (timer: ActorTimer): void => {
			if (this.#timers.get(key) === timer) this.#timers.delete(key);
		};
		const timer = new ActorTimer(this.#cell, run, every, forget);
		this.#timers.set(key, timer);
		this.#cell.kernel.wheel.add(timer, delay);
		return () => {
			timer.cancel();
			forget(timer);
		};
	}
}
