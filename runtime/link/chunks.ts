/**
 * Parcels that fit no frame travel in pieces, one after the other, and are joined again. The first says how long the
 * whole is, so that it is put together in its place.
 */

import { ByteReader, varintSize } from '../core/bytes.ts';
import { MAX_MESSAGE } from '../core/config.ts';
import { CHUNK, REST } from './parcel.ts';

/** Bytes that a piece adds to what it holds, at most. */
export const CHUNK_HEAD = 1 + varintSize(MAX_MESSAGE);
/** Room for the head that stands before the largest body. */
const HEAD = 1_024;
/**
 * Times as long as its first piece a parcel may claim to be: memory is had for bytes that came, not for the asking, and
 * a frame full of beginnings takes milliseconds. Whatever is sent, pieces fill NATS's messages.
 */
const MOST_PIECES = 16_384;

/** Puts pieces together, never beyond the largest message. */
export class ChunkJoiner {
	#parcel: Buffer | undefined;
	#filled = 0;

	/** Takes a piece, the first byte of which has been read; returns the parcel with the last one. Throws a RangeError for what fits nowhere. */
	add(type: number, piece: ByteReader): ByteReader | undefined {
		if (type === CHUNK) this.#begin(piece.varint(), piece);
		const parcel = this.#parcel;
		const end = this.#filled + piece.end - piece.at;
		if (parcel === undefined || end > parcel.length) {
			this.#parcel = undefined;
			throw new RangeError('a piece of no parcel');
		}
		(piece.bytes as Buffer).copy(parcel, this.#filled, piece.at, piece.end);
		this.#filled = end;
		if (end < parcel.length) return undefined;
		this.#parcel = undefined;
		if (parcel[0] === CHUNK || parcel[0] === REST) throw new RangeError('a chunk of chunks');
		return new ByteReader(parcel, 0, parcel.length, true);
	}

	#begin(length: number, piece: ByteReader): void {
		this.#parcel = undefined;
		if (length > MAX_MESSAGE + HEAD) throw new RangeError('a chunked parcel beyond the largest message');
		if (length > (piece.end - piece.at) * MOST_PIECES) throw new RangeError('a chunk too small for its parcel');
		this.#parcel = Buffer.allocUnsafeSlow(length);
		this.#filled = 0;
	}
}

/** The parcels of a stream, pieces joined. What is left of one whose beginning has been acknowledged is no parcel. */
export function* joinChunks(parcels: readonly Buffer[]): Iterable<Buffer> {
	const joiner = new ChunkJoiner();
	let begun = false;
	for (const parcel of parcels) {
		const reader = new ByteReader(parcel);
		const type = reader.byte();
		begun ||= type === CHUNK;
		if (type !== CHUNK && type !== REST) yield parcel;
		else if (begun) {
			const whole = joiner.add(type, reader);
			if (whole) yield whole.bytes as Buffer;
		}
	}
}
