/**
 * Packs parcels into frames, in the order they are committed: those of a turn share a frame until it is full, and one
 * that fits none gets frames of its own, in pieces. Parcels are written where they will be sent from, on a page that is
 * used again and again, so that none of them needs memory of its own. No frame is larger than the transport takes, and
 * none keeps a page alive of which it fills little.
 */

import { ByteWriter } from '../core/bytes.ts';
import { FRAME, FULL_FRAME } from '../core/config.ts';
import { CHUNK_HEAD } from './chunks.ts';
import { HEADER, LENGTH } from './frame.ts';
import { PAGE, Pages } from './pages.ts';
import { CHUNK, REST } from './parcel.ts';

/** A page that has grown beyond this size for a large parcel is not what the next one needs. */
const LARGE = 4 * FRAME;
/** A frame that fills less than this part of its page is copied, and does not keep the rest of it alive. */
const WORTH_LENDING = 3 / 8;

/**
 * Takes a frame that is complete but for its header, and how many of its parcels are messages. `page` is lent with it:
 * {@link Framer.takeBack} wants it when the frame is not needed any more.
 */
export type Sealed = (frame: Buffer, messages: number, page: Uint8Array | undefined) => void;

/** The frame being filled, and the pages for it. */
export class Framer {
	readonly #maxPayload: () => number;
	readonly #sealed: Sealed;
	readonly #pages = new Pages();
	/** The frame, on a small page until much is written... */
	readonly #out = new ByteWriter(this.#pages);
	/** ...up to here; what is behind belongs to a parcel that has not been committed. */
	#filled = HEADER;
	/** How many of its parcels are messages. */
	#messages = 0;
	/** Its largest size. */
	#limit: number;

	/** `maxPayload`: the largest frame that the transport takes. */
	constructor(maxPayload: () => number, sealed: Sealed) {
		this.#maxPayload = maxPayload;
		this.#sealed = sealed;
		this.#limit = Math.min(FRAME, maxPayload());
	}

	/** Whether no parcel waits for its frame to be sealed. */
	get empty(): boolean {
		return this.#filled === HEADER;
	}

	/** Bytes in the frame, and in the parcel that is being written. */
	get written(): number {
		return this.#out.at;
	}

	/** Where to write a parcel, of any size. It counts once it is committed; one that was begun before and is not, is void. */
	begin(): ByteWriter {
		// Left behind by a parcel that was too large, or could not travel: not worth keeping.
		if (this.#out.bytes.length > LARGE) this.#turnOver(this.#filled);
		return this.#out.begin(this.#filled + LENGTH);
	}

	/** The parcel is complete. `message`: it stands in the books. */
	commit(message: boolean): void {
		const out = this.#out;
		const size = out.at - this.#filled - LENGTH;
		if (size > this.#limit - HEADER - LENGTH) return this.#split(size, message);
		if (out.at > Math.min(FULL_FRAME, this.#limit)) this.seal();
		(out.bytes as Buffer).writeUInt32BE(size, this.#filled);
		this.#filled += LENGTH + size;
		if (message) this.#messages++;
		// Nothing else fits: sealed now, it takes its page along before the next parcel is written behind it.
		if (this.#filled >= FULL_FRAME) this.seal();
	}

	/** Closes the frame, unless it is empty; a parcel that is being written goes on in the next one. */
	seal(): void {
		if (this.empty) return;
		const { bytes, at } = this.#out;
		const filled = this.#filled;
		this.#filled = HEADER;
		if (filled < WORTH_LENDING * Math.max(bytes.length, PAGE)) {
			const frame = Buffer.allocUnsafe(filled);
			frame.set(bytes.subarray(0, filled));
			if (at > filled) bytes.copyWithin(HEADER, filled, at);
			this.#out.at = HEADER + at - filled;
			this.#sealed(frame, this.#messages, undefined);
		} else {
			this.#turnOver(HEADER);
			if (at > filled) this.#out.raw(bytes.subarray(filled, at));
			this.#sealed(bytes.subarray(0, filled) as Buffer, this.#messages, bytes);
		}
		this.#messages = 0;
		this.#limit = Math.min(FRAME, this.#maxPayload());
	}

	/** A page that was lent comes back. */
	takeBack(page: Uint8Array): void {
		this.#pages.giveBack(page);
	}

	/** Gives up pages that are not needed: all of them, when nothing is `underWay`. */
	trim(underWay: boolean): void {
		if (underWay) return this.#pages.trim();
		this.#pages.clear();
		if (this.empty) this.#out.reset(FULL_FRAME);
	}

	/** A parcel that fits no frame gets frames of its own. */
	#split(size: number, message: boolean): void {
		const start = this.#filled + LENGTH;
		this.#out.at = this.#filled;
		const parcel = this.#turnOver(this.#filled);
		this.seal();
		const step = this.#limit - HEADER - LENGTH - CHUNK_HEAD;
		for (let at = 0; at < size; at += step) {
			const part = parcel.subarray(start + at, start + Math.min(at + step, size));
			const out = this.begin();
			out.byte(at === 0 ? CHUNK : REST);
			if (at === 0) out.varint(size);
			out.raw(part);
			this.commit(message && at + step >= size);
		}
		this.#pages.giveBack(parcel);
	}

	/**
	 * Goes on with the frame on another page, on which the first `kept` bytes are the same. Returns the one before. The
	 * writer stays: who was writing a parcel that is void by now may not know it yet.
	 */
	#turnOver(kept: number): Uint8Array {
		const out = this.#out;
		const before = out.bytes;
		out.bytes = this.#pages.take(PAGE);
		out.bytes.set(before.subarray(0, kept));
		out.at = kept;
		return before;
	}
}
