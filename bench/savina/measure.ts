/**
 * Plays a problem over and over: first until the code is warm, then in a few repetitions, of which the median counts.
 * A wrong answer ends the measurement.
 */

import { deepStrictEqual } from 'node:assert';
import { median } from '../statistics.ts';
import type { Figures } from '../workload.ts';
import type { Problem } from './problem.ts';
import type { Scene } from './scene.ts';

/** Milliseconds of play before anything counts. */
const WARM_UP = 350;
const REPETITIONS = 7;
/** Milliseconds of play in one repetition: some ten plays of the quickest, one of the slowest. */
const REPETITION = 150;

/** The rate at which `raise`'s scenes get through the problem's items. */
export async function measure<Answer>(
	problem: Problem<Answer>,
	raise: () => Scene<Answer> | Promise<Scene<Answer>>,
): Promise<Figures> {
	/** Plays for at least so many milliseconds; returns items per second. */
	async function plays(milliseconds: number): Promise<number> {
		let spent = 0;
		let items = 0;
		for (; spent < milliseconds; items += problem.items) {
			const scene = await raise();
			const start = performance.now();
			const answer = await scene.play();
			spent += performance.now() - start;
			await scene.close?.();
			deepStrictEqual(answer, problem.answer, `the answer to ${problem.workload.name} is wrong`);
		}
		return (items / spent) * 1_000;
	}

	await plays(WARM_UP);
	const rates: number[] = [];
	for (let repetition = 0; repetition < REPETITIONS; repetition++) rates.push(await plays(REPETITION));
	return { rate: median(rates) };
}
