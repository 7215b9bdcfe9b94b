/** Files as sources and sinks: by the line, and by the line of JSON. */

import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type SinkObject, sinkOf } from './sink.ts';

/** The lines of a file, in UTF-8, without their ends; opened when a run begins, and closed with it. */
export function readLines(path: string): () => AsyncIterable<string> {
	return async function* () {
		const file = await open(path);
		try {
			for await (const line of file.readLines()) yield line;
		} finally {
			await file.close();
		}
	};
}

/** The values of a file of newline-delimited JSON. A line that is none fails the run, with its number; empty lines are none. */
export function readNdjson<T = unknown>(path: string): () => AsyncIterable<T> {
	const lines = readLines(path);
	return async function* () {
		let number = 0;
		for await (const line of lines()) {
			number++;
			if (line.trim() === '') continue;
			try {
				yield JSON.parse(line) as T;
			} catch (cause) {
				throw new SyntaxError(`line ${number} of ${path} is not JSON`, { cause });
			}
		}
	};
}

/** A file of lines, made anew or written on; it is on the disk's way when the run has ended. */
export function writeLines(path: string, options: { readonly append?: boolean } = {}): SinkObject<unknown> {
	let file: SinkObject<unknown> | undefined;
	const opened = (): SinkObject<unknown> =>
		(file ??= sinkOf(createWriteStream(path, { flags: options.append ? 'a' : 'w' })));
	return {
		write: (line) => opened().write(`${line}\n`),
		close: () => opened().close?.(),
		abort: (error) => file?.abort?.(error),
	};
}

/** A file of newline-delimited JSON. */
export function writeNdjson(path: string, options: { readonly append?: boolean } = {}): SinkObject<unknown> {
	const lines = writeLines(path, options);
	return { ...lines, write: (value) => lines.write(JSON.stringify(value)) };
}
