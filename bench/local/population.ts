/**
 * Many actors: how fast they come into being, what each of them weighs, and whether a million cost a thousand times what
 * a thousand do. Each repetition has a world of its own, so that none pays for the one before.
 */

import { median } from '../statistics.ts';
import { ownTime } from '../stopwatch.ts';
import type { Figures } from '../workload.ts';
import { Latch } from './latch.ts';
import { warmUp } from './measure.ts';

/** Where actors live. */
export interface World {
	/** Starts all actors, and keeps what is needed to reach them. */
	spawn(): unknown;
	/** Sends each of them a message, which it counts. */
	tell(): void;
	/** Lets go of them. */
	end(): unknown;
}

/** An empty world with room for `count` actors. */
export type Open = (count: number, latch: Latch) => World | Promise<World>;

const LARGEST = 1_000_000;
const SIZES = [1_000, 10_000, 100_000, LARGEST] as const;

/** In milliseconds: what takes less is repeated for this long, but no oftener than that. */
const MEASUREMENT = 500;
const REPETITIONS = 200;

/** `spawn`: how many a second, and the heap bytes of each. */
export async function births(open: Open, count = 100_000): Promise<Figures> {
	await warmUp(async () => (await birth(open, count / 10)).rate);
	const all: Birth[] = [];
	const end = performance.now() + MEASUREMENT;
	while (performance.now() < end || all.length === 0) all.push(await birth(open, count));
	return { rate: median(all.map(({ rate }) => rate)), bytes: median(all.map(({ bytes }) => bytes)) };
}

/** `actors`: µs for each actor's birth and its first message, by the number of actors. */
export async function growth(open: Open): Promise<Figures> {
	await warmUp(async () => 1 / (await life(open, SIZES[0])));
	const figures: Record<string, number> = {};
	for (const size of SIZES) figures[String(size)] = await costAt(open, size);
	return figures;
}

interface Birth {
	readonly rate: number;
	readonly bytes: number;
}

async function birth(open: Open, count: number): Promise<Birth> {
	const world = await open(count, new Latch());
	const before = await heap();
	const begun = ownTime();
	await world.spawn();
	const rate = (count / (ownTime() - begun)) * 1_000;
	const bytes = ((await heap()) - before) / count;
	await world.end();
	return { rate, bytes };
}

async function costAt(open: Open, size: number): Promise<number> {
	await heap(); // the sizes before are not on this one's bill
	const costs: number[] = [];
	const end = performance.now() + MEASUREMENT;
	while (costs.length === 0 || (performance.now() < end && costs.length < REPETITIONS))
		costs.push(await life(open, size));
	return median(costs);
}

async function life(open: Open, count: number): Promise<number> {
	const latch = new Latch();
	const world = await open(count, latch);
	const begun = ownTime();
	await world.spawn();
	const handled = latch.after(count);
	world.tell();
	await handled;
	const cost = ((ownTime() - begun) * 1_000) / count;
	if (count < LARGEST) await world.end(); // the largest is the last: the process ends with it
	return cost;
}

/** What is reachable, once what is on its way has settled. */
async function heap(): Promise<number> {
	if (!globalThis.gc) throw new Error('run with --expose-gc');
	await new Promise(setImmediate);
	globalThis.gc();
	globalThis.gc();
	return process.memoryUsage().heapUsed;
}
