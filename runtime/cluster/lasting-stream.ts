/** A stream that outlives its content. What was said of an earlier life of it holds no more. */

import { Lasting } from './lasting.ts';
import type { Appended, Stream, StreamEntry, StreamOptions, StreamStore } from './stream.ts';

/** A stream that is opened again when it is lost. */
export class LastingStream extends Lasting<Stream> {
	static async open(store: StreamStore, name: string, options: StreamOptions): Promise<LastingStream> {
		const open = (): Promise<Stream> => store.open(name, options);
		return new LastingStream(open, await open());
	}

	get maxBytes(): number {
		return this.present.maxBytes;
	}

	append(key: string, value: Uint8Array, id: string, after?: number): Promise<Appended> {
		return this.on((stream) => stream.append(key, value, id, after));
	}

	next(key: string, from: number, certain?: boolean): Promise<StreamEntry | undefined> {
		return this.on((stream) => stream.next(key, from, certain));
	}

	/** In the life of that `created`: in another, the number is some other value's, and what is meant is gone. */
	async remove(key: string, sequence: number, life: number): Promise<boolean> {
		if (this.created !== life) return false;
		return this.onlyOn(
			(stream) => stream.remove(key, sequence),
			() => false,
		);
	}

	backlog(): Promise<ReadonlyMap<string, number>> {
		return this.on((stream) => stream.backlog());
	}

	entries(key?: string): Promise<readonly StreamEntry[]> {
		return this.on((stream) => stream.entries(key));
	}
}
