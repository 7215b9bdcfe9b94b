/**
 * What a node has handled, in a file that is written message by message: of a node that is killed with -9 nothing else can
 * be asked. It also says when, so that the gaps of an actor show over all nodes that it was on.
 */

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A message that was handled. */
export interface Entry {
	readonly actor: string;
	readonly stream: string;
	readonly number: number;
	/** By the clock that processes share. */
	readonly at: number;
}

/** The environment variable that names the file. */
export const DIARY = 'TROUPE_CHAOS_DIARY';

/** Notes an entry at once; `undefined` where no diary is kept. */
export function diaryOf(path: string | undefined): ((entry: Entry) => void) | undefined {
	if (path === undefined) return undefined;
	const file = openSync(path, 'a');
	return ({ actor, stream, number, at }) => void writeSync(file, `${actor} ${stream} ${number} ${at}\n`);
}

/** Reads one; a last line that was not finished is of a message that was not handled. */
export function readDiary(path: string): readonly Entry[] {
	if (!existsSync(path)) return [];
	const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
	return lines.map((line) => {
		const [actor = '', stream = '', number, at] = line.split(' ');
		return { actor, stream, number: Number(number), at: Number(at) };
	});
}
