/** What more nodes cost: the links to fifty of them, and a stream to one, two, four and eight. */

import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ActorRef, ActorSystem } from 'troupe';
import type { Driver } from '../workload.ts';
import { across, briefOf } from './crossing.ts';
import { Far, Fars } from './far.ts';
import { each, Flood } from './flood.ts';
import { payloads } from './payloads.ts';
import { Sink, sinkId } from './troupe-sink.ts';
import { noneLost, setting } from './troupe-stage.ts';

/** Peers of the one node that is measured. */
const PEERS = 50;
/** Of these, so many come first: they compile what the others are measured without. */
const FIRST = 5;
/** How long nothing is sent, in seconds: three heartbeats of everybody, and one renewal of each lease. */
const IDLE = 3.4;

/** Bytes of each link, and what fifty of them cost when nothing is sent. */
export const links: Driver = (surroundings) =>
	across(
		setting,
		briefOf(surroundings, { role: 'nodes', count: PEERS, every: Number.MAX_SAFE_INTEGER }),
		async ({ near, far }) => {
			while (near.nodes().length <= PEERS) await pause(20);
			const sinks = Array.from({ length: PEERS }, (_, n) => near.ref(Sink, sinkId(n)));
			const greet = (some: typeof sinks) => Promise.all(some.map((sink) => sink.ask.answer('here?')));
			const collect = collector();
			await greet(sinks.slice(0, FIRST));
			const before = await memory(collect);
			await greet(sinks.slice(FIRST));
			const after = await memory(collect);
			const perLink = (what: keyof Memory) => (after[what] - before[what]) / (PEERS - FIRST);
			const seen = await far.count();
			const cpu = process.cpuUsage();
			await pause(IDLE * 1_000);
			const { user, system } = process.cpuUsage(cpu);
			const messages = (await far.count()) - seen;
			return {
				heap: perLink('heap'),
				rss: perLink('rss'),
				idle: (user + system) / IDLE,
				messages: messages / IDLE,
			};
		},
	);

/** How long each number of nodes is tested, in ms; before that, all of them warm up together, on whatever cores there are. */
const STEP = 600;
const WARM_UP = 3_000;

/** The rate of a stream from one node to 1, 2, 4 and 8 others, in turn. */
export const nodes: Driver = async (surroundings) => {
	const brief = briefOf(surroundings, { role: 'sink' });
	const opening = ActorSystem.start({ name: brief.name, servers: brief.servers });
	const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
	const fars = await Promise.all(numbers.map((count) => Far.start('troupe-far', { ...brief, count })));
	const near = await opening;
	try {
		const sinks = numbers.map((n) => near.ref(Sink, sinkId(n)));
		await Promise.all(sinks.map((sink) => sink.ask.answer('here?')));
		const told = numbers.map(() => 0);
		const to = async (count: number, ms: number): Promise<number> => {
			const { make, perTurn, inFlight } = payloads.reading;
			const send = each((n) => {
				const who = n % count;
				(sinks[who] as ActorRef<Sink>).tell.take(make(told[who] as number));
				(told[who] as number)++;
			});
			const stream = new Flood(new Fars(fars.slice(0, count)), { perTurn, inFlight: inFlight * count }, send);
			return stream.pour(ms, perTurn * count);
		};
		await to(numbers.length, WARM_UP);
		const figures = { '1': await to(1, STEP), '2': await to(2, STEP), '4': await to(4, STEP), '8': await to(8, STEP) };
		noneLost(near);
		return figures;
	} finally {
		await near.stop();
		for (const far of fars) far[Symbol.dispose]();
	}
};

interface Memory {
	/** With what V8 keeps outside of it. */
	readonly heap: number;
	readonly rss: number;
}

async function memory(collect: () => void): Promise<Memory> {
	await pause(100);
	collect();
	await pause(10);
	collect();
	const { heapUsed, external, rss } = process.memoryUsage();
	return { heap: heapUsed + external, rss };
}

/** V8's own collector, which is otherwise only had by a flag on the command line. */
function collector(): () => void {
	setFlagsFromString('--expose-gc');
	return runInNewContext('gc') as () => void;
}
