/** A stage whose work the run does itself, an element at a time. */

import type { Meter } from './meter.ts';
import type { Batch, Stand, Stream } from './stream.ts';
import type { Poison, Work } from './work.ts';

/** Work without workers. */
export class Inline implements Stream {
	readonly #upstream: Stream;
	readonly #work: Work;
	readonly #meter: Meter;
	readonly #stand: Stand;
	readonly #setAside: ((poison: readonly Poison[]) => Promise<void>) | undefined;
	#inFlight = 0;

	constructor(
		upstream: Stream,
		work: Work,
		meter: Meter,
		stand: Stand,
		setAside: ((poison: readonly Poison[]) => Promise<void>) | undefined,
	) {
		this.#upstream = upstream;
		this.#work = work;
		this.#meter = meter;
		this.#stand = stand;
		this.#setAside = setAside;
		meter.present = () => ({ inFlight: this.#inFlight, queue: 0, workers: 1, lag: 0 });
	}

	async next(): Promise<Batch | undefined> {
		const batch = await this.#upstream.next();
		if (!batch) return undefined;
		const meter = this.#meter;
		meter.in += batch.values.length;
		this.#inFlight = batch.values.length;
		const begun = this.#stand.now();
		const outcome = this.#work.on(batch.values);
		const { values, poison, retries } = outcome instanceof Promise ? await outcome : outcome;
		meter.spent += this.#stand.now() - begun;
		this.#inFlight = 0;
		meter.out += values.length;
		meter.retries += retries;
		meter.failures += poison.length;
		if (poison.length > 0) await this.#setAside?.(poison);
		return { values, receipts: batch.receipts };
	}

	cancel(): Promise<void> {
		return this.#upstream.cancel();
	}

	finish(error?: unknown): Promise<void> {
		return this.#work.end(error);
	}
}
