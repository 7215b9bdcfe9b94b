/**
 * Messages as they stand in what a socket reads. Nearly all that a node gets are frames on its one subject, without headers
 * and without a reply subject; those are handed over from here, put together where they come in pieces. All else is left to
 * the client library, whose parser is made for everything.
 *
 * ```text
 * MSG <subject> <number of the subscription> <bytes>\r\n<data>\r\n
 * ```
 */

/** Who takes the messages of a subscription, by its number. They must not throw. */
export type Takers = ReadonlyMap<number, (data: Buffer) => void>;

const [M, S, SPACE, CR, LF, ZERO, NINE] = Buffer.from('MS \r\n09') as unknown as readonly [
	number,
	number,
	number,
	number,
	number,
	number,
	number,
];
/** Bytes after the data. */
const END = 2;
/** Larger ones are none that NATS has: the client library says what it thinks of them. */
const LARGEST = 64 * 1024 * 1024;

/** Takes the plain messages out of one stream of bytes. */
export class MessageReader {
	readonly #takers: Takers;
	/** A message that has begun, with its end; the rest comes with what is read next. */
	#begun: Buffer | undefined;
	#filled = 0;
	#sid = 0;

	constructor(takers: Takers) {
		this.#takers = takers;
	}

	/** Hands over the messages that `bytes` goes on with; returns where what is none of them begins. */
	read(bytes: Buffer): number {
		let at = this.#begun ? this.#goOn(this.#begun, bytes) : 0;
		while (bytes[at] === M && bytes[at + 1] === S) {
			const end = this.#message(bytes, at);
			if (end === at) break;
			at = end;
		}
		return at;
	}

	/** Returns where the message that begins there ends in `bytes`, or where it begins when it is left to others. */
	#message(bytes: Buffer, begin: number): number {
		let at = begin + 4;
		while (at < bytes.length && bytes[at] !== SPACE) at++;
		let sid = 0;
		for (at++; isDigit(bytes[at]); at++) sid = sid * 10 + (bytes[at] as number) - ZERO;
		if (bytes[at++] !== SPACE) return begin;
		let size = 0;
		for (; isDigit(bytes[at]); at++) size = size * 10 + (bytes[at] as number) - ZERO;
		// Not so if this was no number but a reply subject, or only the beginning of one.
		if (bytes[at] !== CR || bytes[at + 1] !== LF) return begin;
		const take = this.#takers.get(sid);
		if (!take || size > LARGEST) return begin;
		const data = at + END;
		const end = data + size;
		if (end + END > bytes.length) return this.#begin(bytes, data, size, sid);
		take(bytes.subarray(data, end));
		return end + END;
	}

	#begin(bytes: Buffer, data: number, size: number, sid: number): number {
		this.#begun = Buffer.allocUnsafe(size + END);
		this.#filled = bytes.copy(this.#begun, 0, data);
		this.#sid = sid;
		return bytes.length;
	}

	#goOn(begun: Buffer, bytes: Buffer): number {
		const more = bytes.copy(begun, this.#filled);
		this.#filled += more;
		if (this.#filled < begun.length) return more;
		this.#begun = undefined;
		this.#takers.get(this.#sid)?.(begun.subarray(0, -END));
		return more;
	}
}

function isDigit(byte: number | undefined): boolean {
	return byte !== undefined && byte >= ZERO && byte <= NINE;
}
