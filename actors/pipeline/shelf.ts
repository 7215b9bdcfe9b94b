/** Elements that wait, and go on in other numbers than they came in; each still knows what it owes to the source. */

import { type Batch, hold, NO_RECEIPTS, type Receipt, settle } from './stream.ts';

/** What has come and not gone on. */
export class Shelf {
	readonly #batches: Batch[] = [];
	/** How many of the first are gone. */
	#from = 0;
	#length = 0;

	/** How many wait. */
	get length(): number {
		return this.#length;
	}

	put(batch: Batch): void {
		if (batch.values.length === 0) return settle(batch);
		this.#batches.push(batch);
		this.#length += batch.values.length;
	}

	/** Takes the first ones, as many as there are and no more than that. */
	take(most: number): Batch {
		const first = this.#batches[0];
		if (
			first &&
			this.#from === 0 &&
			first.values.length <= most &&
			(this.#batches.length === 1 || most === first.values.length)
		) {
			this.#batches.shift();
			this.#length -= first.values.length;
			return first;
		}
		const values: unknown[] = [];
		const receipts: Receipt[] = [];
		while (values.length < most && this.#length > 0) {
			const batch = this.#batches[0] as Batch;
			const until = Math.min(batch.values.length, this.#from + most - values.length);
			for (let n = this.#from; n < until; n++) values.push(batch.values[n]);
			this.#length -= until - this.#from;
			receipts.push(...batch.receipts);
			if (until === batch.values.length) {
				this.#batches.shift();
				this.#from = 0;
			} else {
				// The rest of it is still owed.
				hold(batch, 1);
				this.#from = until;
			}
		}
		return { values, receipts: receipts.length > 0 ? receipts : NO_RECEIPTS };
	}

	/** Gives up what waits: nothing will come of it, and nothing is acknowledged. */
	clear(): void {
		this.#batches.length = 0;
		this.#from = this.#length = 0;
	}
}
