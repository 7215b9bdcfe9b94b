/**
 * The files under a path, in an order that is the same each time. Links are not followed, so a loop of links is no
 * loop; devices, pipes and sockets are left alone. What cannot be read is reported and left out.
 */

import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** A regular file; `path` is relative to the root of its walk. */
export interface InputFile {
	readonly path: string;
	readonly size: number;
}

/** Everything to be read. */
export interface Input {
	readonly root: string;
	readonly files: readonly InputFile[];
	/** Folders and files whose names could be read and nothing else. */
	readonly unreadable: readonly string[];
}

/** Lists `path`: a folder, or one file. Rejects when there is nothing of that name. */
export async function walk(path: string): Promise<Input> {
	const start = await realpath(path);
	const root = (await lstat(start)).isDirectory() ? start : dirname(start);
	const files: InputFile[] = [];
	const unreadable: string[] = [];
	const visit = async (place: string): Promise<void> => {
		try {
			const entry = await lstat(place);
			if (entry.isFile()) files.push({ path: relative(root, place), size: entry.size });
			if (entry.isDirectory()) for (const name of (await readdir(place)).sort()) await visit(join(place, name));
		} catch {
			unreadable.push(relative(root, place));
		}
	};
	await visit(start);
	return { root, files, unreadable };
}
