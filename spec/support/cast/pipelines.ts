/**
 * Pipelines that both sides of a stage have declared: what is to be worked on elsewhere has to be known there. Sources and
 * sinks are those of whoever runs them.
 */

import { type Pipeline, pipeline, type Sink, type Source, type WorkOptions } from '../../../index.ts';

/** How the work is done: part of what is declared. */
const CREWS = {
	alone: {},
	four: { workers: 4 },
	unordered: { workers: 4, unordered: true },
	elastic: { elastic: { min: 1, max: 4 } },
	patient: { workers: 2, retry: { attempts: 2, backoff: { initial: 1 } } },
} as const satisfies Readonly<Record<string, WorkOptions>>;

/** One of the ways in which the work of a pipeline can be done. */
export type CrewName = keyof typeof CREWS;

/** Words out of lines: cut, cleaned, without the short ones. */
export function words(source: Source<string>, sink: Sink<string>, crew: CrewName = 'alone'): Pipeline {
	return pipeline(`spec.words.${crew}`)
		.from(source)
		.flatMap((line) => line.split(' '), CREWS[crew])
		.map((word) => word.toLowerCase(), CREWS[crew])
		.filter((word) => word.length > 2, CREWS[crew])
		.to(sink);
}

/** Doubles, in a time that is longer for some than for others. */
export function doubles(source: Source<number>, sink: Sink<number>, crew: CrewName = 'alone'): Pipeline {
	return pipeline(`spec.doubles.${crew}`)
		.from(source)
		.map(async (n) => {
			if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
			return 2 * n;
		}, CREWS[crew])
		.to(sink);
}

/** Squares, but for negative numbers, which it refuses, and odd ones, which it refuses the first time. */
export function picky(source: Source<number>, sink: Sink<number>, crew: CrewName = 'alone'): Pipeline {
	const seen = new Set<number>();
	return pipeline(`spec.picky.${crew}`)
		.from(source)
		.map((n) => {
			if (n < 0) throw new RangeError(`${n} is negative`);
			if (n % 2 === 1 && !seen.has(n)) {
				seen.add(n);
				throw new Error(`${n} is odd`);
			}
			return n * n;
		}, CREWS[crew])
		.to(sink);
}

/** Large pieces: each number becomes a buffer of so many bytes. */
export function buffers(source: Source<number>, sink: Sink<Uint8Array>, crew: CrewName = 'alone'): Pipeline {
	return pipeline(`spec.buffers.${crew}`)
		.from(source)
		.map((size) => new Uint8Array(size), CREWS[crew])
		.map((buffer) => buffer.fill(7), CREWS[crew])
		.to(sink);
}

/** Declares all of them; importing this module has done so already. */
for (const declare of [words, doubles, picky, buffers])
	for (const crew of Object.keys(CREWS) as CrewName[]) declare([], () => {}, crew);
