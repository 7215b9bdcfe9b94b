/**
 * The way out: turns a value into what cbor-x writes without asking any of its extensions, in one walk. Plain data is
 * its own wire form and is not copied; only containers around something special are. On the way it enforces the
 * limits and refuses, with the path, what cannot travel: so the receiver's guard never refuses what was encoded here.
 *
 * Own enumerable string-keyed properties are what travels of an object: getters are read, `toJSON` is not called,
 * symbol keys are left behind, and an instance of a class arrives as a plain object.
 */

import { types } from 'node:util';
import { Tag } from 'cbor-x';
import { messageOf } from '../core/errors.ts';
import { littleEndian } from './byte-order.ts';
import { ERROR_HEAD, isError, partsOf, REJECTION_BRAND } from './error-form.ts';
import { type CodecLimits, SPECIAL_ITEMS } from './limits.ts';
import type { RefPort } from './ref-port.ts';
import { MAX_BIGINT_BYTES, TAG, TYPED_ARRAYS, type TypedArrayName } from './tags.ts';
import { isOddKey, isPlainText } from './text.ts';
import { cycle, Refusal, type Step, tooDeep, whyNot } from './unencodable.ts';

/** What CBOR, and cbor-x, hold in an integer: its sign is not one of the 64 bits. */
const MOST_INTEGER = 2n ** 64n - 1n;
const MAX_BIGINT = 2n ** BigInt(8 * MAX_BIGINT_BYTES) - 1n;
const typedArrayName: (this: object) => TypedArrayName | undefined = Object.getOwnPropertyDescriptor(
	Object.getPrototypeOf(Uint8Array.prototype),
	Symbol.toStringTag,
)?.get as never;

/** Makes wire forms, one at a time. */
export class WireForm {
	readonly #limits: CodecLimits;
	readonly #refs: RefPort | undefined;
	readonly #path: Step[] = [];
	readonly #errors: Error[] = [];
	#root: unknown;
	#busy = false;
	#snapshot = false;
	#items = 0;
	#bytes = 0;

	constructor(limits: CodecLimits, refs: RefPort | undefined) {
		this.#limits = limits;
		this.#refs = refs;
	}

	/**
	 * The wire form of `value`; throws `ERR_NOT_ENCODABLE` or `ERR_TOO_LARGE`. A `snapshot` shares no container with
	 * `value`, so that encoding it runs no code of the value's author.
	 */
	of(value: unknown, snapshot = false): unknown {
		// A getter may send a message of its own while its object is being walked.
		if (this.#busy) return new WireForm(this.#limits, this.#refs).of(value, snapshot);
		this.#busy = true;
		this.#snapshot = snapshot;
		this.#root = value;
		this.#items = 1;
		this.#bytes = 0;
		try {
			return this.#any(value, 0);
		} catch (error) {
			this.#errors.length = 0;
			throw error instanceof Refusal ? error.toError(value) : error;
		} finally {
			this.#root = undefined;
			this.#busy = false;
		}
	}

	#any(value: unknown, depth: number): unknown {
		switch (typeof value) {
			case 'string':
				this.#weigh(value.length, depth);
				return isPlainText(value) ? value : this.#oddText(value, depth);
			case 'number':
				return value === 0 && 1 / value < 0 ? this.#tag(0, TAG.minusZero, depth) : value;
			case 'boolean':
			case 'undefined':
				return value;
			case 'bigint':
				return this.#bigint(value, depth);
			case 'object':
				return value === null ? null : this.#object(value, depth);
			default:
				throw this.#refusal(depth, whyNot(value) ?? 'cannot travel');
		}
	}

	#oddText(value: string, depth: number): unknown {
		this.#bytes -= value.length;
		return this.#bytesOf(Buffer.from(value, 'utf16le'), TAG.text, depth);
	}

	#bigint(value: bigint, depth: number): unknown {
		if (value <= MOST_INTEGER && value >= -MOST_INTEGER) return value;
		const positive = value < 0n ? -value : value;
		if (positive > MAX_BIGINT) throw this.#refusal(depth, `is a bigint of more than ${8 * MAX_BIGINT_BYTES} bits`);
		const digits = positive.toString(16);
		const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
		return this.#bytesOf(bytes, value < 0n ? TAG.minusBigint : TAG.bigint, depth);
	}

	#object(value: object, depth: number): unknown {
		try {
			const kind = value.constructor;
			if (kind === Object && Object.getPrototypeOf(value) === Object.prototype) return this.#record(value, depth);
			if (kind === Array && Array.isArray(value)) return this.#array(value, depth);
			return this.#special(value, depth);
		} catch (error) {
			if (error instanceof Refusal) throw error;
			throw this.#refusal(depth, `cannot be read: ${messageOf(error)}`, { cause: error });
		}
	}

	/** A plain object. A CBOR map holds it, unless a key is odd. */
	#record(value: object, depth: number): unknown {
		this.#enter(depth);
		const record = value as Record<string, unknown>;
		const keys = Object.keys(record);
		const bytes = this.#bytes;
		this.#count(2 * keys.length, depth);
		for (let i = 0; i < keys.length; i++) {
			const key = keys[i] as string;
			this.#weigh(key.length, depth);
			if (!isOddKey(key)) continue;
			this.#bytes = bytes;
			return this.#pairs(record, keys, depth);
		}
		let copy: Record<string, unknown> | undefined = this.#snapshot ? {} : undefined;
		for (let i = 0; i < keys.length; i++) {
			const key = keys[i] as string;
			this.#path[depth] = key;
			const member = record[key];
			const form = this.#any(member, depth + 1);
			if (copy !== undefined) copy[key] = form;
			else if (form !== member) {
				copy = { ...record };
				copy[key] = form;
			}
		}
		return copy ?? value;
	}

	#array(value: readonly unknown[], depth: number, copied = this.#snapshot): unknown {
		this.#enter(depth);
		this.#count(value.length, depth);
		let copy: unknown[] | undefined = copied ? [] : undefined;
		for (let i = 0; i < value.length; i++) {
			this.#path[depth] = i;
			const member = value[i];
			const form = this.#any(member, depth + 1);
			if (copy !== undefined) copy[i] = form;
			else if (form !== member) {
				copy = [...value];
				copy[i] = form;
			}
		}
		return copy ?? value;
	}

	/** Everything that is neither a plain object nor an array. */
	#special(value: object, depth: number): unknown {
		if (this.#refs?.isRef(value) === true)
			return this.#tag(this.#array(this.#refs.toWire(value), depth), TAG.ref, depth);
		if (ArrayBuffer.isView(value)) return this.#binary(value, depth);
		if (types.isDate(value)) return this.#tag(Date.prototype.getTime.call(value), TAG.date, depth);
		if (types.isMap(value)) return this.#map(value, depth);
		if (types.isSet(value)) return this.#tag(this.#array([...Set.prototype.values.call(value)], depth), TAG.set, depth);
		if (isError(value)) return this.#error(value, depth);
		if (Array.isArray(value)) return this.#array(value, depth, true);
		if (types.isArrayBuffer(value)) {
			return this.#bytesOf(Buffer.from(value), TAG.arrayBuffer, depth);
		}
		const reason = whyNot(value);
		if (reason !== undefined) throw this.#refusal(depth, reason);
		return this.#record({ ...value }, depth);
	}

	#binary(value: ArrayBufferView, depth: number): unknown {
		if (value.constructor === Buffer) return this.#bytesOf(value as Buffer, undefined, depth);
		const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
		if (Buffer.isBuffer(value)) return this.#bytesOf(bytes, undefined, depth);
		const name = typedArrayName.call(value);
		if (name === undefined) return this.#bytesOf(bytes, TAG.dataView, depth);
		const known = TYPED_ARRAYS[name];
		if (known === undefined) throw this.#refusal(depth, `is a ${name}, which cannot travel: send a Float32Array`);
		return this.#bytesOf(littleEndian(bytes, known.BYTES_PER_ELEMENT), TAG[name], depth);
	}

	#map(value: ReadonlyMap<unknown, unknown>, depth: number): unknown {
		this.#enter(depth);
		const pairs: unknown[] = [];
		for (const [key, member] of Map.prototype.entries.call(value)) {
			this.#count(2, depth);
			this.#path[depth] = pairs.length;
			pairs.push(this.#any(key, depth + 1));
			this.#path[depth] = pairs.length;
			pairs.push(this.#any(member, depth + 1));
		}
		return this.#tag(pairs, TAG.map, depth);
	}

	/** An object with keys that a CBOR map cannot hold. They have been counted. */
	#pairs(value: object, keys: readonly string[], depth: number): unknown {
		const pairs: unknown[] = [];
		for (const key of keys) {
			this.#path[depth] = key;
			pairs.push(this.#any(key, depth), this.#any((value as Record<string, unknown>)[key], depth + 1));
		}
		return this.#tag(pairs, TAG.object, depth);
	}

	/**
	 * An error. What libraries hang on their errors (sockets, requests, each other) must not keep the error itself from
	 * travelling: a field that cannot is left behind. Not so of a Rejection, whose fields are part of a protocol.
	 */
	#error(error: Error, depth: number): unknown {
		this.#enter(depth);
		if (this.#errors.includes(error)) throw this.#refusal(depth, 'is a cycle, which cannot travel');
		this.#errors.push(error);
		const parts = partsOf(error);
		const strict = (parts.brands & REJECTION_BRAND) !== 0;
		this.#count(ERROR_HEAD, depth);
		const form: unknown[] = [
			this.#any(parts.className, depth),
			this.#any(parts.name, depth),
			this.#any(parts.message, depth),
			parts.stack === undefined ? undefined : this.#any(parts.stack, depth),
			parts.brands,
		];
		for (const name of parts.hidden) this.#field(form, error, name, depth, strict);
		form.splice(ERROR_HEAD - 1, 0, (form.length - ERROR_HEAD + 1) / 2);
		for (const name of parts.shown) this.#field(form, error, name, depth, strict);
		this.#errors.pop();
		return this.#tag(form, TAG.error, depth);
	}

	#field(form: unknown[], error: Error, name: string, depth: number, strict: boolean): void {
		const items = this.#items;
		const bytes = this.#bytes;
		const errors = this.#errors.length;
		this.#path[depth] = name;
		try {
			this.#count(2, depth);
			form.push(this.#any(name, depth), this.#any((error as unknown as Record<string, unknown>)[name], depth + 1));
		} catch (reason) {
			if (strict) throw reason;
			this.#items = items;
			this.#bytes = bytes;
			this.#errors.length = errors;
		}
	}

	#bytesOf(bytes: Buffer, tag: number | undefined, depth: number): unknown {
		this.#count(SPECIAL_ITEMS, depth);
		this.#weigh(bytes.length, depth);
		return tag === undefined ? bytes : this.#tag(bytes, tag, depth);
	}

	#tag(held: unknown, tag: number, depth: number): Tag {
		this.#count(SPECIAL_ITEMS, depth);
		return new Tag(held, tag);
	}

	#enter(depth: number): void {
		if (depth < this.#limits.maxDepth) return;
		throw tooDeep(this.#root, this.#path.slice(0, depth), this.#limits.maxDepth);
	}

	#count(items: number, depth: number): void {
		this.#items += items;
		if (this.#items > this.#limits.maxItems) throw this.#tooLarge(depth, `${this.#limits.maxItems} values and keys`);
	}

	#weigh(bytes: number, depth: number): void {
		this.#bytes += bytes;
		if (this.#bytes > this.#limits.maxBytes) throw this.#tooLarge(depth, `${this.#limits.maxBytes} bytes`);
	}

	#tooLarge(depth: number, most: string): Refusal {
		const steps = this.#path.slice(0, depth);
		const reason = `takes the message beyond ${most}: send it in parts, or its place in a store`;
		return cycle(this.#root, steps) ?? new Refusal('ERR_TOO_LARGE', steps, reason);
	}

	#refusal(depth: number, reason: string, options?: ErrorOptions): Refusal {
		return new Refusal('ERR_NOT_ENCODABLE', this.#path.slice(0, depth), reason, options);
	}
}
