/** What the codec's specs share: any value that travels, and what is expected to arrive. */

import fc from 'fast-check';

/** Strings of any UTF-16 units: lone surrogates, NUL and byte order marks among them. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
	fc.string(),
	fc.string({ unit: 'binary', minLength: 60, maxLength: 200 }),
	fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
	fc.string().map((text) => `\ufeff${text.repeat(20)}`),
);

/** Keys, also such as mean something to a JavaScript object. */
export const anyKey: fc.Arbitrary<string> = fc.oneof(
	anyString,
	fc.nat(20_000).map(String),
	fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'toString', 'toJSON', 'then', 'length', '', '0', '007'),
);

const scalar = fc.oneof(
	anyString,
	fc.double(),
	fc.integer(),
	fc.maxSafeInteger(),
	fc.boolean(),
	fc.constantFrom(null, undefined, -0, 0, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, -(2 ** 32), 2 ** 32),
	fc.bigInt(),
	fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
	fc.constantFrom(2n ** 64n, 2n ** 64n - 1n, -(2n ** 64n), -(2n ** 64n) - 1n, 0n, -1n, 2n ** 8191n, -(2n ** 8191n)),
	fc.date({ noInvalidDate: true }),
);

const binary = fc.oneof(
	fc.uint8Array(),
	fc.uint8Array({ size: '+1' }).map((bytes) => Buffer.from(bytes)),
	fc.uint8Array().map((bytes) => bytes.slice().buffer),
	fc.uint8Array().map((bytes) => new DataView(bytes.slice().buffer)),
	fc.uint8ClampedArray(),
	fc.int8Array(),
	fc.uint16Array(),
	fc.int16Array(),
	fc.uint32Array(),
	fc.int32Array(),
	fc.float32Array(),
	fc.float64Array(),
	fc.bigInt64Array(),
	fc.bigUint64Array(),
);

/** Any value that travels, errors and refs apart. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		{ arbitrary: scalar, weight: 6 },
		{ arbitrary: binary, weight: 1 },
		{ arbitrary: fc.array(tie('value')), weight: 1 },
		{ arbitrary: fc.array(fc.tuple(anyKey, tie('value'))).map(objectOf), weight: 2 },
		{ arbitrary: fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)), weight: 1 },
		{ arbitrary: fc.array(tie('value')).map((members) => new Set(members)), weight: 1 },
	),
})).value;

/** A plain object with exactly these properties, `__proto__` among them if it is named. */
export function objectOf(entries: readonly (readonly [string, unknown])[]): object {
	const object = {};
	for (const [name, value] of entries) {
		Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
	}
	return object;
}
