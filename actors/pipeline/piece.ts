/** Elements that are with one worker at a time: how many they are, and what has come of them so far. */

import type { Packed } from './packed.ts';
import type { Batch } from './stream.ts';

/** A piece of a stage's work. */
export interface Piece {
	readonly number: number;
	batch: Batch;
	/** For which worker it is, where keys decide. */
	readonly lane: number | undefined;
	/** Since when it waits, by the run's clock. */
	readonly since: number;
	/** Workers that it has outlived. */
	deaths: number;
	results: unknown[];
	/** The same, as they have come. */
	packed: Packed | undefined;
}

/** Pieces that a worker has at a time, at least and at most: while some are on their way, another is worked on. */
const [FEWEST, MOST] = [2, 32];
/** What a worker has is work for about so long, in ms: longer than the way there and back. */
const IN_HAND = 20;
/** A piece is as many elements as take about so long, in ms, but no more than {@link LARGEST}. */
const PIECE_TIME = 10;
const LARGEST = 256;
/** What an element is thought to take before one has been seen, in ms. */
const GUESS = 0.5;

/** How large pieces should be, by how long elements take. */
export class Measure {
	/** Milliseconds that an element takes. */
	#cost = GUESS;

	/** So many elements have taken so long. */
	learn(elements: number, spent: number): void {
		if (elements > 0) this.#cost += (spent / elements - this.#cost) / 4;
	}

	/** Elements of a piece. */
	get size(): number {
		return Math.max(1, Math.min(LARGEST, Math.floor(PIECE_TIME / Math.max(this.#cost, 1e-6))));
	}

	/** Pieces that a worker may have. */
	get each(): number {
		const each = Math.floor(IN_HAND / Math.max(this.#cost * this.size, 1e-6));
		return Math.max(FEWEST, Math.min(MOST, each));
	}
}
