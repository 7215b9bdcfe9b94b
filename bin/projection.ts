/**
 * Any value an actor may answer with, as JSON: for scripts, which read it, rather than for a way back.
 *
 * | value | JSON |
 * |---|---|
 * | `undefined`, a function, a symbol | `null`; as a field of an object it is left out |
 * | `bigint` | its digits, as a string |
 * | `NaN`, `Infinity`, `-Infinity` | their names, as strings |
 * | `Date` | ISO 8601; `null` when it is invalid |
 * | `Map` | a list of `[key, value]` |
 * | `Set`, a typed array other than bytes | a list |
 * | `Uint8Array`, `Buffer`, `ArrayBuffer`, `DataView` | base64 |
 * | an error | `{ name, code, message, cause, … }`, without its stack |
 * | a ref, or whatever has a `toJSON` | what its `toJSON` says: `{ id, kind, path }` |
 * | an object inside itself | `"[Circular]"` |
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The projection described above. */
export function projected(value: unknown, within: readonly object[] = []): Json {
	switch (typeof value) {
		case 'string':
		case 'boolean':
			return value;
		case 'number':
			return Number.isFinite(value) ? value : String(value);
		case 'bigint':
			return String(value);
		case 'object':
			return value === null ? null : ofObject(value, within);
		default:
			return null;
	}
}

function ofObject(value: object, within: readonly object[]): Json {
	if (within.includes(value)) return '[Circular]';
	const inside = [...within, value];
	const each = (item: unknown): Json => projected(item, inside);
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
	if (value instanceof Map) return Array.from(value, (pair) => pair.map(each));
	if (value instanceof Set || Array.isArray(value)) return Array.from(value, each);
	if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
	if (value instanceof Uint8Array || value instanceof DataView)
		return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
	if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, each);
	if (value instanceof Error) return fieldsOf({ name: value.name, ...codeFirst(value) }, inside);
	if ('toJSON' in value && typeof value.toJSON === 'function') return each(value.toJSON());
	return fieldsOf(value, inside);
}

/** What does not enumerate in an error is told as well, in the order in which people read. */
function codeFirst(error: Error): object {
	const { code } = error as { code?: unknown };
	const { message, cause } = error;
	const { errors } = error as { errors?: unknown };
	return Object.assign({ code, message, cause, errors }, error);
}

function fieldsOf(value: object, within: readonly object[]): Json {
	const fields = Object.entries(value).filter(
		([, field]) => !['undefined', 'function', 'symbol'].includes(typeof field),
	);
	// Entries, not assignments: a field called __proto__ is a field like any other.
	return Object.fromEntries(fields.map(([name, field]) => [name, projected(field, within)]));
}
