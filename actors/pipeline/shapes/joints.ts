/** Several streams as one, and one as several. */

import { Shelf } from '../shelf.ts';
import { type Batch, hold, Signal, type Stream, settle } from '../stream.ts';
import { Asking, type Shape, streamOf } from './shape.ts';

/** Whatever comes, from whichever; the order of each is kept. */
export const merge: Shape = (upstreams) => {
	const signal = new Signal();
	const all = upstreams.map((upstream) => new Asking(upstream, signal));
	let first = 0;
	return streamOf(upstreams, async () => {
		for (;;) {
			// Each is the first in its turn, or one that always has something would let no other pass.
			first = (first + 1) % all.length;
			for (const asking of [...all.slice(first), ...all.slice(0, first)]) {
				const batch = asking.take();
				if (batch) return batch;
			}
			if (all.every(({ over }) => over)) return undefined;
			await signal.wait();
		}
	});
};

/** One after the other. */
export const concat: Shape = (upstreams) => {
	let at = 0;
	return streamOf(upstreams, async () => {
		for (; at < upstreams.length; at++) {
			const batch = await upstreams[at]?.next();
			if (batch) return batch;
		}
		return undefined;
	});
};

/** The first of each, then the second of each, as lists; it ends with the shortest. */
export const zip: Shape = (upstreams) => {
	const shelves = upstreams.map(() => new Shelf());
	return streamOf(upstreams, async () => {
		for (const [n, shelf] of shelves.entries()) {
			while (shelf.length === 0) {
				const batch = await upstreams[n]?.next();
				if (batch) shelf.put(batch);
				else {
					await Promise.all(upstreams.map((upstream) => upstream.cancel()));
					return undefined;
				}
			}
		}
		const count = Math.min(...shelves.map(({ length }) => length));
		const parts = shelves.map((shelf) => shelf.take(count));
		const values = Array.from({ length: count }, (_, n) => parts.map((part) => part.values[n]));
		return { values, receipts: parts.flatMap(({ receipts }) => receipts) };
	});
};

/** Batches that wait for one branch before no more are taken for any. */
const ROOM = 2;

/** One stream for several branches: each gets all, as fast as the slowest takes it; or each element goes to whoever asks next. */
export function fork(upstream: Stream, branches: number, mode: 'broadcast' | 'balance'): readonly Stream[] {
	const queues: (Batch[] | undefined)[] = Array.from({ length: branches }, () => []);
	const changed = new Signal();
	let asking = false;
	let over = false;
	let failure: { readonly error: unknown } | undefined;
	const ask = (): void => {
		const all = queues.filter((queue) => queue !== undefined);
		if (asking || over || (mode === 'broadcast' && all.some(({ length }) => length >= ROOM))) return;
		asking = true;
		upstream.next().then(
			(batch) => {
				asking = false;
				if (batch) share(batch);
				else over = true;
				changed.wake();
			},
			(error) => {
				failure = { error };
				changed.wake();
			},
		);
	};
	const waiting: number[] = [];
	const share = (batch: Batch): void => {
		const all = queues.filter((queue) => queue !== undefined);
		if (all.length === 0) return settle(batch);
		if (mode === 'balance') return void (queues[waiting.shift() as number] ?? all[0])?.push(batch);
		hold(batch, all.length - 1);
		for (const queue of all) queue.push(batch);
	};
	return queues.map((_, n) => ({
		async next() {
			if (mode === 'balance') waiting.push(n);
			for (;;) {
				if (failure) throw failure.error;
				const batch = queues[n]?.shift();
				if (batch) return batch;
				if (over || !queues[n]) return undefined;
				ask();
				await changed.wait();
			}
		},
		async cancel() {
			for (const batch of queues[n] ?? []) settle(batch);
			queues[n] = undefined;
			changed.wake();
			if (queues.every((queue) => queue === undefined)) await upstream.cancel();
		},
	}));
}
