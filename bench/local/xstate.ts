/**
 * XState 5 without machines, which is its fastest: transition and callback logic. `send` handles the event before it
 * returns. There is no ask; the reply's function travels in the event.
 */

import { type ActorRefFrom, createActor, fromCallback, fromTransition } from 'xstate';
import type { Driver, Figures } from '../workload.ts';
import { concurrentAsks, sequentialAsks } from './asking.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';
import { births, type World } from './population.ts';

interface Add {
	readonly type: 'add';
	readonly by: number;
	readonly reply?: (total: number) => void;
}

interface Start {
	readonly type: 'start';
	readonly count: number;
}

interface Hop {
	readonly type: 'hop';
	readonly left: number;
}

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: () => {
		const { latch, counter } = startCounter();
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.send({ type: 'add', by: 1 });
		});
	},
	burst: () => {
		const { latch, counter } = startCounter();
		const burst = (count: number): void => {
			for (let i = 0; i < count; i++) counter.send({ type: 'add', by: 1 });
		};
		return flow(latch, burst, 1_000_000, 100_000);
	},
	ask: () => {
		const { counter } = startCounter();
		return sequentialAsks(() => new Promise((reply) => counter.send({ type: 'add', by: 1, reply })));
	},
	'ask-1000': () => {
		const { counter } = startCounter();
		return concurrentAsks(() => new Promise((reply) => counter.send({ type: 'add', by: 1, reply })));
	},
	'ping-pong': () => ring(2),
	'fan-in': () => {
		const { latch, counter } = startCounter();
		const logic = fromCallback<Start>(({ receive }) => {
			receive(({ count }) => {
				for (let i = 0; i < count; i++) counter.send({ type: 'add', by: 1 });
			});
		});
		const senders = Array.from({ length: 100 }, () => createActor(logic).start());
		return flow(latch, (count) => senders.map((one) => one.send({ type: 'start', count: count / 100 })), 10_000);
	},
	ring: () => ring(100),
	spawn: () => births(open),
};

function startCounter() {
	const latch = new Latch();
	const logic = fromTransition((total: number, { by, reply }: Add) => {
		latch.count(by);
		reply?.(total + by);
		return total + by;
	}, 0);
	return { latch, counter: createActor(logic).start() };
}

function ring(size: number): Promise<Figures> {
	const latch = new Latch();
	const links: { send(event: Hop): void }[] = Array.from({ length: size }, (_, index) => {
		const logic = fromCallback<Hop>(({ receive }) => {
			receive(({ left }) => {
				latch.count(1);
				if (left > 1) links[(index + 1) % size]?.send({ type: 'hop', left: left - 1 });
			});
		});
		return createActor(logic).start();
	});
	return flow(latch, (count) => links[0]?.send({ type: 'hop', left: count }), 10_000);
}

function open(count: number, latch: Latch): World {
	const logic = fromTransition((total: number) => {
		latch.count(1);
		return total + 1;
	}, 0);
	const actors: (ActorRefFrom<typeof logic> | undefined)[] = new Array(count).fill(undefined);
	return {
		spawn() {
			for (let i = 0; i < count; i++) actors[i] = createActor(logic).start();
		},
		tell() {
			for (const actor of actors) actor?.send({ type: 'mark' });
		},
		end: () => actors.fill(undefined),
	};
}
