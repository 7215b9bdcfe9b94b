/**
 * What is found out about the files: sizes and lines by extension, which packages are imported, which licences are
 * named, which of JavaScript's words are used, and how often each byte occurs. A tally is plain data that can travel;
 * tallies of parts add up, in whatever order, to the tally of the whole.
 */

import type { Chunk } from './input/chunks.ts';
import { linesIn } from './input/lines.ts';

/** The figures of all files with one extension. */
export interface ExtensionTally {
	files: number;
	/** Files that are no text: their bytes are counted, their lines are not. */
	binary: number;
	bytes: number;
	lines: number;
	blank: number;
	/** Bytes in the longest line. */
	longest: number;
}

/** Everything that was found. */
export interface Tally {
	readonly extensions: Map<string, ExtensionTally>;
	readonly imports: Map<string, number>;
	readonly licences: Map<string, number>;
	readonly words: Map<string, number>;
	/** How often each byte from 0 to 255 occurs. */
	readonly histogram: Float64Array;
}

const IMPORT = /\b(?:from|import|require)[ \t]{0,4}\(?[ \t]{0,4}(['"])([^'"\s\\]{1,214})\1/g;
const LICENCE = /"licen[cs]e"[ \t]{0,4}:[ \t]{0,4}"([^"\\]{1,80})"|SPDX-License-Identifier:[ \t]{0,4}([\w.+-]{1,80})/g;
const WORD = /\b(?:const|let|var|function|class|async|await|return|throw|try|null|undefined|any|TODO|FIXME)\b/g;

/** Nothing found yet. */
export function emptyTally(): Tally {
	return {
		extensions: new Map(),
		imports: new Map(),
		licences: new Map(),
		words: new Map(),
		histogram: new Float64Array(256),
	};
}

/** The tally of one chunk. */
export function analyse({ extension, binary, first, bytes }: Chunk): Tally {
	const tally = emptyTally();
	const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (first) countFile(tally, extension, binary);
	countBytes(tally, extension, content);
	if (!binary) for (const line of linesIn(content)) countLine(tally, extension, line);
	return tally;
}

/** One more file with that extension. */
export function countFile(tally: Tally, extension: string, binary: boolean): void {
	const figures = ofExtension(tally, extension);
	figures.files++;
	if (binary) figures.binary++;
}

/** Bytes of a file, wherever they were cut out of it. */
export function countBytes(tally: Tally, extension: string, bytes: Buffer): void {
	const { histogram } = tally;
	ofExtension(tally, extension).bytes += bytes.length;
	for (let at = 0; at < bytes.length; at++) (histogram[bytes[at] as number] as number)++;
}

/** One line, with its line feed if it has one. */
export function countLine(tally: Tally, extension: string, line: Buffer): void {
	const figures = ofExtension(tally, extension);
	const text = line.toString('utf8');
	figures.lines++;
	if (text.trim() === '') figures.blank++;
	figures.longest = Math.max(figures.longest, line.length);
	for (const [, , name = ''] of text.matchAll(IMPORT)) count(tally.imports, packageOf(name));
	for (const [, field, header] of text.matchAll(LICENCE)) count(tally.licences, field ?? header ?? '');
	for (const [word] of text.matchAll(WORD)) count(tally.words, word);
}

/** Adds a part to the whole; the part is left as it is. */
export function add(whole: Tally, part: Tally): void {
	for (const [extension, figures] of part.extensions) {
		const into = ofExtension(whole, extension);
		into.files += figures.files;
		into.binary += figures.binary;
		into.bytes += figures.bytes;
		into.lines += figures.lines;
		into.blank += figures.blank;
		into.longest = Math.max(into.longest, figures.longest);
	}
	for (const name of ['imports', 'licences', 'words'] as const)
		for (const [key, times] of part[name]) count(whole[name], key, times);
	part.histogram.forEach((times, byte) => {
		(whole.histogram[byte] as number) += times;
	});
}

function ofExtension({ extensions }: Tally, extension: string): ExtensionTally {
	let figures = extensions.get(extension);
	if (!figures)
		extensions.set(extension, (figures = { files: 0, binary: 0, bytes: 0, lines: 0, blank: 0, longest: 0 }));
	return figures;
}

function count(into: Map<string, number>, key: string, times = 1): void {
	into.set(key, (into.get(key) ?? 0) + times);
}

/** `lodash/fp` is of `lodash`, `@nats-io/kv/x` of `@nats-io/kv`; paths within a package are all one. */
function packageOf(specifier: string): string {
	if (/^[./#]/.test(specifier)) return '(relative)';
	return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
