/** Troupe, as its README uses it. A dead letter anywhere fails the run. */

import { type ActorRef, ActorSystem, bounded } from 'troupe';
import type { Driver, Figures } from '../workload.ts';
import { concurrentAsks, sequentialAsks } from './asking.ts';
import { batches, ROOM, toLoop } from './channels.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';
import { births, growth, type World } from './population.ts';
import { AsyncCounter, Blank, Counter, Link, Sender } from './troupe-cast.ts';

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: async () => {
		const { latch, counter } = await startCounter();
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.tell.add(1);
		});
	},
	burst: async () => {
		const { latch, counter } = await startCounter(1_000_000);
		const burst = (count: number): void => {
			for (let i = 0; i < count; i++) counter.tell.add(1);
		};
		return flow(latch, burst, 1_000_000);
	},
	ask: async () => {
		const { counter } = await startCounter();
		return sequentialAsks(() => counter.ask.add(1));
	},
	'ask-1000': async () => {
		const { counter } = await startCounter();
		return concurrentAsks(() => counter.ask.add(1));
	},
	'ping-pong': () => ring(2),
	'fan-in': async () => {
		const { system, latch, counter } = await startCounter();
		const senders: ActorRef<Sender>[] = [];
		for (let i = 0; i < 100; i++) senders.push(await system.spawn(Sender, { args: { to: counter } }));
		return flow(latch, (count) => senders.map((sender) => sender.tell.start(count / 100)), 10_000);
	},
	ring: () => ring(100),
	async: async () => {
		const system = await start();
		const latch = new Latch();
		const counter = await system.spawn(AsyncCounter, { args: { latch } });
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.tell.add(1);
		});
	},
	bounded: async () => {
		const { latch, counter } = await startCounter(100);
		return flow(latch, (count) => Promise.all(Array.from({ length: count }, () => counter.send.add(1))));
	},
	channel: async () => batches(await (await start()).channel<number>('numbers', { capacity: ROOM })),
	'channel-loop': async () => {
		const latch = new Latch();
		const channel = await (await start()).channel<number>('numbers', { capacity: ROOM });
		void (async () => {
			for await (const _ of channel) latch.count(1);
		})();
		return toLoop(latch, channel);
	},
	group: crowd,
	topic: fanOut,
	spawn: () => births(open),
	actors: () => growth(open),
};

async function startCounter(capacity = 65_536) {
	const system = await start();
	const latch = new Latch();
	const counter = await system.spawn(Counter, { args: { latch }, mailbox: bounded({ capacity }) });
	return { system, latch, counter };
}

async function ring(size: number): Promise<Figures> {
	const system = await start();
	const latch = new Latch();
	const first = await system.spawn(Link, { args: { latch } });
	let last = first;
	for (let i = 1; i < size; i++) {
		const link = await system.spawn(Link, { args: { latch } });
		await last.ask.join(link);
		last = link;
	}
	await last.ask.join(first);
	return flow(latch, (count) => first.tell.hop(count), 10_000);
}

/** Members of the group, and workers of the pool. */
const FOUR = 4;

async function crowd(): Promise<Figures> {
	const system = await start();
	const latch = new Latch();
	const counters = await Promise.all(Array.from({ length: FOUR }, () => system.spawn(Counter, { args: { latch } })));
	const group = system.group(Counter, 'counters');
	for (const counter of counters) await group.join(counter);
	const pool = await system.pool(Counter, { size: FOUR, args: { latch } });
	await pool.atLeast(FOUR);
	const tells = (tell: (n: number) => void) => (count: number) => {
		for (let n = 0; n < count; n++) tell(n);
	};
	const direct = await flow(
		latch,
		tells((n) => counters[n % FOUR]?.tell.add(1)),
	);
	const { rate } = await flow(
		latch,
		tells(() => group.tell.add(1)),
	);
	const pooled = await flow(
		latch,
		tells(() => pool.tell.add(1)),
	);
	return { rate: rate as number, pool: pooled['rate'] as number, direct: direct['rate'] as number };
}

const SUBSCRIBERS = 1_000;

async function fanOut(): Promise<Figures> {
	const system = await start();
	const latch = new Latch();
	const [heard, looped] = [system.topic<number>('heard'), system.topic<number>('looped')];
	for (let n = 0; n < SUBSCRIBERS; n++) heard.subscribe(() => latch.count(1));
	for (let n = 0; n < SUBSCRIBERS; n++)
		void (async () => {
			for await (const _ of looped.subscribe()) latch.count(1);
		})();
	const published = (topic: typeof heard) => (count: number) => {
		for (let n = 0; n < count / SUBSCRIBERS; n++) topic.publish(n);
	};
	const { rate } = await flow(latch, published(heard), 10 * SUBSCRIBERS);
	const loops = await flow(latch, published(looped), 10 * SUBSCRIBERS);
	return { rate: rate as number, loops: loops['rate'] as number };
}

async function open(count: number, latch: Latch): Promise<World> {
	const system = await start();
	const refs: (ActorRef<Blank> | undefined)[] = new Array(count).fill(undefined);
	const args = { latch };
	return {
		async spawn() {
			for (let i = 0; i < count; i++) refs[i] = await system.spawn(Blank, { args });
		},
		tell() {
			for (const ref of refs) ref?.tell.mark();
		},
		end: () => system.stop(),
	};
}

async function start(): Promise<ActorSystem> {
	const system = await ActorSystem.start();
	system.events.on('deadLetter', ({ reason }) => queueMicrotask(() => fail(reason)));
	return system;
}

/** Out of the event's hands, which would only log it. */
function fail(reason: string): never {
	throw new Error(`a message became a dead letter: ${reason}`);
}
