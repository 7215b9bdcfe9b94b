/** Chance from a seed, so that all contenders draw the same lots: xorshift32 (Marsaglia, 2003), a few operations each. */

/** A sequence of its own for each seed. */
export class Random {
	#state: number;

	constructor(seed: number) {
		// Neighbouring seeds would begin alike, and zero would stay zero.
		this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
	}

	/** A whole number from 0 to `limit` - 1. */
	below(limit: number): number {
		let state = this.#state;
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		this.#state = state;
		return (state >>> 0) % limit;
	}
}
