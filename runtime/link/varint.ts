/** Unsigned numbers in as many bytes as they need, seven bits each (LEB128), up to 2^53 − 1. */

/** Bytes that {@link putVarint} will write. */
export function varintSize(value: number): number {
	let size = 1;
	for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
	return size;
}

/** Writes `value` at `at`; returns where the next byte goes. */
export function putVarint(bytes: Buffer, at: number, value: number): number {
	let rest = value;
	while (rest >= 128) {
		bytes[at++] = (rest % 128) | 128;
		rest = Math.floor(rest / 128);
	}
	bytes[at++] = rest;
	return at;
}

/** Reads forward through a parcel. Every read is checked: what runs over the end throws a RangeError. */
export class Reader {
	readonly #bytes: Buffer;
	#at: number;

	constructor(bytes: Buffer, at = 0) {
		this.#bytes = bytes;
		this.#at = at;
	}

	varint(): number {
		let value = 0;
		let weight = 1;
		for (let i = 0; i < 8; i++) {
			const byte = this.#bytes[this.#at++];
			if (byte === undefined) break;
			value += (byte & 127) * weight;
			if (byte < 128) {
				if (Number.isSafeInteger(value)) return value;
				break;
			}
			weight *= 128;
		}
		throw new RangeError('a number that does not end');
	}

	/** As many bytes as a varint says, as a view. */
	block(): Buffer {
		const end = this.varint() + this.#at;
		if (end > this.#bytes.length) throw new RangeError('a block that runs over the end');
		const block = this.#bytes.subarray(this.#at, end);
		this.#at = end;
		return block;
	}

	/** All that is left, as a view. */
	rest(): Buffer {
		return this.#bytes.subarray(this.#at);
	}
}
