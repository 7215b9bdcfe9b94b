/** What is made of a web server's log: for each path, how many requests were answered well, and with how many bytes. */

import { type Pipeline, pipeline, readLines, type Sink } from '../../index.ts';

/** A request that was answered well. */
export interface Hit {
	readonly path: string;
	readonly bytes: number;
}

const LINE = /^\S+ \S+ \S+ \[[^\]]*\] "(?:GET|HEAD|POST) ([^ "]+)[^"]*" (\d{3}) (\d+|-)/;

/** A line as a hit; `undefined` for what is none. */
function hitOf(line: string): Hit | undefined {
	const [, path = '', status, bytes] = LINE.exec(line) ?? [];
	return status === '200' ? { path, bytes: Number(bytes) || 0 } : undefined;
}

/** The pipeline. Its workers are on nodes of the role `worker`, whose program imports this module, too. */
export function logPipeline(path: string, sink: Sink<Hit>, rate: number): Pipeline {
	return pipeline('demo.log')
		.from(readLines(path))
		.rateLimit({ rate, per: '1s', burst: Math.ceil(rate / 10) })
		.map(hitOf, { name: 'parse', workers: 6, on: 'role:worker' })
		.filter((hit) => hit !== undefined)
		.to(sink, { name: 'count' });
}

// What a node has not declared, it does not work on.
logPipeline('', () => {}, 1);
