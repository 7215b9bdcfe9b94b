/**
 * The CBOR tags of Troupe's wire form: whatever is no null, boolean, number, bigint of 64 bits, string, array, plain
 * object or Buffer. They are our own because cbor-x keeps the meaning of the standard tags in one table for the
 * whole process, which every user of cbor-x can change by `addExtension`, and because some of its readings lose
 * something (milliseconds of far dates, the sign of -0) or can be made to stall (bignums).
 */

/** The first of our tags: three bytes on the wire, outside every range that cbor-x or the registry has a use for. */
export const FIRST_TAG = 0xd400;

/** What each tag means. */
export const TAG = {
	/** -0, which cbor-x would write as 0. Holds 0. */
	minusZero: 0xd400,
	/** Milliseconds since 1970, or NaN. */
	date: 0xd401,
	/** UTF-16, for a string that UTF-8 cannot hold (lone surrogates) or a decoder may trim (a byte order mark). */
	text: 0xd402,
	/** A bigint beyond 64 bits, big-endian. */
	bigint: 0xd403,
	/** The absolute value of a negative one. */
	minusBigint: 0xd404,
	/** Key, value, key, value... of a Map. */
	map: 0xd405,
	/** The members of a Set. */
	set: 0xd406,
	/** Key, value... of an object whose keys cannot be a CBOR map's: see `text.ts`. */
	object: 0xd407,
	/** See `error-form.ts`. */
	error: 0xd408,
	/** The parts of a ref; the ref port knows what they mean. */
	ref: 0xd409,
	arrayBuffer: 0xd40a,
	dataView: 0xd40b,
	/** Typed arrays: their bytes, little-endian. */
	Uint8Array: 0xd40c,
	Uint8ClampedArray: 0xd40d,
	Int8Array: 0xd40e,
	Uint16Array: 0xd40f,
	Int16Array: 0xd410,
	Uint32Array: 0xd411,
	Int32Array: 0xd412,
	Float32Array: 0xd413,
	Float64Array: 0xd414,
	BigInt64Array: 0xd415,
	BigUint64Array: 0xd416,
} as const;

/** The typed arrays that travel, by the name their `Symbol.toStringTag` gives. */
export const TYPED_ARRAYS = {
	Uint8Array,
	Uint8ClampedArray,
	Int8Array,
	Uint16Array,
	Int16Array,
	Uint32Array,
	Int32Array,
	Float32Array,
	Float64Array,
	BigInt64Array,
	BigUint64Array,
} as const;

/** The name of a typed array that travels. */
export type TypedArrayName = keyof typeof TYPED_ARRAYS;

/** The largest bigint, in bytes (8,192 bits). Reading it takes 2 µs; but what a handler then does with one may not. */
export const MAX_BIGINT_BYTES = 1024;
