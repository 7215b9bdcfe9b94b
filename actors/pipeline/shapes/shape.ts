/** Stages that change the flow and not the elements: each makes a stream of one or several others, anew for each run. */

import type { Batch, Signal, Stand, Stream } from '../stream.ts';

/** Makes the stream of a run. */
export type Shape = (upstreams: readonly Stream[], stand: Stand) => Stream;

/** A stream that ends those that it is made of. */
export function streamOf(upstreams: readonly Stream[], next: () => Promise<Batch | undefined>): Stream {
	return {
		next,
		async cancel() {
			await Promise.all(upstreams.map((upstream) => upstream.cancel()));
		},
	};
}

/** Asks a stream for its next batch, and lets somebody who has other things to wait for know when it is there. */
export class Asking {
	readonly #upstream: Stream;
	readonly #signal: Signal;
	#asked = false;
	#batch: Batch | undefined;
	#error: { readonly error: unknown } | undefined;
	/** Whether it has ended, and given all it had. */
	over = false;

	constructor(upstream: Stream, signal: Signal) {
		this.#upstream = upstream;
		this.#signal = signal;
	}

	/** What has come since it was asked; asks again if there is nothing. */
	take(): Batch | undefined {
		if (this.#error) throw this.#error.error;
		const batch = this.#batch;
		this.#batch = undefined;
		if (!batch && !this.#asked && !this.over) this.#ask();
		return batch;
	}

	#ask(): void {
		this.#asked = true;
		this.#upstream.next().then(
			(batch) => {
				this.#asked = false;
				this.#batch = batch;
				this.over = batch === undefined;
				this.#signal.wake();
			},
			(error) => {
				this.#error = { error };
				this.#signal.wake();
			},
		);
	}
}
