/** What is left to chance, from a seed: the same seed makes the same choices. */

import { VirtualClock } from '../../runtime/core/clock.ts';

/** A source of choices. */
export class Chance {
	readonly #source: VirtualClock;

	constructor(seed: number) {
		this.#source = new VirtualClock({ seed });
	}

	/** Whether something of that probability happens. */
	happens(probability: number): boolean {
		return this.#source.random() < probability;
	}

	/** A whole number from 0 to below `limit`. */
	below(limit: number): number {
		return Math.floor(this.#source.random() * limit);
	}

	/** A whole number between, both included. */
	between(least: number, most: number): number {
		return least + this.below(most - least + 1);
	}

	one<T>(choices: readonly T[]): T {
		return choices[this.below(choices.length)] as T;
	}
}
