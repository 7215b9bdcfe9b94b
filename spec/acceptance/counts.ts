/** A program of stages: texts are fetched, analysed, and what was found is stored, in the order of the texts. */

import { type Pipeline, pipeline } from '../../index.ts';

const TEXTS = Array.from({ length: 200 }, (_, n) => `${'to be or not '.repeat(n % 7)}to be ${n}`);

/** The program; it prints into `print`. */
export function counts(print: (line: string) => void): Pipeline {
	return pipeline('spec.counts')
		.from(TEXTS)
		.map(async (text) => text.toUpperCase(), { workers: 3 })
		.flatMap((text) => text.split(' '))
		.filter((word) => word.length > 1)
		.batch({ size: 20 })
		.map((words) => Object.fromEntries(words.map((word) => [word, words.filter((other) => other === word).length])))
		.to((found) => print(JSON.stringify(found)));
}

counts(() => {});
