/**
 * How rates are measured. A driver's work is repeated in slices until it no longer gets faster; then the median of more
 * such slices is its figure. Slices are long enough that reading the clock costs nothing.
 */

import { median } from '../statistics.ts';
import { ownTime } from '../stopwatch.ts';
import type { Figures } from '../workload.ts';
import type { Latch } from './latch.ts';

/** Does this many of whatever is counted, and resolves when they are done. */
export type Batch = (count: number) => Promise<void>;

/** All in milliseconds. */
const SLICE = 40;
const WARM_UP = 300;
const WARM_UP_AT_MOST = 2_000;
const MEASUREMENT = 400;

/** What is better than the best so far by less than this is no news, and after so many without any it is steady. */
const NEWS = 1.03;
const STEADY = 3;

/** How often a second, at a steady rate, when done `count` at a time. What is slow can warm up in smaller batches. */
export async function rateOf(batch: Batch, count: number, warmUpCount = count): Promise<number> {
	await warmUp(() => slice(batch, warmUpCount));
	const rates: number[] = [];
	const end = performance.now() + MEASUREMENT;
	while (performance.now() < end) rates.push(await slice(batch, count));
	return median(rates);
}

/**
 * The rate of messages: `send` sends as many as it is told, and handlers count them. Throws unless exactly what was sent
 * has been handled; what is lost keeps the latch shut, and the run from ending.
 */
export async function flow(
	latch: Latch,
	send: (count: number) => unknown,
	count = 1_000,
	warmUpCount = count,
): Promise<Figures> {
	let sent = latch.total;
	const batch = async (size: number): Promise<void> => {
		sent += size;
		const handled = latch.after(size);
		await send(size);
		await handled;
	};
	const rate = await rateOf(batch, count, warmUpCount);
	await new Promise(setImmediate);
	if (latch.total !== sent) throw new Error(`sent ${sent} messages, and ${latch.total} were handled`);
	return { rate };
}

/** Repeats what measures a rate until the rate no longer rises: compilers take their time, on a busy machine even more. */
export async function warmUp(measure: () => Promise<number>): Promise<void> {
	const begun = performance.now();
	let best = 0;
	let steady = 0;
	for (let elapsed = 0; elapsed < WARM_UP || (steady < STEADY && elapsed < WARM_UP_AT_MOST); ) {
		const rate = await measure();
		steady = rate > best * NEWS ? 0 : steady + 1;
		best = Math.max(best, rate);
		elapsed = performance.now() - begun;
	}
}

async function slice(batch: Batch, count: number): Promise<number> {
	const begun = ownTime();
	const enough = performance.now() + SLICE;
	let done = 0;
	do {
		await batch(count);
		done += count;
	} while (performance.now() < enough);
	return (done / (ownTime() - begun)) * 1_000;
}
