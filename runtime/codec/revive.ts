/**
 * The way in: puts Dates, Maps, errors, refs and the rest in the place of their tags, in one walk over what the decoder
 * made. Runs only when the guard saw a tag, and after the guard, so depth and size are bounded and every tag holds the
 * type it should. What still does not fit is `ERR_MALFORMED`.
 */

import { Tag } from 'cbor-x';
import { TroupeError } from '../core/errors.ts';
import { littleEndian } from './byte-order.ts';
import { ERROR_HEAD, type ErrorClasses, isSound } from './error-form.ts';
import type { RefPort } from './ref-port.ts';
import { MAX_BIGINT_BYTES, TAG, TYPED_ARRAYS, type TypedArrayName } from './tags.ts';
import { isIndexKey } from './text.ts';

/** Revives values for one codec: with its refs and its classes of errors. */
export class Reviver {
	readonly #refs: RefPort | undefined;
	readonly #errors: ErrorClasses;

	constructor(refs: RefPort | undefined, errors: ErrorClasses) {
		this.#refs = refs;
		this.#errors = errors;
	}

	/** `value` without tags. Changes arrays and objects in place: they are the decoder's, and nobody else has them. */
	of(value: unknown): unknown {
		if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
		if (value instanceof Tag) return this.#tagged(value.tag, value.value);
		if (Array.isArray(value)) return this.#members(value);
		const record = value as Record<string, unknown>;
		for (const key of Object.keys(record)) {
			const member = record[key];
			if (typeof member === 'object' && member !== null) record[key] = this.of(member);
		}
		return record;
	}

	#members(array: unknown[]): unknown[] {
		for (let i = 0; i < array.length; i++) {
			const member = array[i];
			if (typeof member === 'object' && member !== null) array[i] = this.of(member);
		}
		return array;
	}

	#tagged(tag: number, held: unknown): unknown {
		switch (tag) {
			case TAG.minusZero:
				return -0;
			case TAG.date:
				return new Date(held as number);
			case TAG.text:
				return (held as Buffer).toString('utf16le');
			case TAG.bigint:
				return bigint(held as Buffer);
			case TAG.minusBigint:
				return -bigint(held as Buffer);
			case TAG.map:
				return map(this.#members(held as unknown[]));
			case TAG.set:
				return new Set(this.#members(held as unknown[]));
			case TAG.object:
				return withFields({}, this.#members(held as unknown[]), 0, 0);
			case TAG.error:
				return this.#error(this.#members(held as unknown[]));
			case TAG.ref:
				return this.#ref(this.#members(held as unknown[]));
			case TAG.arrayBuffer:
				return ownBuffer(held as Buffer);
			case TAG.dataView:
				return new DataView(ownBuffer(held as Buffer));
			default:
				return typedArray(tag, held as Buffer);
		}
	}

	#error(parts: unknown[]): Error {
		const [className, name, message, stack, brands, hidden] = parts;
		if (
			typeof className !== 'string' ||
			typeof name !== 'string' ||
			typeof message !== 'string' ||
			(stack !== undefined && typeof stack !== 'string') ||
			typeof brands !== 'number' ||
			typeof hidden !== 'number'
		) {
			throw malformed('the parts of an error');
		}
		const error = this.#errors.revive(className, name, message, stack, brands);
		withFields(error, parts, ERROR_HEAD, hidden);
		if (!isSound(error, brands)) throw malformed('the fields of an error');
		return error;
	}

	#ref(parts: unknown[]): object {
		if (this.#refs === undefined) throw malformed('a ref where none are expected');
		return this.#refs.fromWire(parts);
	}
}

const SPARSE = 2 ** 32 - 2;

/** Gives `target` the fields that `parts` lists from `start` on; the first `hidden` of them do not enumerate. */
function withFields<T extends object>(target: T, parts: readonly unknown[], start: number, hidden: number): T {
	let sparse = false;
	for (let i = start; i < parts.length; i += 2) {
		const name = parts[i];
		if (typeof name !== 'string') throw malformed('a field without a name');
		if (!sparse && isIndexKey(name)) {
			// V8 keeps an object that had a far index in sparse mode: see isIndexKey for what a dense one would cost.
			Object.defineProperty(target, SPARSE, { value: 0, configurable: true });
			Reflect.deleteProperty(target, SPARSE);
			sparse = true;
		}
		const enumerable = i >= start + 2 * hidden;
		Object.defineProperty(target, name, { value: parts[i + 1], enumerable, writable: true, configurable: true });
	}
	return target;
}

function map(pairs: readonly unknown[]): Map<unknown, unknown> {
	const entries = new Map<unknown, unknown>();
	for (let i = 0; i < pairs.length; i += 2) entries.set(pairs[i], pairs[i + 1]);
	return entries;
}

function bigint(bytes: Buffer): bigint {
	if (bytes.length === 0 || bytes.length > MAX_BIGINT_BYTES) throw malformed('a bigint beyond its limit');
	return BigInt(`0x${bytes.toString('hex')}`);
}

const NAMES = new Map(Object.keys(TYPED_ARRAYS).map((name) => [TAG[name as TypedArrayName], name as TypedArrayName]));

function typedArray(tag: number, bytes: Buffer): object {
	const name = NAMES.get(tag as (typeof TAG)[TypedArrayName]);
	if (name === undefined) throw malformed('an unknown tag');
	const Class = TYPED_ARRAYS[name];
	return new Class(ownBuffer(littleEndian(bytes, Class.BYTES_PER_ELEMENT)));
}

/** The memory of `bytes`, and of nothing else. The decoder copies binaries into buffers of their own; make sure. */
function ownBuffer(bytes: Buffer): ArrayBuffer {
	const { buffer, byteOffset, byteLength } = bytes;
	if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
	return Uint8Array.from(bytes).buffer;
}

function malformed(what: string): TroupeError {
	return new TroupeError('ERR_MALFORMED', `refused while decoding: ${what}`);
}
