/**
 * Savina's `philosopher`: an arbiter has the forks. Unlike Savina's it does not turn the hungry away, to come back at
 * once, but serves them when both forks are free: so every contender needs the same three messages for a meal.
 */

import { aheadOfPeers, nearTheFloor, type Problem, rate } from '../problem.ts';

export const PHILOSOPHERS = 20;
/** Of each philosopher. */
export const MEALS = 600;

/** How often each has eaten, by seat. */
export type Meals = readonly number[];

/** Who eats and who waits; the arbiters' common knowledge. */
export class Table {
	readonly #eats: boolean[] = Array.from({ length: PHILOSOPHERS }, () => false);
	readonly #waits: boolean[] = Array.from({ length: PHILOSOPHERS }, () => false);

	static leftOf(seat: number): number {
		return seat === 0 ? PHILOSOPHERS - 1 : seat - 1;
	}

	static rightOf(seat: number): number {
		return seat === PHILOSOPHERS - 1 ? 0 : seat + 1;
	}

	wait(seat: number): void {
		this.#waits[seat] = true;
	}

	/** Hands over both forks, if somebody waits for them there and they are free. */
	serve(seat: number): boolean {
		if (!this.#waits[seat] || this.#eats[Table.leftOf(seat)] || this.#eats[Table.rightOf(seat)]) return false;
		this.#waits[seat] = false;
		this.#eats[seat] = true;
		return true;
	}

	clear(seat: number): void {
		this.#eats[seat] = false;
	}
}

export const philosophers: Problem<Meals> = {
	workload: {
		name: 'philosophers',
		what: `${PHILOSOPHERS} actors get their forks from one, messages/s`,
		figures: rate,
		goals: [nearTheFloor, aheadOfPeers],
	},
	items: 3 * PHILOSOPHERS * MEALS,
	answer: Array.from({ length: PHILOSOPHERS }, () => MEALS),
};
