/**
 * Values to bytes and back, by CBOR. What arrives equals what was sent, and shares nothing with it; what cannot travel
 * is refused at the sender, with its path; and `decode` of any bytes at all returns or throws `ERR_MALFORMED`, within
 * time and memory that the limits bound.
 *
 * Messages of plain data, most of them, take a short way of one pass (`plain-writer.ts`, `plain-reader.ts`). Of all
 * others, cbor-x does the writing and reading, and nothing else: no extension, no record, no packed value, no shared
 * reference. So nothing here changes what other users of cbor-x in this process see; nor can they change this,
 * short of an extension for Buffer or for cbor-x's own Tag.
 */

import { Decoder, Encoder } from 'cbor-x';
import { BadOption } from '../../supervisor/bad-option.ts';
import { ByteReader, ByteWriter } from '../core/bytes.ts';
import { isTroupeError, messageOf, TroupeError } from '../core/errors.ts';
import { type ErrorClass, ErrorClasses } from './error-form.ts';
import { guard, PLAIN } from './guard.ts';
import { type CodecLimits, limitsOf } from './limits.ts';
import { LIST_OF_ONE, NOT_PLAIN, PlainReader } from './plain-reader.ts';
import { PlainWriter } from './plain-writer.ts';
import type { RefPort } from './ref-port.ts';
import { Reviver } from './revive.ts';
import { areKeys } from './text.ts';
import { WireForm } from './wire-form.ts';

export type { RefPort } from './ref-port.ts';

/** What a codec is told. */
export interface CodecOptions extends Partial<CodecLimits> {
	/** How refs travel. Without it, an object that is a ref is an instance like any other. */
	readonly refs?: RefPort;
	/** Classes of errors that arrive as themselves, found by their name; others arrive as `Error`. */
	readonly errors?: readonly ErrorClass[];
}

/** As cbor-x has it; its types leave out the second argument, which lets one buffer be reused. */
interface BoundedDecoder {
	decode(source: Uint8Array, end: number): unknown;
}

/** Likewise: the buffer it works in, and a mode in which it does not keep what it wrote there. */
interface BufferedEncoder {
	encode(value: unknown, mode: number): Uint8Array;
	useBuffer(buffer: Uint8Array): void;
}

/** One pair serves every codec: neither keeps anything between two calls. Maps without records, sized exactly. */
const encoder = new Encoder({ useRecords: false, variableMapSize: true }) as unknown as BufferedEncoder;
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true, copyBuffers: true }) as unknown as BoundedDecoder;

/**
 * Small messages are decoded from here. Copying one takes 20 ns and spares cbor-x the making of a DataView, which takes
 * 250; it also means that no one can change the bytes between the guard and the decoder.
 */
const scratch = Buffer.allocUnsafeSlow(16 * 1024);

/** cbor-x's RESET_BUFFER_MODE, missing from its exports: the next encoding may overwrite this one, which was copied. */
const OVERWRITE = 1024;

/** cbor-x grows its buffer with the largest message and keeps it. After one beyond this size it gets a small one. */
const LARGE = 16 * 1024;

/** Where {@link Codec.encode} writes. */
const page = new ByteWriter();

/** Counts encodings, to notice one that ran inside another. */
let turns = 0;

/**
 * Encodes and decodes messages. Codecs share no state: each knows its own refs, error classes and limits.
 *
 * What travels, and arrives as it was: null, undefined, booleans, every number and bigint (to 8,192 bits), every string,
 * Date, Map, Set, Buffer (as Buffer), typed arrays, ArrayBuffer, DataView, errors, refs, arrays and plain objects. An
 * instance of any other class arrives as a plain object with its own enumerable properties (one that keeps all it has to
 * itself, such as `Headers`, as an empty one); holes in arrays arrive as undefined; an object that stands in two places
 * arrives as two. Functions, symbols, RegExps, Promises, URLs and the like are refused.
 */
export class Codec {
	readonly #limits: CodecLimits;
	readonly #writer: PlainWriter;
	readonly #reader: PlainReader;
	readonly #form: WireForm;
	readonly #reviver: Reviver;

	/** Throws `ERR_BAD_OPTION` for limits out of range and for error classes that are none. */
	constructor(options: CodecOptions = {}) {
		const errors = options.errors ?? [];
		for (const known of errors) {
			if (typeof known !== 'function' || !(known.prototype instanceof Error)) {
				throw new BadOption('errors', known, 'classes that extend Error');
			}
		}
		this.#limits = limitsOf(options);
		this.#writer = new PlainWriter(this.#limits, options.refs);
		this.#form = new WireForm(this.#limits, options.refs);
		this.#reviver = new Reviver(options.refs, new ErrorClasses(errors));
		this.#reader = new PlainReader(this.#limits, this.#reviver);
	}

	/**
	 * Bytes that belong to the caller alone. Throws `ERR_NOT_ENCODABLE`, naming the path inside the value, for what
	 * cannot travel, and `ERR_TOO_LARGE` beyond `maxBytes` or `maxItems`.
	 */
	encode(value: unknown): Uint8Array {
		page.reset(LARGE);
		if (!this.write(page, value)) return Buffer.from(this.#general(value, true));
		const own = Buffer.allocUnsafe(page.at);
		own.set(page.bytes.subarray(0, page.at));
		return own;
	}

	/**
	 * Writes the value where `out` stands, or throws as {@link Codec.encode} does. Returns `false` when reading the value
	 * ran code that encoded something else, perhaps to the same place: then all that was written since is void.
	 */
	write(out: ByteWriter, value: unknown): boolean {
		const { at: start, turn } = out;
		const mine = ++turns;
		if (!this.#plainly(out, value) && mine === turns && turn === out.turn) {
			const bytes = this.#general(value, false);
			if (mine !== turns || turn !== out.turn) return false;
			out.at = start;
			out.raw(bytes);
		}
		return mine === turns && turn === out.turn;
	}

	/** The value that `bytes` hold; shares no memory with them. Throws `ERR_MALFORMED`, and nothing else. */
	decode(bytes: Uint8Array): unknown {
		if (!(bytes instanceof Uint8Array)) throw malformed('not bytes');
		return this.read(new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
	}

	/** {@link Codec.decode} for what is left to read; of its own bytes it may keep a large Buffer without copying it. */
	read(source: ByteReader): unknown {
		if (source.end - source.at > this.#limits.maxBytes) throw malformed(`more than ${this.#limits.maxBytes} bytes`);
		const value = this.#reader.read(source);
		return value === NOT_PLAIN ? this.#guarded(source.rest() as Buffer) : value;
	}

	/**
	 * Of a list with one member, the member; `none`, and nothing has been read, where something else begins. Throws as
	 * {@link Codec.read} does.
	 */
	readSole<None>(source: ByteReader, none: None): unknown {
		if (source.bytes[source.at] !== LIST_OF_ONE || source.end - source.at > this.#limits.maxBytes) return none;
		const value = this.#reader.readSole(source);
		return value === NOT_PLAIN ? (this.#guarded(source.rest() as Buffer) as [unknown])[0] : value;
	}

	/**
	 * The keys of a plain object, if they may be told once for many such objects, by {@link Codec.writeValues}: a few, of
	 * letters that a CBOR key may have.
	 */
	keysOf(value: unknown): readonly string[] | undefined {
		try {
			if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
				return undefined;
			const keys = Object.keys(value);
			return areKeys(keys) ? keys : undefined;
		} catch {
			return undefined; // a proxy: what it throws is told when it is written
		}
	}

	/** Keys as a peer tells them. Throws `ERR_MALFORMED` for what {@link Codec.keysOf} would not say. */
	readKeys(source: ByteReader): readonly string[] {
		const keys = this.read(source);
		if (!Array.isArray(keys) || !areKeys(keys)) throw malformed('keys that are none');
		// As properties are named: the engine finds those sooner than other strings of the same letters.
		return Object.keys(Object.fromEntries(keys.map((key) => [key, true])));
	}

	/**
	 * Writes the values of a plain object that has these `keys`, in this order, and says whether it has. If not, or if
	 * there is more to a value than the short way can tell, what it has written is void.
	 */
	writeValues(out: ByteWriter, value: unknown, keys: readonly string[]): boolean {
		if (typeof value !== 'object' || value === null) return false;
		const mine = ++turns;
		try {
			return this.#writer.writeValues(out, value, keys) && mine === turns;
		} catch {
			return false;
		}
	}

	/** The object whose values {@link Codec.writeValues} has written. Throws `ERR_MALFORMED`. */
	readValues(source: ByteReader, keys: readonly string[]): unknown {
		if (source.end - source.at > this.#limits.maxBytes) throw malformed(`more than ${this.#limits.maxBytes} bytes`);
		const value = this.#reader.readValues(source, keys);
		if (value === NOT_PLAIN) throw malformed('values that are not plain data');
		return value;
	}

	/** What would arrive if `value` were sent; throws what {@link Codec.encode} throws. */
	copy<T>(value: T): T {
		return this.decode(this.encode(value)) as T;
	}

	/** Whatever a getter or a proxy throws is told by the general way, with its path. */
	#plainly(out: ByteWriter, value: unknown): boolean {
		try {
			return this.#writer.write(out, value);
		} catch {
			return false;
		}
	}

	/** The bytes are valid until the next call. A `snapshot` is taken of a value that runs code when it is read. */
	#general(value: unknown, snapshot: boolean): Uint8Array {
		const bytes = write(this.#form.of(value, snapshot));
		if (bytes instanceof TroupeError) throw bytes;
		const { length } = bytes;
		const most = this.#limits.maxBytes;
		if (length > LARGE) startAfresh();
		if (length <= most) return bytes;
		throw new TroupeError('ERR_TOO_LARGE', `the message takes ${length} bytes, more than ${most}: send it in parts`);
	}

	#guarded(bytes: Buffer): unknown {
		try {
			const { length } = bytes;
			const source = readable(bytes, length);
			const passed = guard(source, length, this.#limits);
			const value = decoder.decode(source, length);
			return passed === PLAIN ? value : this.#reviver.of(value);
		} catch (error) {
			if (isTroupeError(error) && error.code === 'ERR_MALFORMED') throw error;
			throw malformed(messageOf(error), error);
		}
	}
}

function write(form: unknown): Uint8Array | TroupeError {
	try {
		return encoder.encode(form, OVERWRITE);
	} catch (cause) {
		startAfresh();
		return new TroupeError('ERR_NOT_ENCODABLE', `the value cannot be encoded: ${messageOf(cause)}`, { cause });
	}
}

function startAfresh(): void {
	encoder.useBuffer(Buffer.allocUnsafeSlow(8 * 1024));
}

function readable(bytes: Buffer, length: number): Buffer {
	if (length > scratch.length) return bytes;
	scratch.set(bytes);
	return scratch;
}

function malformed(what: string, cause?: unknown): TroupeError {
	const detail = cause === undefined ? {} : { cause };
	return new TroupeError('ERR_MALFORMED', `refused while decoding: ${what}`, detail);
}
