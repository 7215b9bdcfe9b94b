/**
 * Adds up what the consumers found, each chunk once: a chunk may be analysed any number of times, its ID says whether
 * it is in the sum already. Either way its producer is told that it need not care for it any longer.
 */

import { Actor, type ActorRef, stop } from '../../index.ts';
import { add, emptyTally, type Tally } from '../analysis.ts';
import type { Producer } from './producer.ts';

/** How far the store is. */
export interface Stored {
	/** Chunks in the sum. */
	readonly chunks: number;
	readonly bytes: number;
	/** Results of chunks that were in the sum already. */
	readonly duplicates: number;
}

/** The ID of a job's store. */
export function storeId(job: string): string {
	return `store/${job}`;
}

/** The third stage: store. */
export class Store extends Actor {
	static readonly kind = 'demo.store';
	/** What it holds is in no other place: to begin again with nothing would be to lie. */
	static readonly supervision = stop();
	readonly #sum = emptyTally();
	readonly #chunks = new Set<string>();
	#bytes = 0;
	#duplicates = 0;

	add(chunk: string, tally: Tally, producer: ActorRef<Producer>): void {
		producer.tell.stored(chunk);
		if (this.#chunks.has(chunk)) {
			this.#duplicates++;
			return;
		}
		this.#chunks.add(chunk);
		for (const { bytes } of tally.extensions.values()) this.#bytes += bytes;
		add(this.#sum, tally);
	}

	progress(): Stored {
		return { chunks: this.#chunks.size, bytes: this.#bytes, duplicates: this.#duplicates };
	}

	result(): Tally {
		return this.#sum;
	}
}
