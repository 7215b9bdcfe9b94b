/**
 * A stream that outlives its content, as {@link LastingBucket} does: when JetStream's state was lost, it is opened again,
 * and goes on in its next life. What was said of an earlier life holds no more: `created` tells.
 */

import type { Appended, Stream, StreamEntry, StreamOptions, StreamStore } from './stream.ts';

/** A stream that is opened again when it is lost. */
export class LastingStream {
	readonly #store: StreamStore;
	readonly #name: string;
	readonly #options: StreamOptions;
	#stream: Stream;
	#opening: Promise<void> | undefined;

	private constructor(store: StreamStore, name: string, options: StreamOptions, stream: Stream) {
		this.#store = store;
		this.#name = name;
		this.#options = options;
		this.#stream = stream;
	}

	static async open(store: StreamStore, name: string, options: StreamOptions): Promise<LastingStream> {
		return new LastingStream(store, name, options, await store.open(name, options));
	}

	get created(): number {
		return this.#stream.created;
	}

	get maxBytes(): number {
		return this.#stream.maxBytes;
	}

	append(key: string, value: Uint8Array, id: string, after?: number): Promise<Appended> {
		return this.#on((stream) => stream.append(key, value, id, after));
	}

	next(key: string, from: number, certain?: boolean): Promise<StreamEntry | undefined> {
		return this.#on((stream) => stream.next(key, from, certain));
	}

	/** In the life of that `created`: in another, the number is some other value's, and what is meant is gone. */
	async remove(key: string, sequence: number, life: number): Promise<boolean> {
		const stream = this.#stream;
		if (stream.created !== life) return false;
		try {
			return await stream.remove(key, sequence);
		} catch (error) {
			await this.lookAgain().catch(() => {});
			if (this.#stream === stream) throw error;
			return false;
		}
	}

	backlog(): Promise<ReadonlyMap<string, number>> {
		return this.#on((stream) => stream.backlog());
	}

	entries(key?: string): Promise<readonly StreamEntry[]> {
		return this.#on((stream) => stream.entries(key));
	}

	/** Moves on to the stream's new life, if it has one. Rejects when nobody can say which life it is in. */
	lookAgain(): Promise<void> {
		this.#opening ??= this.#reopen().finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	/** A failure may mean that the stream has gone. If so, nothing of the operation is left, and it is done in the new one. */
	async #on<T>(operate: (stream: Stream) => Promise<T>): Promise<T> {
		const stream = this.#stream;
		try {
			return await operate(stream);
		} catch (error) {
			await this.lookAgain().catch(() => {});
			if (this.#stream === stream) throw error;
			return operate(this.#stream);
		}
	}

	async #reopen(): Promise<void> {
		const stream = await this.#store.open(this.#name, this.#options);
		if (stream.created !== this.#stream.created) this.#stream = stream;
	}
}
