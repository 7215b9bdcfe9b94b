/**
 * A file in chunks of at most 64 KiB that can be analysed apart from each other: text is cut at line ends, anything else
 * anywhere. The cuts depend on the bytes alone, so a file that is read again by another producer has the same chunks
 * with the same IDs. An empty file is one empty chunk.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { LONGEST_LINE, looksBinary } from './lines.ts';
import type { InputFile } from './walk.ts';

/** A piece of a file, with all that its analysis needs to know. */
export interface Chunk {
	/** `path:offset`: the same whoever reads the file, and how often. */
	readonly id: string;
	readonly path: string;
	readonly extension: string;
	readonly binary: boolean;
	/** Whether the file begins here. */
	readonly first: boolean;
	readonly bytes: Uint8Array;
}

/** Bytes in a chunk: as many as the longest line, so that every chunk holds at least one. */
const CHUNK = LONGEST_LINE;

/** Longer than this it is no extension but a name with a dot in it. */
const LONGEST_EXTENSION = 12;

/** Reads the file chunk by chunk; throws what the file system throws. */
export async function* chunksOf(root: string, { path, size }: InputFile): AsyncGenerator<Chunk> {
	const file = await open(join(root, path));
	try {
		let binary: boolean | undefined;
		for (let offset = 0; ; ) {
			const wanted = Math.min(CHUNK, size - offset);
			const bytes = await readAt(file, offset, wanted);
			const last = bytes.length < wanted || offset + wanted === size; // fewer: it has shrunk since it was listed
			binary ??= looksBinary(bytes);
			const end = last || binary ? bytes.length : cutOf(bytes);
			const id = `${path}:${offset}`;
			yield { id, path, extension: extensionOf(path), binary, first: offset === 0, bytes: bytes.subarray(0, end) };
			if (last) return;
			offset += end;
		}
	} finally {
		await file.close();
	}
}

/** What its statistics are filed under. */
export function extensionOf(path: string): string {
	const extension = extname(path).toLowerCase();
	return extension === '' || extension.length > LONGEST_EXTENSION ? '(other)' : extension;
}

/** After the last line end; in the middle of an overlong line, after all of it that is here. */
function cutOf(bytes: Buffer): number {
	return bytes.lastIndexOf('\n') + 1 || bytes.length;
}

/** So many bytes, or fewer at the end of the file. */
async function readAt(file: FileHandle, offset: number, wanted: number): Promise<Buffer> {
	const buffer = Buffer.allocUnsafe(wanted);
	let length = 0;
	while (length < wanted) {
		const { bytesRead } = await file.read(buffer, length, wanted - length, offset + length);
		if (bytesRead === 0) break;
		length += bytesRead;
	}
	return buffer.subarray(0, length);
}
