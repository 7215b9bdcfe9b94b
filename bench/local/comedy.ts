/**
 * Comedy 2, actors in memory, silent. Its sends are promises of Bluebird's: a burst of a million is seconds of garbage
 * collection, and left out. It does not wait for a handler before the next message, so that it cannot answer `async`.
 */

import { createRequire } from 'node:module';
import type * as Comedy from 'comedy';
import type { Driver, Figures } from '../workload.ts';
import { concurrentAsks, sequentialAsks } from './asking.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';
import { births, type World } from './population.ts';

const { createSystem } = createRequire(import.meta.url)('comedy') as typeof Comedy;

const SILENT = 0;

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: async () => {
		const { latch, counter } = await startCounter();
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.send('add', 1);
		});
	},
	ask: async () => {
		const { counter } = await startCounter();
		return sequentialAsks(() => counter.sendAndReceive('add', 1));
	},
	'ask-1000': async () => {
		const { counter } = await startCounter();
		return concurrentAsks(() => counter.sendAndReceive('add', 1));
	},
	'ping-pong': () => ring(2),
	'fan-in': async () => {
		const { root, latch, counter } = await startCounter();
		const behaviour = {
			start(count: number): void {
				for (let i = 0; i < count; i++) counter.send('add', 1);
			},
		};
		const senders = await Promise.all(Array.from({ length: 100 }, () => root.createChild(behaviour)));
		const start = (count: number): void => {
			for (const sender of senders) sender.send('start', count / 100);
		};
		return flow(latch, start, 10_000);
	},
	ring: () => ring(100),
	// A tenth of the others': each takes tens of microseconds.
	spawn: () => births(open, 10_000),
};

async function startCounter() {
	const root = await startRoot();
	const latch = new Latch();
	let total = 0;
	const counter = await root.createChild({
		add(by: number): number {
			total += by;
			latch.count(by);
			return total;
		},
	});
	return { root, latch, counter };
}

async function ring(size: number): Promise<Figures> {
	const root = await startRoot();
	const latch = new Latch();
	const links: Comedy.ActorRef[] = [];
	for (let i = 0; i < size; i++) {
		const link = await root.createChild({
			hop(left: number): void {
				latch.count(1);
				if (left > 1) links[(i + 1) % size]?.send('hop', left - 1);
			},
		});
		links.push(link);
	}
	return flow(latch, (count) => links[0]?.send('hop', count), 10_000);
}

async function open(count: number, latch: Latch): Promise<World> {
	const root = await startRoot();
	const actors: (Comedy.ActorRef | undefined)[] = new Array(count).fill(undefined);
	const behaviour = {
		mark(): void {
			latch.count(1);
		},
	};
	return {
		async spawn() {
			for (let i = 0; i < count; i++) actors[i] = await root.createChild(behaviour);
		},
		tell() {
			for (const actor of actors) actor?.send('mark');
		},
		end: () => actors.fill(undefined),
	};
}

async function startRoot(): Promise<Comedy.Actor> {
	const system = createSystem({ loggerConfig: { categories: { Default: 'Silent' } } });
	system.getLog().setLevel(SILENT);
	return system.rootActor();
}
