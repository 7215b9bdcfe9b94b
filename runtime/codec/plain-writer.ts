/**
 * The short way out: writes what most messages are made of, null, booleans, numbers, bigints, text, Buffers, Dates, Maps,
 * Sets, refs, arrays and plain objects, straight into the frame, in one walk. Whatever else it meets, it gives up, and the
 * general way begins anew: so it needs no errors, no paths and no copies. What it writes is what the general way would.
 */

import type { ByteWriter } from '../core/bytes.ts';
import { writeUtf8 } from '../core/native-text.ts';
import { type CodecLimits, SPECIAL_ITEMS } from './limits.ts';
import type { RefPort } from './ref-port.ts';
import { TAG } from './tags.ts';
import { isOddName, isPlainText, KEYS_BYTES } from './text.ts';

const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY = 0x80;
const MAP = 0xa0;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const UNDEFINED = 0xf7;
const FLOAT64 = 0xfb;

/** Up to this length, which the head itself tells, text is written letter by letter: quicker than to call out of JavaScript. */
const SHORT = 23;

/** Looked up once: `Buffer` is a getter among the globals, and the engine calls it each time. */
const BUFFER: Buffer = Buffer.prototype;
const DATE: Date = Date.prototype;
const { getTime } = DATE;
const MAPS: Map<unknown, unknown> = Map.prototype;
const { entries } = MAPS;
const SETS: Set<unknown> = Set.prototype;
const { values } = SETS;
const mapSize = Object.getOwnPropertyDescriptor(MAPS, 'size')?.get as (this: object) => number;
const setSize = Object.getOwnPropertyDescriptor(SETS, 'size')?.get as (this: object) => number;

const TAG_HEAD = 0xd9;
const { minusZero: MINUS_ZERO_TAG, date: DATE_TAG, map: MAP_TAG, set: SET_TAG, ref: REF_TAG } = TAG;

/** What a negative integer of four bytes holds. */
const LEAST_INTEGER = -(2 ** 32);

/** What eight bytes hold, and cbor-x writes as an integer: its sign is not one of the bits. */
const MOST_INTEGER = 2n ** 64n - 1n;

/** From this length on, the room that a text may need is more than what it takes to know what it does need. */
const COUNTED = 4_096;

/** What an object has that has nothing. */
const BARE: object = {};

/** Writes plain data for one codec. */
export class PlainWriter {
	readonly #limits: CodecLimits;
	readonly #refs: RefPort | undefined;
	#out!: ByteWriter;
	/** Items that may still come. */
	#room = 0;
	/** Where the largest message would end. */
	#most = 0;

	constructor(limits: CodecLimits, refs?: RefPort) {
		this.#limits = limits;
		this.#refs = refs;
	}

	/** Whether `value` is plain, and now written. If not, what it has written is void. */
	write(out: ByteWriter, value: unknown): boolean {
		this.#out = out;
		this.#room = this.#limits.maxItems - 1;
		this.#most = out.at + this.#limits.maxBytes;
		return this.#any(value, 0) && out.at <= this.#most;
	}

	/**
	 * Whether `value` is a plain object with these keys, in this order, and its values now written; there is room for the
	 * keys too, should it have to travel with them. If not, what it has written is void.
	 */
	writeValues(out: ByteWriter, value: object, keys: readonly string[]): boolean {
		this.#out = out;
		this.#room = this.#limits.maxItems - 2 - 2 * keys.length;
		this.#most = out.at + this.#limits.maxBytes - KEYS_BYTES;
		if (this.#room < 0 || this.#limits.maxDepth < 2 || Object.getPrototypeOf(value) !== Object.prototype) return false;
		for (const _ in BARE) return false;
		const { turn } = out;
		let index = 0;
		for (const key in value) {
			if (key !== keys[index++] || !this.#any((value as Readonly<Record<string, unknown>>)[key], 2)) return false;
		}
		return index === keys.length && this.#out === out && out.turn === turn && out.at <= this.#most;
	}

	/** Each of these questions is an instruction or two; a `switch` over `typeof` would be a call and compare names. */
	#any(value: unknown, depth: number): boolean {
		if (typeof value === 'string') return this.#text(value);
		if (typeof value === 'number') return this.#number(value);
		if (typeof value === 'object' && value !== null) return this.#object(value, depth);
		if (typeof value === 'boolean') this.#out.byte(value ? TRUE : FALSE);
		else if (value === null) this.#out.byte(NULL);
		else if (value === undefined) this.#out.byte(UNDEFINED);
		else return typeof value === 'bigint' && this.#bigint(value);
		return true;
	}

	#object(value: object, depth: number): boolean {
		const { maxDepth } = this.#limits;
		if (Array.isArray(value)) return depth < maxDepth && value.constructor === Array && this.#array(value, depth + 1);
		const prototype = Object.getPrototypeOf(value);
		if (prototype === Object.prototype)
			return depth < maxDepth && this.#record(value as Readonly<Record<string, unknown>>, depth + 1);
		return prototype === BUFFER ? this.#bytes(value as Buffer) : this.#tagged(value, prototype, depth);
	}

	/** What has a tag, and is no rarity. */
	#tagged(value: object, prototype: unknown, depth: number): boolean {
		this.#room -= SPECIAL_ITEMS;
		if (this.#room < 0) return false;
		if (prototype === DATE) {
			this.#tag(DATE_TAG);
			return this.#number(getTime.call(value as Date));
		}
		if (depth >= this.#limits.maxDepth) return false;
		if (prototype === MAPS) return this.#map(value as Map<unknown, unknown>, depth + 1);
		if (prototype === SETS) return this.#set(value as Set<unknown>, depth + 1);
		if (!this.#refs?.isRef(value)) return false;
		this.#tag(REF_TAG);
		return this.#array(this.#refs.toWire(value), depth + 1);
	}

	/** A getter of a member may change the map: then the general way tells what is in it. */
	#map(map: Map<unknown, unknown>, depth: number): boolean {
		let left = mapSize.call(map);
		this.#room -= 2 * left;
		if (this.#room < 0) return false;
		this.#tag(MAP_TAG);
		this.#head(ARRAY, 2 * left);
		for (const [key, value] of entries.call(map))
			if (left-- === 0 || !this.#any(key, depth) || !this.#any(value, depth)) return false;
		return left === 0;
	}

	#set(set: Set<unknown>, depth: number): boolean {
		let left = setSize.call(set);
		this.#room -= left;
		if (this.#room < 0) return false;
		this.#tag(SET_TAG);
		this.#head(ARRAY, left);
		for (const value of values.call(set)) if (left-- === 0 || !this.#any(value, depth)) return false;
		return left === 0;
	}

	#tag(tag: number): void {
		const out = this.#out;
		out.need(3);
		out.bytes[out.at] = TAG_HEAD;
		out.bytes[out.at + 1] = tag >>> 8;
		out.bytes[out.at + 2] = tag;
		out.at += 3;
	}

	#bigint(value: bigint): boolean {
		if (value > MOST_INTEGER || value < -MOST_INTEGER) return false;
		const out = this.#out;
		out.need(9);
		out.bytes[out.at] = value < 0n ? 0x3b : 0x1b;
		(out.bytes as Buffer).writeBigUInt64BE(value < 0n ? -1n - value : value, out.at + 1);
		out.at += 9;
		return true;
	}

	/**
	 * What `for ... in` goes through, the engine knows by place; what `Object.keys` names has to be looked up. How many they
	 * are shows only in the end.
	 */
	#record(record: Readonly<Record<string, unknown>>, depth: number): boolean {
		for (const _ in BARE) return false; // somebody has added to Object.prototype
		const out = this.#out;
		const { at: start, turn } = out;
		out.byte(MAP);
		let pairs = 0;
		for (const key in record) {
			this.#room -= 2;
			if (this.#room < 0 || !this.#key(key) || !this.#any(record[key], depth)) return false;
			pairs++;
		}
		// A getter may have sent something itself: by now its parcel stands here.
		if (this.#out !== out || out.turn !== turn) return false;
		if (pairs < 24) out.bytes[start] = MAP | pairs;
		else this.#longHead(MAP, pairs, start);
		return true;
	}

	/** Whether the key is plain text, shows while it is written. */
	#key(key: string): boolean {
		return !isOddName(key) && this.#text(key);
	}

	#array(array: readonly unknown[], depth: number): boolean {
		const { length } = array;
		this.#room -= length;
		if (this.#room < 0) return false;
		this.#head(ARRAY, length);
		for (let i = 0; i < length; i++) if (!this.#any(array[i], depth)) return false;
		return true;
	}

	#bytes(bytes: Buffer): boolean {
		this.#room -= SPECIAL_ITEMS;
		if (this.#room < 0 || this.#out.at + bytes.length > this.#most) return false;
		this.#head(BYTES, bytes.length);
		this.#out.raw(bytes);
		return true;
	}

	#number(value: number): boolean {
		const out = this.#out;
		if (value >>> 0 === value) {
			if (value === 0 && 1 / value < 0) return this.#minusZero();
			this.#head(0, value);
		} else if (value >> 0 === value) this.#head(0x20, -1 - value);
		else if (value < 0 && value >= LEAST_INTEGER && Number.isInteger(value)) this.#head(0x20, -1 - value);
		else {
			out.need(9);
			out.bytes[out.at] = FLOAT64;
			(out.bytes as Buffer).writeDoubleBE(value, out.at + 1);
			out.at += 9;
		}
		return true;
	}

	#minusZero(): boolean {
		this.#room -= SPECIAL_ITEMS;
		this.#tag(MINUS_ZERO_TAG);
		this.#out.byte(0);
		return this.#room >= 0;
	}

	#text(text: string): boolean {
		const { length } = text;
		return length <= SHORT && this.#shortText(text, length) ? true : this.#longText(text, length);
	}

	/** ASCII only. */
	#shortText(text: string, length: number): boolean {
		const out = this.#out;
		out.need(length + 1);
		const { bytes } = out;
		let { at } = out;
		bytes[at++] = TEXT | length;
		for (let i = 0; i < length; i++) {
			const code = text.charCodeAt(i);
			if (code > 127) return false;
			bytes[at++] = code;
		}
		out.at = at;
		return true;
	}

	#longText(text: string, length: number): boolean {
		const out = this.#out;
		if (out.at + length > this.#most) return false;
		// Three bytes for each letter at most; for long texts it is worth asking how many.
		out.need(5 + (length < COUNTED ? 3 * length : Buffer.byteLength(text)));
		const start = out.at;
		this.#head(TEXT, length);
		const head = out.at - start;
		const written = writeUtf8(out.bytes, text, out.at);
		out.at += written;
		if (written === length) return true; // ASCII
		if (!isPlainText(text)) return false;
		out.at = start;
		this.#head(TEXT, written);
		if (out.at - start !== head) {
			// Longer than its letters promised: the length itself takes more room. Rare enough to write twice.
			writeUtf8(out.bytes, text, out.at);
		}
		out.at += written;
		return true;
	}

	/** The head at `start` for a `size` of 24 or more, where there is room for less: what follows it moves on. */
	#longHead(major: number, size: number, start: number): void {
		const out = this.#out;
		const more = size < 0x100 ? 1 : size < 0x10000 ? 2 : 4;
		out.need(more);
		out.bytes.copyWithin(start + 1 + more, start + 1, out.at);
		const end = out.at + more;
		out.at = start;
		this.#head(major, size);
		out.at = end;
	}

	/** `size` is below 2^32. */
	#head(major: number, size: number): void {
		const out = this.#out;
		out.need(5);
		const { bytes } = out;
		const { at } = out;
		if (size < 24) {
			bytes[at] = major | size;
			out.at = at + 1;
		} else if (size < 0x100) {
			bytes[at] = major | 24;
			bytes[at + 1] = size;
			out.at = at + 2;
		} else if (size < 0x10000) {
			bytes[at] = major | 25;
			bytes[at + 1] = size >>> 8;
			bytes[at + 2] = size;
			out.at = at + 3;
		} else {
			bytes[at] = major | 26;
			bytes[at + 1] = size >>> 24;
			bytes[at + 2] = size >>> 16;
			bytes[at + 3] = size >>> 8;
			bytes[at + 4] = size;
			out.at = at + 5;
		}
	}
}
