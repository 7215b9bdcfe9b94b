/** A process of its own that says what a tell and an ask allocate, in bytes, once the compilers have done their work. */

import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { Actor, ActorSystem } from '../../index.ts';

class Sink extends Actor {
	static readonly kind = 'sink';
	#left = 0;
	#done: (() => void) | undefined;

	expect(count: number, done: () => void) {
		this.#left = count;
		this.#done = done;
	}

	take(_value: number) {
		if (--this.#left === 0) this.#done?.();
	}

	answer(value: number) {
		return value;
	}
}

const BATCH = 1_000;
const WARM_UP = 1_500;
const MEASURED = 500;

const system = await ActorSystem.start();
const sink = await system.spawn(Sink);

function tell(): Promise<void> {
	return new Promise((done) => {
		sink.tell.expect(BATCH, done);
		for (let i = 0; i < BATCH; i++) sink.tell.take(1);
	});
}

async function ask(): Promise<void> {
	for (let i = 0; i < BATCH; i++) await sink.ask.answer(1);
}

/** Bytes that one message of `batch` allocates: every 2 KiB, the engine takes a sample. */
async function bytesOf(batch: () => Promise<void>): Promise<number> {
	for (let i = 0; i < WARM_UP; i++) await batch();
	const session = new Session();
	session.connect();
	await session.post('HeapProfiler.startSampling', {
		samplingInterval: 2_048,
		includeObjectsCollectedByMajorGC: true,
		includeObjectsCollectedByMinorGC: true,
	} as { samplingInterval: number });
	for (let i = 0; i < MEASURED; i++) await batch();
	const { profile } = await session.post('HeapProfiler.stopSampling');
	session.disconnect();
	return sizeOf(profile.head) / (MEASURED * BATCH);
}

function sizeOf({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
	return children.reduce((bytes, child) => bytes + sizeOf(child), selfSize);
}

process.send?.({ tell: await bytesOf(tell), ask: await bytesOf(ask) });
