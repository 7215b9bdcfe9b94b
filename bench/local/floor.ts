/** The floor: programs that a good engineer writes by hand, with nothing that they do not need. */

import type { Driver, Figures } from '../workload.ts';
import { concurrentAsks, sequentialAsks } from './asking.ts';
import { batches, ROOM, toLoop } from './channels.ts';
import { AsyncCounter, Blank, BoundedCounter, Counter, Link, Sender } from './floor-cast.ts';
import { Channel } from './floor-channel.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';
import { births, growth, type World } from './population.ts';

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: () => {
		const latch = new Latch();
		const counter = new Counter(latch);
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.tell({ type: 'add', by: 1 });
		});
	},
	burst: () => {
		const latch = new Latch();
		const counter = new Counter(latch);
		const burst = (count: number): void => {
			for (let i = 0; i < count; i++) counter.tell({ type: 'add', by: 1 });
		};
		return flow(latch, burst, 1_000_000);
	},
	ask: () => {
		const counter = new Counter(new Latch());
		return sequentialAsks(() => counter.ask(1));
	},
	'ask-1000': () => {
		const counter = new Counter(new Latch());
		return concurrentAsks(() => counter.ask(1));
	},
	'ping-pong': () => ring(2),
	'fan-in': () => {
		const latch = new Latch();
		const counter = new Counter(latch);
		const senders = Array.from({ length: 100 }, () => new Sender(counter));
		const start = (count: number): void => {
			for (const sender of senders) sender.tell({ type: 'start', count: count / 100 });
		};
		return flow(latch, start, 10_000);
	},
	ring: () => ring(100),
	async: () => {
		const latch = new Latch();
		const counter = new AsyncCounter(latch);
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.tell({ type: 'add', by: 1 });
		});
	},
	bounded: () => {
		const latch = new Latch();
		const counter = new BoundedCounter(100, latch);
		const send = (count: number) =>
			Promise.all(Array.from({ length: count }, () => counter.send({ type: 'add', by: 1 })));
		return flow(latch, send);
	},
	channel: () => batches(new Channel<number>(ROOM)),
	'channel-loop': () => {
		const latch = new Latch();
		const channel = new Channel<number>(ROOM);
		void (async () => {
			for (;;) {
				await channel.receive();
				latch.count(1);
			}
		})();
		return toLoop(latch, channel);
	},
	spawn: () => births(open),
	actors: () => growth(open),
};

function ring(size: number): Promise<Figures> {
	const latch = new Latch();
	const links = Array.from({ length: size }, () => new Link(latch));
	for (const [index, link] of links.entries()) link.next = links[(index + 1) % size];
	return flow(latch, (count) => links[0]?.tell({ type: 'hop', left: count }), 10_000);
}

/** Each under a name of its own in a registry, so that it can be found. */
function open(count: number, latch: Latch): World {
	const registry = new Map<string, Blank>();
	const all: (Blank | undefined)[] = new Array(count).fill(undefined);
	return {
		spawn() {
			for (let i = 0; i < count; i++) {
				const actor = new Blank(`actor-${i}`, latch);
				registry.set(actor.id, actor);
				all[i] = actor;
			}
		},
		tell() {
			for (const actor of all) actor?.tell({ type: 'mark' });
		},
		end: () => registry.clear(),
	};
}
