/**
 * The same analysis without actors, nodes or chunks: one process, one loop over the files, one line after the other.
 * It is what the cluster's result is measured against, so it shares with it what is counted and nothing of how.
 */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { countBytes, countFile, countLine, emptyTally, type Tally } from './analysis.ts';
import { extensionOf } from './input/chunks.ts';
import { lineEnd, looksBinary } from './input/lines.ts';
import type { Input } from './input/walk.ts';

/** Other blocks than the cluster's chunks. */
const BLOCK = 1_000_000;

/** Reads and counts everything; of a file that cannot be read to its end, what could be read. */
export async function plainRun({ root, files }: Input): Promise<Tally> {
	const tally = emptyTally();
	for (const { path, size } of files) {
		try {
			await countAll(tally, join(root, path), extensionOf(path), size);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
		}
	}
	return tally;
}

async function countAll(tally: Tally, path: string, extension: string, size: number): Promise<void> {
	let binary: boolean | undefined;
	let rest: Buffer = Buffer.alloc(0);
	// `end` is the last byte to be read: of an empty file there is none, but it is opened all the same.
	for await (const all of createReadStream(path, { highWaterMark: BLOCK, end: Math.max(0, size - 1) })) {
		const block: Buffer = size === 0 ? rest : all;
		if (binary === undefined) countFile(tally, extension, (binary = looksBinary(block)));
		countBytes(tally, extension, block);
		if (binary) continue;
		rest = Buffer.concat([rest, block]);
		let from = 0;
		for (let end = lineEnd(rest, from); end !== undefined; end = lineEnd(rest, from)) {
			countLine(tally, extension, rest.subarray(from, end));
			from = end;
		}
		rest = rest.subarray(from);
	}
	if (binary === undefined) countFile(tally, extension, false);
	if (rest.length > 0) countLine(tally, extension, rest);
}
