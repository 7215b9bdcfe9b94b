/**
 * The files under a path, in an order that is the same each time. Links are not followed, so a loop of links is no
 * loop; devices, pipes and sockets are left alone. What cannot be read is reported and left out.
 */

import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** A regular file; `path` is relative to the root of its walk. */
export interface InputFile {
	readonly path: string;
	/** Bytes to read: all that it had when it was listed, so that a file that grows stays the same, or fewer. */
	readonly size: number;
}

/** Everything to be read. */
export interface Input {
	readonly root: string;
	readonly files: readonly InputFile[];
	/** Folders and files whose names could be read and nothing else. */
	readonly unreadable: readonly string[];
	/** There was more than the limit. */
	readonly cut: boolean;
}

/** What a file costs beside its bytes, in bytes: so many can be analysed in the time in which a file is opened. */
const PER_FILE = 16 * 1024;

/**
 * Lists `path`: a folder, or one file. The list ends, if need be in the middle of a file, when there is as much to do as
 * in `limit` bytes. Rejects when there is nothing of that name.
 */
export async function walk(path: string, limit = Number.POSITIVE_INFINITY): Promise<Input> {
	const start = await realpath(path);
	const root = (await lstat(start)).isDirectory() ? start : dirname(start);
	const files: InputFile[] = [];
	const unreadable: string[] = [];
	let left = limit;
	const visit = async (place: string): Promise<void> => {
		if (left < 0) return;
		try {
			const entry = await lstat(place);
			if (entry.isFile()) files.push({ path: relative(root, place), size: spend(entry.size) });
			if (entry.isDirectory()) for (const name of (await readdir(place)).sort()) await visit(join(place, name));
		} catch {
			unreadable.push(relative(root, place));
		}
	};
	const spend = (size: number): number => {
		const affordable = Math.min(size, left);
		left -= size + PER_FILE;
		return affordable;
	};
	await visit(start);
	return { root, files, unreadable, cut: left < 0 };
}
