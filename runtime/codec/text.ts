/** Which strings are written as CBOR text and which keys as keys of a CBOR map: all but a few troublesome ones. */

/** TypeScript's library of ES2023 lacks what Node 20 has. */
interface WellFormed {
	isWellFormed(): boolean;
}

/**
 * Whether `text` comes back from UTF-8 as it was. A lone surrogate has no UTF-8, and cbor-x writes three replacement
 * characters or one, by length; a leading byte order mark is trimmed by TextDecoder, though not by the native addon.
 */
export function isPlainText(text: string): boolean {
	return text.charCodeAt(0) !== 0xfeff && (text as unknown as WellFormed).isWellFormed();
}

/** Whether a CBOR map may not have this key: one of {@link isOddName}, and what is no plain text. */
export function isOddKey(key: string): boolean {
	return isOddName(key) || !isPlainText(key);
}

/**
 * `__proto__`, which cbor-x renames; `constructor`, by which it tells what an object is; and array indices. Enough to
 * ask where the key is looked at as text in any case.
 */
export function isOddName(key: string): boolean {
	const first = key.charCodeAt(0);
	if (first < 0x3a) return isIndexKey(key);
	return (first === 0x5f && key === '__proto__') || (first === 0x63 && key === 'constructor');
}

/**
 * Whether `key` is an array index of two to four digits. V8 stores such a property in a flat array as long as the
 * index, so `{ "1023": 0 }` takes 7 bytes on the wire and 13,000 in memory: 700 kB of them, 1.3 GB. In a CBOR map the
 * guard refuses such keys; the encoder sends their object as pairs, and the decoder stores those sparsely.
 */
export function isIndexKey(key: string): boolean {
	if (key.length < 2 || key.length > 4) return false;
	for (let i = 0; i < key.length; i++) if (!isDigit(key.charCodeAt(i))) return false;
	return true;
}

/** Whether a character, or a byte, is a decimal digit. */
export function isDigit(code: number): boolean {
	return code >= 0x30 && code <= 0x39;
}

/** Such as most objects have. */
const MOST_KEYS = 32;
const LONGEST_KEY = 64;

/** The most bytes that {@link areKeys} can take, with their heads. */
export const KEYS_BYTES = MOST_KEYS * (3 * LONGEST_KEY + 2);

/** Whether these may be the keys of objects that travel without them: a few, all different, none of them odd. */
export function areKeys(keys: readonly unknown[]): keys is readonly string[] {
	return (
		keys.length > 0 &&
		keys.length <= MOST_KEYS &&
		new Set(keys).size === keys.length &&
		keys.every((key) => typeof key === 'string' && key.length <= LONGEST_KEY && !isOddKey(key))
	);
}
