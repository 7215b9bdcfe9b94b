/**
 * The short way in: checks and reads in one pass what {@link PlainWriter} writes. Whatever else it meets, wrong or
 * merely rare, it gives up, and the guard and the general way look at the bytes from their beginning: so it refuses
 * nothing, and accepts only what the guard would let pass, within the same limits.
 */

import { Tag } from 'cbor-x';
import type { ByteReader } from '../core/bytes.ts';
import { readUtf8 } from '../core/native-text.ts';
import { type CodecLimits, SPECIAL_ITEMS } from './limits.ts';
import type { Reviver } from './revive.ts';
import { TAG } from './tags.ts';
import { isOddKey } from './text.ts';
import { LONGEST_WORD, Words } from './words.ts';

/** What {@link PlainReader.read} returns for bytes that are not plain data. */
export const NOT_PLAIN: unique symbol = Symbol('not plain');

/** How a list with one member begins. */
export const LIST_OF_ONE = 0x81;

/** What is neither number, text, binary, array nor map. */
const SIMPLE = 0xe0;

/** How a tag begins, the only way that the guard lets pass; and what it may hold. */
const TAG_HEAD = 0xd9;
const FLOAT64 = 0xfb;
const ARRAY = 4;
const { minusZero: MINUS_ZERO_TAG, date: DATE_TAG, map: MAP_TAG, set: SET_TAG, ref: REF_TAG } = TAG;

const keys = new Words();
const words = new Words();

/** Reads plain data for one codec. */
export class PlainReader {
	readonly #limits: CodecLimits;
	readonly #reviver: Reviver | undefined;
	#source!: ByteReader;
	#bytes!: Buffer;
	#at = 0;
	#end = 0;
	/** Items that may still come. */
	#room = 0;
	/** Whether there are refs in what has been read. */
	#refs = false;

	/** `reviver` makes refs; without one, a ref is not plain. */
	constructor(limits: CodecLimits, reviver?: Reviver) {
		this.#limits = limits;
		this.#reviver = reviver;
	}

	/** The value that fills what is left to read; or {@link NOT_PLAIN}. */
	read(source: ByteReader): unknown {
		this.#begin(source);
		return this.#whole(this.#any(0));
	}

	/** The only member of the list that fills what is left to read, without the list; or {@link NOT_PLAIN}. */
	readSole(source: ByteReader): unknown {
		this.#begin(source);
		if (this.#bytes[this.#at++] !== LIST_OF_ONE || --this.#room < 0) return NOT_PLAIN;
		return this.#whole(this.#any(1));
	}

	/** An object with these keys, whose values fill what is left to read; or {@link NOT_PLAIN}. */
	readValues(source: ByteReader, keys: readonly string[]): unknown {
		this.#begin(source);
		this.#room -= 1 + 2 * keys.length;
		const record: Record<string, unknown> = {};
		for (const key of keys) {
			const member = this.#any(2);
			if (this.#at > this.#end) break;
			record[key] = member;
		}
		return this.#whole(record);
	}

	#begin(source: ByteReader): void {
		this.#source = source;
		this.#bytes = source.bytes as Buffer;
		this.#at = source.at;
		this.#end = source.end;
		this.#room = this.#limits.maxItems - 1;
		this.#refs = false;
	}

	#any(depth: number): unknown {
		if (this.#at >= this.#end) return this.#giveUp();
		const head = this.#bytes[this.#at++] as number;
		if (head >= SIMPLE) return this.#simple(head);
		const size = this.#size(head & 31);
		if (size < 0) return this.#bigint(head);
		switch (head >>> 5) {
			case 0:
				return size;
			case 1:
				return -1 - size;
			case 2:
				return this.#binary(size);
			case 3:
				return this.#text(size);
			case 4:
				return this.#array(size, depth + 1);
			case 5:
				return this.#record(size, depth + 1);
			default:
				return head === TAG_HEAD ? this.#tagged(size, depth) : this.#giveUp();
		}
	}

	#tagged(tag: number, depth: number): unknown {
		if ((this.#room -= SPECIAL_ITEMS) < 0 || this.#at >= this.#end) return this.#giveUp();
		const head = this.#bytes[this.#at] as number;
		if (head >>> 5 === ARRAY) return this.#listed(tag, this.#any(depth) as unknown[]);
		if (head !== FLOAT64 && (head >= 0x40 || (head & 31) > 26)) return this.#giveUp();
		const number = this.#any(depth) as number;
		if (tag === DATE_TAG) return new Date(number);
		return tag === MINUS_ZERO_TAG ? -0 : this.#giveUp();
	}

	/** What a tag makes of a list. A ref, and what holds one, keep their tags until the message has turned out to be whole. */
	#listed(tag: number, members: unknown[]): unknown {
		if (this.#at > this.#end) return undefined;
		if (tag === REF_TAG) this.#refs = true;
		else if (tag !== SET_TAG && (tag !== MAP_TAG || members.length % 2 !== 0)) return this.#giveUp();
		if (this.#refs) return new Tag(members, tag);
		if (tag === SET_TAG) return new Set(members);
		const map = new Map<unknown, unknown>();
		for (let i = 0; i < members.length; i += 2) map.set(members[i], members[i + 1]);
		return map;
	}

	/** The value, once all of it has been read. Only then are refs made, as that leaves traces. */
	#whole(value: unknown): unknown {
		if (this.#at !== this.#end || this.#room < 0) return NOT_PLAIN;
		if (!this.#refs) return value;
		try {
			return this.#reviver === undefined ? NOT_PLAIN : this.#reviver.of(value);
		} catch {
			return NOT_PLAIN; // the general way says what is wrong with a ref
		}
	}

	/** An integer of eight bytes; of whatever else has no size here, nothing. */
	#bigint(head: number): unknown {
		const at = this.#at;
		if ((head !== 0x1b && head !== 0x3b) || at + 8 > this.#end) return this.#giveUp();
		this.#at = at + 8;
		const value = this.#bytes.readBigUInt64BE(at);
		return head === 0x1b ? value : -1n - value;
	}

	/** Goes beyond the end, from where nothing comes back: so what was read meanwhile needs no looking at. */
	#giveUp(): undefined {
		this.#at = this.#end + 1;
	}

	/** A length or number of up to 32 bits; -1 for any other. */
	#size(short: number): number {
		if (short < 24) return short;
		const bytes = this.#bytes;
		const at = this.#at;
		if (short > 26 || at + (1 << (short - 24)) > this.#end) return -1;
		this.#at = at + (1 << (short - 24));
		if (short === 24) return bytes[at] as number;
		const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
		return short === 25 ? high : high * 0x10000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
	}

	#simple(head: number): unknown {
		switch (head) {
			case 0xf4:
				return false;
			case 0xf5:
				return true;
			case 0xf6:
				return null;
			case 0xf7:
				return undefined;
			case 0xfb: {
				const at = this.#at;
				if (at + 8 > this.#end) return this.#giveUp();
				this.#at = at + 8;
				return this.#bytes.readDoubleBE(at);
			}
			default:
				return this.#giveUp();
		}
	}

	#binary(size: number): unknown {
		const at = this.#at;
		if ((this.#room -= SPECIAL_ITEMS) < 0 || at + size > this.#end) return this.#giveUp();
		this.#at = at + size;
		// A longer Buffer need not be copied: the bytes are nobody else's, and it keeps three times its own size at most.
		if (this.#source.own && 3 * size > this.#bytes.buffer.byteLength) return this.#bytes.subarray(at, at + size);
		const copy = Buffer.allocUnsafeSlow(size);
		this.#bytes.copy(copy, 0, at, at + size);
		return copy;
	}

	#text(size: number): unknown {
		const at = this.#at;
		if (at + size > this.#end) return this.#giveUp();
		this.#at = at + size;
		if (size === 0) return '';
		if (size > LONGEST_WORD) return readUtf8(this.#bytes, at, at + size);
		const bytes = this.#bytes;
		return words.find(bytes, at, size) ?? words.keep(readUtf8(bytes, at, at + size), size);
	}

	#array(size: number, depth: number): unknown {
		// Each member takes a byte at least: what does not fit is not allocated.
		if (size > this.#end - this.#at || (this.#room -= size) < 0 || depth > this.#limits.maxDepth) return this.#giveUp();
		if (size === 1) return [this.#any(depth)]; // most arguments; a list that grows takes room for 16 more
		const array: unknown[] = [];
		for (let i = 0; i < size; i++) {
			array.push(this.#any(depth));
			if (this.#at > this.#end) break;
		}
		return array;
	}

	#record(size: number, depth: number): unknown {
		// Likewise; and what is counted stays a small number, which the engine keeps without memory of its own.
		if (2 * size > this.#end - this.#at || (this.#room -= 2 * size) < 0 || depth > this.#limits.maxDepth) {
			return this.#giveUp();
		}
		const record: Record<string, unknown> = {};
		for (let i = 0; i < size; i++) {
			const key = this.#key();
			if (key === undefined) return this.#giveUp();
			const member = this.#any(depth);
			if (this.#at > this.#end) break;
			record[key] = member;
		}
		return record;
	}

	/** Only keys that the guard lets pass are remembered, so those found need no more looks. */
	#key(): string | undefined {
		const bytes = this.#bytes;
		let at = this.#at;
		let size = ((bytes[at++] as number) | 0) - 0x60;
		if (size >>> 0 > 23) {
			this.#at = at;
			size = size >>> 0 > 31 ? -1 : this.#size(size);
			if (size < 0) return undefined;
			at = this.#at;
		}
		if (at + size > this.#end) return undefined;
		this.#at = at + size;
		const known = size <= LONGEST_WORD ? keys.find(bytes, at, size) : undefined;
		if (known !== undefined) return known;
		const key = readUtf8(bytes, at, at + size);
		if (isOddKey(key)) return undefined;
		return size <= LONGEST_WORD ? keys.keep(key, size) : key;
	}
}
