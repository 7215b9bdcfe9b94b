/**
 * nact 7: actors are functions of their state and a message. Its log is off unless configured. Queries are known by
 * random numbers of 32 bits: of a thousand in flight two have the same every now and then, and one is never answered, so
 * that it cannot answer `ask-1000`.
 */

import { dispatch, query, type Ref, spawn, start, stop } from 'nact';
import type { Driver, Figures } from '../workload.ts';
import { sequentialAsks } from './asking.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';
import { births, type World } from './population.ts';

interface Add {
	readonly by: number;
	readonly replyTo?: Ref<number>;
}

interface Start {
	readonly count: number;
}

interface Hop {
	readonly left: number;
}

const TIMEOUT = 5_000;

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: () => {
		const { latch, counter } = startCounter();
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) dispatch(counter, { by: 1 });
		});
	},
	burst: () => {
		const { latch, counter } = startCounter();
		const burst = (count: number): void => {
			for (let i = 0; i < count; i++) dispatch(counter, { by: 1 });
		};
		return flow(latch, burst, 1_000_000, 100_000);
	},
	ask: () => {
		const { counter } = startCounter();
		return sequentialAsks(() => query(counter, (replyTo: Ref<number>): Add => ({ by: 1, replyTo }), TIMEOUT));
	},
	'ping-pong': () => ring(2),
	'fan-in': () => {
		const { system, latch, counter } = startCounter();
		const send = (state: null, { count }: Start): null => {
			for (let i = 0; i < count; i++) dispatch(counter, { by: 1 });
			return state;
		};
		const senders = Array.from({ length: 100 }, (_, index) => spawn(system, send, `sender-${index}`));
		return flow(latch, (count) => senders.map((sender) => dispatch(sender, { count: count / 100 })), 10_000);
	},
	ring: () => ring(100),
	async: () => {
		const latch = new Latch();
		const resolved = Promise.resolve();
		const count = async (total: number, { by }: Add): Promise<number> => {
			await resolved;
			latch.count(by);
			return total + by;
		};
		const counter = spawn(start(), count, 'counter', { initialState: 0 });
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) dispatch(counter, { by: 1 });
		});
	},
	spawn: () => births(open),
};

function startCounter() {
	const system = start();
	const latch = new Latch();
	const count = (total: number, { by, replyTo }: Add): number => {
		latch.count(by);
		if (replyTo) dispatch(replyTo, total + by);
		return total + by;
	};
	const counter = spawn(system, count, 'counter', { initialState: 0 });
	return { system, latch, counter };
}

function ring(size: number): Promise<Figures> {
	const system = start();
	const latch = new Latch();
	const links: Ref<Hop>[] = Array.from({ length: size }, (_, index) => {
		const hop = (state: null, { left }: Hop): null => {
			latch.count(1);
			const next = links[(index + 1) % size];
			if (left > 1 && next) dispatch(next, { left: left - 1 });
			return state;
		};
		return spawn(system, hop, `link-${index}`);
	});
	const [first] = links;
	if (!first) throw new RangeError('a ring has links');
	return flow(latch, (count) => dispatch(first, { left: count }), 10_000);
}

/** With names: those that nact makes up are random, and collide among so many. */
function open(count: number, latch: Latch): World {
	const system = start();
	const refs: (Ref<null> | undefined)[] = new Array(count).fill(undefined);
	const mark = (state: null): null => {
		latch.count(1);
		return state;
	};
	return {
		spawn() {
			for (let i = 0; i < count; i++) refs[i] = spawn(system, mark, `actor-${i}`);
		},
		tell() {
			for (const ref of refs) if (ref) dispatch(ref, null);
		},
		end: () => stop(system),
	};
}
