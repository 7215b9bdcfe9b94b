/**
 * Elements by the window: so many of them, or those of a span of time, as it passes on the run's node. Each window goes on as
 * one element, a list.
 */

import { Shelf } from '../shelf.ts';
import { type Batch, Signal, type Stand, type Stream } from '../stream.ts';
import { Asking, type Shape, streamOf } from './shape.ts';

/**
 * So many elements, or fewer when the first of them has waited for `within` ms, or at the end. (This is also the tumbling
 * window by count.)
 */
export function batches(size: number, within: number | undefined): Shape {
	return ([upstream], stand) => {
		const signal = new Signal();
		const asking = new Asking(upstream as never, signal);
		const shelf = new Shelf();
		let due = Number.POSITIVE_INFINITY;
		let cancel = (): void => {};
		const put = (batch: Batch): void => {
			if (shelf.length === 0 && batch.values.length > 0) wait();
			shelf.put(batch);
		};
		const wait = (): void => {
			if (within === undefined) return;
			due = stand.now() + within;
			cancel = stand.after(within, () => signal.wake());
		};
		const cut = (): Batch => {
			cancel();
			due = Number.POSITIVE_INFINITY;
			const { values, receipts } = shelf.take(size);
			if (shelf.length > 0) wait();
			return { values: [values], receipts };
		};
		const stream = streamOf([upstream as never], async () => {
			for (;;) {
				if (shelf.length >= size || (shelf.length > 0 && (asking.over || stand.now() >= due))) return cut();
				const batch = asking.take();
				if (batch) put(batch);
				else if (!asking.over) await signal.wait();
				else if (shelf.length === 0) return undefined;
			}
		});
		return stream;
	};
}

/** The last `count` elements, each time that `every` more have come; at the end, what has come since, with those before it. */
export function countWindows(count: number, every: number): Shape {
	if (count === every) return batches(count, undefined);
	return ([upstream]) => {
		const shelf = new Shelf();
		let last: unknown[] = [];
		let over = false;
		return streamOf([upstream as never], async () => {
			while (shelf.length < every && !over) {
				const batch = await upstream?.next();
				if (batch) shelf.put(batch);
				else over = true;
			}
			if (shelf.length === 0) return undefined;
			const { values, receipts } = shelf.take(every);
			// Those between two windows, where windows do not overlap, are in none.
			last = [...last, ...values].slice(-Math.max(count, 1));
			return { values: [every > count ? values.slice(0, count) : last], receipts };
		});
	};
}

/** The elements of the last `span` ms, each `every` ms in which there are any. */
export function timeWindows(span: number, every: number): Shape {
	return ([upstream], stand) => {
		const windows = new TimeWindows(upstream as never, stand, span, every);
		return streamOf([upstream as never], () => windows.next());
	};
}

class TimeWindows {
	readonly #stand: Stand;
	readonly #span: number;
	readonly #every: number;
	readonly #signal = new Signal();
	readonly #asking: Asking;
	/** What is in no window yet. */
	readonly #fresh = new Shelf();
	/** What the next window may have. */
	#last: { readonly value: unknown; readonly at: number }[] = [];
	#due: number | undefined;

	constructor(upstream: Stream, stand: Stand, span: number, every: number) {
		this.#stand = stand;
		this.#span = span;
		this.#every = every;
		this.#asking = new Asking(upstream, this.#signal);
	}

	async next(): Promise<Batch | undefined> {
		for (;;) {
			const now = this.#stand.now();
			const last = this.#asking.over;
			if (this.#due !== undefined && (now >= this.#due || (last && this.#fresh.length > 0))) return this.#cut(now);
			if (last) return undefined;
			const batch = this.#asking.take();
			if (batch) this.#put(batch, now);
			else if (!this.#asking.over) await this.#signal.wait();
		}
	}

	#put(batch: Batch, at: number): void {
		for (const value of batch.values) this.#last.push({ value, at });
		this.#fresh.put(batch);
		if (this.#due === undefined && batch.values.length > 0) this.#wait();
	}

	#cut(now: number): Batch {
		const { receipts } = this.#fresh.take(Number.MAX_SAFE_INTEGER);
		const window = this.#last.filter(({ at }) => at > now - this.#span - 1);
		this.#last = this.#span > this.#every ? window : [];
		this.#due = undefined;
		if (this.#last.length > 0) this.#wait();
		return { values: window.length > 0 ? [window.map(({ value }) => value)] : [], receipts };
	}

	#wait(): void {
		this.#due = this.#stand.now() + this.#every;
		this.#stand.after(this.#every, () => this.#signal.wake());
	}
}
