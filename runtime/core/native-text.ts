/**
 * Text in Buffers by what they have of Node's own under `write` and `toString`, which look up the encoding by its name
 * each time. For short texts that costs as much as the text.
 */

interface NativeText {
	utf8Write(text: string, at: number): number;
	utf8Slice(at: number, end: number): string;
	latin1Write(text: string, at: number): number;
	latin1Slice(at: number, end: number): string;
}

/** Taken once, because the engine does not know by heart what a Buffer inherits. */
const { utf8Write, utf8Slice, latin1Write, latin1Slice } = Buffer.prototype as unknown as NativeText;

/** Writes `text` into a Buffer, and returns how many bytes it took. */
export function writeUtf8(bytes: Uint8Array, text: string, at: number): number {
	return utf8Write.call(bytes as unknown as NativeText, text, at);
}

/** What a part of a Buffer says. What is no UTF-8 is replaced. */
export function readUtf8(bytes: Uint8Array, at: number, end: number): string {
	return utf8Slice.call(bytes as unknown as NativeText, at, end);
}

/** Writes the bytes that `text` has as letters. */
export function writeLatin1(bytes: Uint8Array, text: string, at: number): number {
	return latin1Write.call(bytes as unknown as NativeText, text, at);
}

/** Bytes as letters, one each. */
export function readLatin1(bytes: Uint8Array, at: number, end: number): string {
	return latin1Slice.call(bytes as unknown as NativeText, at, end);
}
