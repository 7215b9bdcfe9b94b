/**
 * Where elements come from. A source is whatever can be iterated, a function that returns such a thing, or one with an `ack`,
 * which is told of each element when the sink has it.
 *
 * | the run | the source |
 * |---|---|
 * | needs elements | is asked for the next one, up to 512 ahead of the first stage |
 * | has an element in its sink, and all that was made of it | `ack(element)`, if it has that |
 * | ends before the source does | `return()` of its iterator, as when a loop is left |
 */

import { BadOption } from '../../supervisor/bad-option.ts';
import { type Batch, NO_RECEIPTS, Receipt, Signal, type Stream } from './stream.ts';

/** A source that is told what has reached the sink. */
export interface AcknowledgedSource<T> extends AsyncIterable<T> {
	/** The element, and all that was made of it, is where it should be. Its promise is not waited for; a failure ends the run. */
	ack(element: T): unknown;
}

/** What a pipeline may begin with: arrays, generators, Node streams, channels, or a function that returns one for each run. */
export type Source<T> =
	| Iterable<T>
	| AsyncIterable<T>
	| AcknowledgedSource<T>
	| (() => Iterable<T> | AsyncIterable<T> | Promise<Iterable<T> | AsyncIterable<T>>);

/** Elements that are asked for before they are needed, and that go on together at most. */
export const AHEAD = 512;

/** `ERR_BAD_OPTION` for what is no source. */
export function checkSource<T>(source: Source<T>): Source<T> {
	if (typeof source === 'function' || isIterable(source)) return source;
	throw new BadOption('source', source, 'something iterable, or a function that returns it');
}

function isIterable(value: unknown): boolean {
	if (typeof value === 'string' || value === null || typeof value !== 'object') return false;
	return Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** What a source asks of its run. */
export interface ReadPorts {
	readonly failed: (error: unknown) => void;
	/** Whether what is given back is worth acknowledging: not when the run has failed. */
	readonly live: () => boolean;
}

/** Begins to read a source. */
export function read(source: Source<unknown>, ports: ReadPorts): Stream {
	if (typeof source === 'function') return new Opening(async () => read(checkSource(await source()) as never, ports));
	if (Symbol.asyncIterator in source) return new Reader(source as AsyncIterable<unknown>, ports);
	return new Taker(source as Iterable<unknown>);
}

/** Of a source that is still to be made. */
class Opening implements Stream {
	readonly #open: () => Promise<Stream>;
	#opened: Promise<Stream> | undefined;
	#cancelled = false;

	constructor(open: () => Promise<Stream>) {
		this.#open = open;
	}

	async next(): Promise<Batch | undefined> {
		if (this.#cancelled) return undefined;
		this.#opened ??= this.#open();
		return (await this.#opened).next();
	}

	async cancel(): Promise<void> {
		this.#cancelled = true;
		await this.#opened?.then(
			(stream) => stream.cancel(),
			() => {},
		);
	}
}

/** Of what is there already. */
class Taker implements Stream {
	readonly #iterator: Iterator<unknown>;
	#over = false;

	constructor(source: Iterable<unknown>) {
		this.#iterator = source[Symbol.iterator]();
	}

	async next(): Promise<Batch | undefined> {
		if (this.#over) return undefined;
		const values: unknown[] = [];
		while (values.length < AHEAD) {
			const { done, value } = this.#iterator.next();
			if (done) {
				this.#over = true;
				break;
			}
			values.push(value);
		}
		return values.length > 0 ? { values, receipts: NO_RECEIPTS } : undefined;
	}

	async cancel(): Promise<void> {
		if (!this.#over) this.#iterator.return?.();
		this.#over = true;
	}
}

/** Of what comes in time: a little is read ahead. */
class Reader implements Stream {
	readonly #iterator: AsyncIterator<unknown>;
	readonly #ack: ((element: unknown) => unknown) | undefined;
	readonly #ports: ReadPorts;
	#values: unknown[] = [];
	readonly #filled = new Signal();
	readonly #emptied = new Signal();
	#reading = false;
	#over = false;
	#error: { readonly error: unknown } | undefined;

	constructor(source: AsyncIterable<unknown> & { ack?(element: unknown): unknown }, ports: ReadPorts) {
		this.#iterator = source[Symbol.asyncIterator]();
		this.#ack = typeof source.ack === 'function' ? (element) => source.ack?.(element) : undefined;
		this.#ports = ports;
	}

	async next(): Promise<Batch | undefined> {
		if (!this.#reading) void this.#read();
		while (this.#values.length === 0 && !this.#over) await this.#filled.wait();
		const values = this.#values;
		if (values.length === 0) {
			if (this.#error) throw this.#error.error;
			return undefined;
		}
		this.#values = [];
		this.#emptied.wake();
		return { values, receipts: this.#ack ? [this.#receiptOf(values, this.#ack)] : NO_RECEIPTS };
	}

	async cancel(): Promise<void> {
		if (this.#over) return;
		this.#end();
		// One that waits for its next element may never come back from it.
		void this.#iterator.return?.()?.then(undefined, () => {});
	}

	async #read(): Promise<void> {
		this.#reading = true;
		try {
			while (!this.#over) {
				const { done, value } = await this.#iterator.next();
				if (done) break;
				if (this.#over) return;
				this.#values.push(value);
				this.#filled.wake();
				while (this.#values.length >= AHEAD && !this.#over) await this.#emptied.wait();
			}
		} catch (error) {
			if (!this.#over) this.#error = { error };
		}
		this.#end();
	}

	#end(): void {
		this.#over = true;
		this.#filled.wake();
		this.#emptied.wake();
	}

	#receiptOf(values: readonly unknown[], ack: (element: unknown) => unknown): Receipt {
		const { failed, live } = this.#ports;
		return new Receipt(() => {
			if (!live()) return;
			for (const value of values) {
				try {
					const acknowledged = ack(value);
					if (acknowledged instanceof Promise) acknowledged.catch(failed);
				} catch (error) {
					failed(error);
				}
			}
		});
	}
}
