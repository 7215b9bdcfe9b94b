/** Many of a thing, some hundreds under way at a time, as somebody in a hurry would do it. */

import { MEASURED, WARM_UP } from './flood.ts';

/** So many under way at once. */
const WIDTH = 500;

/** Does it `count` times, beginning with number `from`. */
export async function abreast(count: number, act: (n: number) => Promise<unknown>, from = 0): Promise<void> {
	for (let n = from; n < from + count; n += WIDTH) {
		const width = Math.min(WIDTH, from + count - n);
		await Promise.all(Array.from({ length: width }, (_, i) => act(n + i)));
	}
}

/** Of these, the last {@link MEASURED_TIMES} are measured. */
export const ALL_TIMES = 6_000;
const MEASURED_TIMES = 5_000;

/** How many a second, after a warm-up. */
export async function rateAbreast(act: (n: number) => Promise<unknown>): Promise<{ rate: number }> {
	const before = ALL_TIMES - MEASURED_TIMES;
	await abreast(before, act);
	const start = performance.now();
	await abreast(MEASURED_TIMES, act, before);
	return { rate: (MEASURED_TIMES * 1_000) / (performance.now() - start) };
}

/** Messages under way at any time, where each is waited for. */
export const AT_ONCE = 1_000;

/** Acts with so many under way at any time: how many a second after a warm-up, and how many in all. */
export async function stored(
	width: number,
	act: (n: number) => Promise<unknown>,
): Promise<{ readonly rate: number; readonly count: number }> {
	let count = 0;
	const rush = async (ms: number): Promise<number> => {
		const [first, start] = [count, performance.now()];
		const one = async (): Promise<void> => {
			while (performance.now() < start + ms) await act(count++);
		};
		await Promise.all(Array.from({ length: width }, one));
		return ((count - first) * 1_000) / (performance.now() - start);
	};
	await rush(WARM_UP);
	const rate = await rush(MEASURED);
	return { rate, count };
}
