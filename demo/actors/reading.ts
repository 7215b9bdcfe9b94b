/** A file that a producer is reading: its chunks in order, how many of them there are, and how many are stored. */

import { type Chunk, chunksOf } from '../input/chunks.ts';
import type { InputFile } from '../input/walk.ts';

export class Reading {
	readonly path: string;
	/** Chunks read so far. */
	chunks = 0;
	/** Why the file could not be read to its end. */
	trouble: string | undefined;
	readonly #source: AsyncGenerator<Chunk>;
	#stored = 0;
	#ended = false;

	constructor(root: string, file: InputFile) {
		this.path = file.path;
		this.#source = chunksOf(root, file);
	}

	/** Everything has been read, and all of it is stored. */
	get done(): boolean {
		return this.#ended && this.#stored === this.chunks;
	}

	/** The next chunk; `undefined` at the end, be it the file's or the file system's. */
	async next(): Promise<Chunk | undefined> {
		try {
			const { value, done } = await this.#source.next();
			if (!done) {
				this.chunks++;
				return value;
			}
		} catch (error) {
			this.trouble = (error as Error).message;
		}
		this.#ended = true;
		return undefined;
	}

	/** One of its chunks is in the store. */
	stored(): void {
		this.#stored++;
	}

	async close(): Promise<void> {
		await this.#source.return(undefined);
	}
}
