/**
 * Cursors over bytes. A writer grows as it goes and is used again, so that what is written needs no memory of its own;
 * a reader checks every step, and what runs over its end throws a RangeError. Neither makes views of what it passes.
 */

/** What a writer starts with, in bytes; most turns write less. */
const SMALL = 4 * 1024;

/** Bytes that {@link ByteWriter.varint} will write. */
export function varintSize(value: number): number {
	let size = 1;
	for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
	return size;
}

/** Where a writer that grows gets its memory from. */
export interface PageSource {
	/** A Buffer of at least so many bytes. */
	take(least: number): Uint8Array;
	/** What it has grown out of. */
	giveBack(bytes: Uint8Array): void;
}

const fresh: PageSource = { take: (least) => Buffer.allocUnsafeSlow(least), giveBack: () => {} };

/** Writes forward. */
export class ByteWriter {
	/** A Buffer; its type has another name, because users' compilers need no types of Node for ours. */
	bytes: Uint8Array = Buffer.allocUnsafeSlow(SMALL);
	/** Where the next byte goes. */
	at = 0;
	/** How often somebody has begun here. Who began before, and finds that it has changed, writes nothing more. */
	turn = 0;
	readonly #pages: PageSource;

	constructor(pages: PageSource = fresh) {
		this.#pages = pages;
	}

	/** Begins to write at `at`; whatever was being written is void. */
	begin(at: number): this {
		this.at = at;
		this.turn++;
		return this;
	}

	/** Makes room for `length` more bytes; what was written stays. */
	need(length: number): void {
		if (this.at + length > this.bytes.length) this.#grow(this.at + length);
	}

	byte(value: number): void {
		this.need(1);
		this.bytes[this.at++] = value;
	}

	/** An unsigned number in as many bytes as it needs, seven bits each (LEB128), up to 2^53 - 1. */
	varint(value: number): void {
		this.need(8);
		let rest = value;
		while (rest >= 128) {
			this.bytes[this.at++] = (rest % 128) | 128;
			rest = rest > 0x7fff_ffff ? Math.floor(rest / 128) : rest >>> 7;
		}
		this.bytes[this.at++] = rest;
	}

	raw(bytes: Uint8Array): void {
		this.need(bytes.length);
		this.bytes.set(bytes, this.at);
		this.at += bytes.length;
	}

	/** Gives back what a large message has made of it, and keeps nothing. */
	reset(most: number): void {
		this.begin(0);
		if (this.bytes.length > most) this.bytes = Buffer.allocUnsafeSlow(SMALL);
	}

	#grow(least: number): void {
		const { bytes } = this;
		this.bytes = this.#pages.take(Math.max(least, 2 * bytes.length));
		this.bytes.set(bytes.subarray(0, this.at));
		this.#pages.giveBack(bytes);
	}
}

/** Reads forward, up to its end. */
export class ByteReader {
	/** A Buffer, like a writer's. */
	bytes: Uint8Array;
	/** Where the next byte is. */
	at: number;
	/** Behind the last byte. */
	end: number;
	/** Whether nobody else has these bytes, so that parts of them may be kept. */
	readonly own: boolean;

	constructor(bytes: Uint8Array, at = 0, end: number = bytes.length, own = false) {
		this.bytes = bytes;
		this.at = at;
		this.end = end;
		this.own = own;
	}

	byte(): number {
		if (this.at >= this.end) throw new RangeError('bytes that end early');
		return this.bytes[this.at++] as number;
	}

	varint(): number {
		let value = this.byte();
		if (value < 128) return value;
		value &= 127;
		for (let weight = 128; weight < 2 ** 56; weight *= 128) {
			const byte = this.byte();
			value += (byte & 127) * weight;
			if (byte >= 128) continue;
			if (Number.isSafeInteger(value)) return value;
			break;
		}
		throw new RangeError('a number that does not end');
	}

	/** All that is left, as a view. */
	rest(): Uint8Array {
		return this.bytes.subarray(this.at, this.end);
	}
}
