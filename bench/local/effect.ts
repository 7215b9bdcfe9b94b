/**
 * Effect 4: an actor as its users write it, a queue and a fiber that takes from it; a deferred for each reply. Asks are
 * made inside of Effect, by one fiber or by a thousand, where a stopwatch for each of them cannot be.
 */

import { Deferred, Effect, Fiber, Queue } from 'effect';
import type { Driver, Figures } from '../workload.ts';
import { askRates } from './asking.ts';
import { ROOM } from './channels.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';
import { births, type World } from './population.ts';

interface Add {
	readonly by: number;
	readonly reply?: Deferred.Deferred<number>;
}

/** Forks a fiber that handles what it takes from the queue, one message at a time. */
const serve = <M>(queue: Queue.Queue<M>, handle: (message: M) => Effect.Effect<void> | void) =>
	Effect.runFork(
		Effect.gen(function* () {
			for (;;) {
				const work = handle(yield* Queue.take(queue));
				if (work !== undefined) yield* work;
			}
		}),
	);

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: () => {
		const { latch, counter } = startCounter();
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) Queue.offerUnsafe(counter, { by: 1 });
		});
	},
	burst: () => {
		const { latch, counter } = startCounter();
		const burst = (count: number): void => {
			for (let i = 0; i < count; i++) Queue.offerUnsafe(counter, { by: 1 });
		};
		return flow(latch, burst, 1_000_000, 100_000);
	},
	ask: () => {
		const { counter } = startCounter();
		const asks = (count: number) =>
			Effect.gen(function* () {
				let total = 0;
				for (let i = 0; i < count; i++) total = yield* ask(counter);
				return total;
			});
		return askRates((count) => Effect.runPromise(asks(count)));
	},
	'ask-1000': () => {
		const { counter } = startCounter();
		const asks = (count: number) =>
			Effect.all(
				Array.from({ length: count }, () => ask(counter)),
				{ concurrency: 'unbounded' },
			);
		return askRates(async (count) => (await Effect.runPromise(asks(count))).at(-1) ?? 0);
	},
	'ping-pong': () => ring(2),
	'fan-in': () => {
		const { latch, counter } = startCounter();
		const senders = Array.from({ length: 100 }, () => {
			const queue = unbounded<number>();
			serve(queue, (count) => {
				for (let i = 0; i < count; i++) Queue.offerUnsafe(counter, { by: 1 });
			});
			return queue;
		});
		const start = (count: number): void => {
			for (const sender of senders) Queue.offerUnsafe(sender, count / 100);
		};
		return flow(latch, start, 10_000);
	},
	ring: () => ring(100),
	async: () => {
		const latch = new Latch();
		const resolved = Promise.resolve();
		const counter = unbounded<Add>();
		serve(counter, ({ by }) =>
			Effect.gen(function* () {
				yield* Effect.promise(() => resolved);
				latch.count(by);
			}),
		);
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) Queue.offerUnsafe(counter, { by: 1 });
		});
	},
	/** One fiber offers all: it waits whenever the queue is full. */
	bounded: () => {
		const latch = new Latch();
		const counter = Effect.runSync(Queue.bounded<Add>(100));
		serve(counter, ({ by }) => latch.count(by));
		const offer = (count: number) =>
			Effect.gen(function* () {
				for (let i = 0; i < count; i++) yield* Queue.offer(counter, { by: 1 });
			});
		return flow(latch, (count) => Effect.runPromise(offer(count)));
	},
	channel: () => {
		const latch = new Latch();
		const queue = Effect.runSync(Queue.bounded<number>(ROOM));
		const through = (count: number) =>
			Effect.gen(function* () {
				for (let n = 0; n < count; n++) yield* Queue.offer(queue, n);
				for (let n = 0; n < count; n++) {
					yield* Queue.take(queue);
					latch.count(1);
				}
			});
		return flow(latch, (count) => Effect.runPromise(through(count)));
	},
	'channel-loop': () => {
		const latch = new Latch();
		const queue = Effect.runSync(Queue.bounded<number>(ROOM));
		serve(queue, () => latch.count(1));
		const offer = (count: number) =>
			Effect.gen(function* () {
				for (let n = 0; n < count; n++) yield* Queue.offer(queue, n);
			});
		return flow(latch, (count) => Effect.runPromise(offer(count)));
	},
	spawn: () => births(open),
};

function startCounter() {
	const latch = new Latch();
	let total = 0;
	const counter = unbounded<Add>();
	serve(counter, ({ by, reply }) => {
		total += by;
		latch.count(by);
		if (reply) Deferred.doneUnsafe(reply, Effect.succeed(total));
	});
	return { latch, counter };
}

const ask = (counter: Queue.Queue<Add>) =>
	Effect.gen(function* () {
		const reply = yield* Deferred.make<number>();
		yield* Queue.offer(counter, { by: 1, reply });
		return yield* Deferred.await(reply);
	});

function ring(size: number): Promise<Figures> {
	const latch = new Latch();
	const links = Array.from({ length: size }, () => unbounded<number>());
	for (const [index, link] of links.entries()) {
		const next = links[(index + 1) % size];
		serve(link, (left) => {
			latch.count(1);
			if (left > 1 && next) Queue.offerUnsafe(next, left - 1);
		});
	}
	return flow(latch, (count) => links[0] && Queue.offerUnsafe(links[0], count), 10_000);
}

function open(count: number, latch: Latch): World {
	const actors: { readonly queue: Queue.Queue<null>; readonly fiber: Fiber.Fiber<never> }[] = new Array(count);
	return {
		spawn() {
			for (let i = 0; i < count; i++) {
				const queue = unbounded<null>();
				actors[i] = { queue, fiber: serve(queue, () => latch.count(1)) };
			}
		},
		tell() {
			for (const { queue } of actors) Queue.offerUnsafe(queue, null);
		},
		end: () => Effect.runPromise(Fiber.interruptAll(actors.map(({ fiber }) => fiber))),
	};
}

function unbounded<M>(): Queue.Queue<M> {
	return Effect.runSync(Queue.unbounded<M>());
}
