/** Writing parcels: the type, the numbers, the body; in chunks when they fit no frame. And joining chunks again. */

import { MAX_MESSAGE } from '../core/config.ts';
import type { Link } from './link.ts';
import { CHUNK, isMessage } from './parcel.ts';
import { putVarint, varintSize } from './varint.ts';

/** No body. */
export const EMPTY = Buffer.alloc(0);
/** Room for the head that stands before the largest body. */
const HEAD = 1_024;

/** Writes one parcel to the link. */
export function writeParcel(link: Link, type: number, head: readonly number[], body: Uint8Array = EMPTY): void {
	let size = 1 + body.length;
	for (const number of head) size += varintSize(number);
	if (size > link.capacity) writeChunks(link, type, head, body, size);
	else fill(link.reserve(size, isMessage(type)), type, head, body);
}

function writeChunks(link: Link, type: number, head: readonly number[], body: Uint8Array, size: number): void {
	const parcel = Buffer.allocUnsafe(size);
	fill(parcel, type, head, body);
	const step = link.capacity - 2;
	for (let at = 0; at < size; at += step) {
		const part = parcel.subarray(at, at + step);
		const last = at + step >= size;
		fill(link.reserve(part.length + 2, last && isMessage(type)), CHUNK, [last ? 1 : 0], part);
	}
}

function fill(into: Buffer, type: number, head: readonly number[], body: Uint8Array): void {
	into[0] = type;
	let at = 1;
	for (const number of head) at = putVarint(into, at, number);
	into.set(body, at);
}

/** Puts chunks together, never beyond the largest message. */
export class ChunkJoiner {
	#parts: Buffer[] = [];
	#bytes = 0;

	/** Takes a chunk; returns the parcel with its last one. Throws a RangeError when it grows too large. */
	add(last: boolean, bytes: Buffer): Buffer | undefined {
		this.#bytes += bytes.length;
		if (this.#bytes > MAX_MESSAGE + HEAD) {
			this.#clear();
			throw new RangeError('a chunked parcel beyond the largest message');
		}
		this.#parts.push(Buffer.from(bytes));
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
		parts.push(parcel.subarray(2));
		if (parcel[1] !== 1) continue;
		yield Buffer.concat(parts);
		parts = [];
	}
}
