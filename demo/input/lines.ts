/**
 * What a line is: it ends with its line feed, or with the file, or after 64 KiB. The last part makes the analysis of a
 * file of one endless line possible in bounded memory, and is counted from the line's start, so that whoever cuts a
 * file at line ends finds the same lines in the pieces as in the whole.
 */

/** The longest line in bytes, its line feed included. */
export const LONGEST_LINE = 64 * 1024;

const LINE_FEED = 0x0a;

/** Where the line that begins at `from` ends (exclusive); `undefined` when its end is beyond these bytes. */
export function lineEnd(bytes: Buffer, from: number): number | undefined {
	const feed = bytes.indexOf(LINE_FEED, from);
	const end = feed < 0 ? bytes.length : feed + 1;
	if (end - from >= LONGEST_LINE) return from + LONGEST_LINE;
	return feed < 0 ? undefined : end;
}

/** The lines in these bytes, of which the last may lack its line feed. */
export function* linesIn(bytes: Buffer): Generator<Buffer> {
	for (let from = 0; from < bytes.length; ) {
		const end = lineEnd(bytes, from) ?? bytes.length;
		yield bytes.subarray(from, end);
		from = end;
	}
}

/** Whether a file that begins with these bytes is no text, by the rule that git and grep have: there is a NUL in them. */
export function looksBinary(start: Buffer): boolean {
	return start.subarray(0, 8_000).includes(0);
}
