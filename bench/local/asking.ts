/**
 * Asks, one after the other and a thousand at once. The rate is measured without a clock in the loop; the quantiles come
 * from a pass of their own, with one reading of the clock per ask, whose own cost is measured and taken off.
 */

import type { Figures } from '../workload.ts';
import { rateOf } from './measure.ts';

/** Asks a counter to add one; resolves to its total. */
export type Ask = () => PromiseLike<number>;

/** Asks that often, and resolves to the last total. */
export type Asks = (count: number) => Promise<number>;

const IN_FLIGHT = 1_000;
const SAMPLES = 100_000;
const SAMPLING = 500;

/** `ask`: one at a time. */
export async function sequentialAsks(ask: Ask): Promise<Figures> {
	const rate = await askRate(async (count) => {
		let total = 0;
		for (let i = 0; i < count; i++) total = await ask();
		return total;
	});
	return { rate, ...(await quantiles(ask)) };
}

/** `ask-1000`: as many in flight. */
export function concurrentAsks(ask: Ask): Promise<Figures> {
	const asks: PromiseLike<number>[] = new Array(IN_FLIGHT);
	return askRates(async (count) => {
		for (let i = 0; i < count; i++) asks[i] = ask();
		const totals = await Promise.all(asks);
		return totals.at(-1) ?? 0;
	});
}

/** The rate alone, for who does not ask through promises. Throws unless the counter has counted every ask. */
export async function askRates(asks: Asks): Promise<Figures> {
	return { rate: await askRate(asks) };
}

async function askRate(asks: Asks): Promise<number> {
	let asked = 0;
	let total = 0;
	const rate = await rateOf(async (count) => {
		asked += count;
		total = await asks(count);
	}, IN_FLIGHT);
	if (total !== asked) throw new Error(`asked ${asked} times, and ${total} were counted`);
	return rate;
}

/** In µs. */
async function quantiles(ask: Ask): Promise<Figures> {
	const samples = new Float64Array(SAMPLES);
	const begun = performance.now();
	let taken = 0;
	let last = begun;
	while (taken < SAMPLES && last - begun < SAMPLING) {
		await ask();
		const now = performance.now();
		samples[taken++] = now - last;
		last = now;
	}
	const sorted = samples.subarray(0, taken).sort();
	const clock = clockCost();
	const at = (quantile: number): number => Math.max(0, (sorted[Math.floor(taken * quantile)] ?? 0) - clock) * 1_000;
	return { p50: at(0.5), p99: at(0.99) };
}

/** One reading of the clock, in ms: some 40 ns. */
function clockCost(): number {
	const samples = new Float64Array(SAMPLES);
	let last = performance.now();
	for (let i = 0; i < SAMPLES; i++) {
		const now = performance.now();
		samples[i] = now - last;
		last = now;
	}
	return samples.sort()[SAMPLES >> 1] ?? 0;
}
