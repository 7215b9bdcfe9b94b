/** Parcels that fit no frame travel in chunks, one after the other, and are joined again: `CHUNK last? bytes`. */

import type { ByteReader } from '../core/bytes.ts';
import { MAX_MESSAGE } from '../core/config.ts';
import { CHUNK } from './parcel.ts';

/** Bytes that a chunk adds to what it holds. */
export const CHUNK_HEAD = 2;
/** Room for the head that stands before the largest body. */
const HEAD = 1_024;

/** Puts chunks together, never beyond the largest message. */
export class ChunkJoiner {
	#parts: Buffer[] = [];
	#bytes = 0;

	/** Takes a chunk; returns the parcel with its last one. Throws a RangeError when it grows too large. */
	add(chunk: ByteReader): Buffer | undefined {
		const last = chunk.varint() === 1;
		const part = chunk.rest();
		this.#bytes += part.length;
		if (this.#bytes > MAX_MESSAGE + HEAD) {
			this.#clear();
			throw new RangeError('a chunked parcel beyond the largest message');
		}
		this.#parts.push(Buffer.from(part));
		if (!last) return undefined;
		const parcel = Buffer.concat(this.#parts);
		this.#clear();
		if (parcel[0] === CHUNK) throw new RangeError('a chunk of chunks');
		return parcel;
	}

	#clear(): void {
		this.#parts = [];
		this.#bytes = 0;
	}
}

/** The parcels of a stream, chunks joined. What is left of one whose beginning has been acknowledged is no parcel. */
export function* joinChunks(parcels: readonly Buffer[]): Iterable<Buffer> {
	let parts: Buffer[] = [];
	for (const parcel of parcels) {
		if (parcel[0] !== CHUNK) {
			yield parcel;
			continue;
		}
		parts.push(parcel.subarray(CHUNK_HEAD));
		if (parcel[1] !== 1) continue;
		yield Buffer.concat(parts);
		parts = [];
	}
}
