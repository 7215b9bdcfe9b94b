/** Named alarms on the clock port, which all end together. */

import type { Cancel, Clock } from '../core/clock.ts';

/** The alarms of one purpose. Setting one again under its name replaces it. */
export class Alarms {
	readonly #clock: Clock;
	readonly #cancels = new Map<string, Cancel>();
	#ended = false;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Runs `run` once, after `delay` ms. */
	once(name: string, delay: number, run: () => void): void {
		if (this.#ended) return;
		this.cancel(name);
		const cancel = this.#clock.after(delay, () => {
			this.#cancels.delete(name);
			run();
		});
		this.#cancels.set(name, cancel);
	}

	/** Runs `run` each `interval` ms. */
	every(name: string, interval: number, run: () => void): void {
		this.once(name, interval, () => {
			this.every(name, interval, run);
			run();
		});
	}

	cancel(name: string): void {
		this.#cancels.get(name)?.();
		this.#cancels.delete(name);
	}

	/** Ends all alarms, and those that anybody may still set. */
	end(): void {
		this.#ended = true;
		for (const cancel of this.#cancels.values()) cancel();
		this.#cancels.clear();
	}
}
