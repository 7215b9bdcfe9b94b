/**
 * The gate before the decoder: one pass over the bytes, no recursion, no allocation, time linear in the length. What
 * passes is one complete CBOR item made only of what our encoder writes, within the limits. Refused are truncation,
 * trailing bytes, reserved and indefinite lengths, foreign tags, tags on what they cannot hold, and keys but strings.
 * Text may be invalid UTF-8: the decoder replaces what it cannot read.
 */

import { TroupeError } from '../core/errors.ts';
import { type CodecLimits, DEEPEST, SPECIAL_ITEMS } from './limits.ts';
import { FIRST_TAG, TAG, TYPED_ARRAYS, type TypedArrayName } from './tags.ts';
import { isDigit } from './text.ts';

/** What the guard saw: nothing but JSON-like data and Buffers, or also tags, which have to be revived. */
export type Passed = typeof PLAIN | typeof TAGGED;
export const PLAIN = 0;
export const TAGGED = 1;

const NUMBER = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG_HEAD = 0xd9;
const FLOAT64_HEAD = 0xfb;

/** For each of our tags, the major type of what it holds... */
const HOLDS = new Uint8Array(32).fill(0xff);
/** ...and what its length must be a multiple of. */
const MULTIPLE = new Uint8Array(32).fill(1);

function allow(tag: number, holds: number, multiple = 1): void {
	HOLDS[tag - FIRST_TAG] = holds;
	MULTIPLE[tag - FIRST_TAG] = multiple;
}

allow(TAG.minusZero, NUMBER);
allow(TAG.date, NUMBER);
allow(TAG.text, BYTES, 2);
allow(TAG.bigint, BYTES);
allow(TAG.minusBigint, BYTES);
allow(TAG.map, ARRAY, 2);
allow(TAG.set, ARRAY);
allow(TAG.object, ARRAY, 2);
allow(TAG.error, ARRAY, 2);
allow(TAG.ref, ARRAY);
allow(TAG.arrayBuffer, BYTES);
allow(TAG.dataView, BYTES);
for (const name of Object.keys(TYPED_ARRAYS) as TypedArrayName[]) {
	allow(TAG[name], BYTES, TYPED_ARRAYS[name].BYTES_PER_ELEMENT);
}

/** What was left to read in each container around the current one, times two, plus one for a map. */
const around = new Uint32Array(DEEPEST);

/**
 * Checks the first `length` bytes of `source`; throws `ERR_MALFORMED`, saying what is wrong and at which byte.
 * The code is one loop on purpose: it runs for every message, and takes 35 ns for one of 130 bytes.
 */
export function guard(source: Uint8Array, length: number, limits: CodecLimits): Passed {
	const { maxDepth, maxItems } = limits;
	let at = 0;
	let left = 1;
	let inMap = 0;
	let depth = 0;
	let items = 1;
	let passed: Passed = PLAIN;
	for (;;) {
		while (left === 0) {
			if (depth === 0) {
				if (at === length) return passed;
				throw at > length ? refused('the data ends early', length) : refused('bytes after the end', at);
			}
			const outer = around[--depth] as number;
			left = outer >>> 1;
			inMap = outer & 1;
		}
		left--;

		// A read past the end is undefined, `| 0` makes it 0, and that `at` went too far is found at the next item.
		if (inMap === 1) {
			const keyAt = at;
			let size = ((source[at++] as number) | 0) - 0x60;
			if (size >>> 0 > 23) {
				if (size === 24) size = (source[at++] as number) | 0;
				else if (size === 25) size = ((source[at++] as number) << 8) | (source[at++] as number);
				else if (size === 26) {
					size = lengthAt(source, at);
					at += 4;
				} else throw refused('a key that is no string', keyAt);
			}
			if (size > 1 && size < 5 && isIndex(source, at, size)) throw refused('an array index as a key', keyAt);
			at += size;
		}

		if (at >= length) throw refused('the data ends early', length);
		const itemAt = at;
		let head = source[at++] as number;
		let multiple = 1;
		if (head === TAG_HEAD) {
			const tag = (((source[at] as number) << 8) | (source[at + 1] as number)) - FIRST_TAG;
			at += 2;
			if (tag >>> 0 > 31) throw refused('a tag that is not ours', itemAt);
			head = source[at++] as number;
			const holds = HOLDS[tag] as number;
			if (holds === NUMBER ? !isNumber(head) : head >>> 5 !== holds) throw refused('a tag on the wrong thing', itemAt);
			multiple = MULTIPLE[tag] as number;
			passed = TAGGED;
			items += SPECIAL_ITEMS;
			if (items > maxItems) throw refused(`more than ${maxItems} items`, itemAt);
		}

		const type = head >>> 5;
		let size = head & 31;
		if (type === 7) {
			if (head === FLOAT64_HEAD) at += 8;
			else if (size < 20 || size > 23) throw refused('an unknown simple value', itemAt);
			continue;
		}
		if (size > 23) {
			if (size === 24) size = (source[at++] as number) | 0;
			else if (size === 25) {
				size = ((source[at] as number) << 8) | (source[at + 1] as number);
				at += 2;
			} else if (size === 26) {
				size = lengthAt(source, at);
				at += 4;
			} else if (size === 27 && type < BYTES) {
				at += 8;
			} else throw refused('a length that is reserved, indefinite or beyond 4 GiB', itemAt);
		}
		if (type < BYTES) continue;
		if (multiple !== 1 && size % multiple !== 0) throw refused('a length that its tag does not allow', itemAt);
		if (type <= TEXT) {
			at += size;
			if (type === TEXT) continue;
			items += SPECIAL_ITEMS;
			if (items > maxItems) throw refused(`more than ${maxItems} items`, itemAt);
			continue;
		}
		if (type > MAP) throw refused('a tag that is not ours', itemAt);

		items += type === MAP ? size * 2 : size;
		if (items > maxItems) throw refused(`more than ${maxItems} items`, itemAt);
		if (depth >= maxDepth) throw refused(`nesting deeper than ${maxDepth} levels`, itemAt);
		around[depth++] = (left << 1) | inMap;
		left = size;
		inMap = type & 1;
	}
}

function isNumber(head: number): boolean {
	return head === FLOAT64_HEAD || (head < 0x40 && (head & 31) < 27);
}

/** Whether the key of 2 to 4 bytes is an array index; see `isIndexKey` for why that matters. */
function isIndex(source: Uint8Array, at: number, size: number): boolean {
	for (let i = 0; i < size; i++) if (!isDigit(source[at + i] as number)) return false;
	return true;
}

function lengthAt(source: Uint8Array, at: number): number {
	const high = ((source[at] as number) << 8) | (source[at + 1] as number);
	return high * 0x10000 + (((source[at + 2] as number) << 8) | (source[at + 3] as number));
}

function refused(what: string, at: number): TroupeError {
	return new TroupeError('ERR_MALFORMED', `refused before decoding: ${what}, at byte ${at}`);
}
