/** Records under one key of a stream, each written after the one before, for what is made of actors and must outlive its node. */

import type { LastingStream } from '../cluster/lasting-stream.ts';
import type { Codec } from '../codec/codec.ts';

/** How an operation is repeated until the store has answered. */
export type Surely = <T>(operate: () => Promise<T | undefined>) => Promise<T>;

/** Who has logbooks. */
export interface Logbooks {
	/** That of a key. Rejects with what no attempt can change. */
	logbook(key: string): Promise<Logbook>;
}

let logbooks = 0;

/** The records of one key. */
export class Logbook {
	readonly codec: Codec;
	readonly #stream: LastingStream;
	readonly #key: string;
	readonly #surely: Surely;
	readonly #name: string;
	/** The life of the stream that has been read. */
	#life = Number.NaN;
	#records = 0;

	/** `name` is no other node's. */
	constructor(codec: Codec, stream: LastingStream, key: string, name: string, surely: Surely) {
		this.codec = codec;
		this.#stream = stream;
		this.#key = key;
		this.#name = `${name}-log-${++logbooks}`;
		this.#surely = surely;
	}

	/** The largest record, in bytes. */
	get maxBytes(): number {
		return this.#stream.maxBytes;
	}

	/** All there are, the oldest first; `undefined` for one that cannot be read. */
	async read(): Promise<readonly (readonly [sequence: number, record: unknown])[]> {
		return this.#surely(async () => {
			const records: [number, unknown][] = [];
			this.#life = this.#stream.created;
			for (let from = 0; ; ) {
				const entry = await this.#stream.next(this.#key, from, true);
				if (this.#stream.created !== this.#life) return undefined;
				if (!entry) return records;
				records.push([entry.sequence, this.#decoded(entry.value)]);
				from = entry.sequence + 1;
			}
		});
	}

	/** Resolves to its number; to `undefined` when the last record is not `after`, or all of them are lost. */
	async append(record: unknown, after: number): Promise<number | undefined> {
		const value = this.codec.encode(record);
		const id = `${this.#name}-${++this.#records}`;
		const outcome = await this.#surely(async () => {
			if (this.#stream.created !== this.#life) return 'conflict';
			const appended = await this.#stream.append(this.#key, value, id, after);
			return appended === 'full' ? undefined : appended;
		});
		return outcome === 'conflict' || this.#stream.created !== this.#life ? undefined : outcome.sequence;
	}

	/** Resolves when it is gone. */
	async remove(sequence: number): Promise<void> {
		await this.#surely(() => this.#stream.remove(this.#key, sequence, this.#life));
	}

	#decoded(value: Uint8Array): unknown {
		try {
			return this.codec.decode(value);
		} catch {
			return undefined;
		}
	}
}
