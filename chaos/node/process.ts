/** A node in a process of its own, for the driver to load, kill, pause and cut off. */

import {
	type ActorClass,
	ActorSystem,
	type ChannelOptions,
	isTroupeError,
	type NodeInfo,
	type Stats,
	type SystemOptions,
	type Whereabouts,
} from '../../index.ts';
import { obey } from '../stage/obey.ts';
import { now, pause } from '../stage/time.ts';
import { type Fed, Pipes } from './pipes.ts';
import { type Load, type Pressed, Pump, type Sent, sendAll } from './pump.ts';
import {
	DurableReceiver,
	Receiver,
	type Silence,
	SlowReceiver,
	scores,
	silence,
	TightReceiver,
	Watcher,
} from './receiver.ts';
import type { Score } from './score.ts';

/** Something that the node was told of another, or of itself. */
export interface Incident {
	readonly at: number;
	readonly what: 'nodeUp' | 'nodeSuspect' | 'nodeDown' | 'warning';
	readonly name: string;
	readonly reason?: string | undefined;
}

/** What became of an attempt to claim an ID, in the end. */
export interface Claim {
	readonly id: string;
	/** When it was first tried, and when it was settled. */
	readonly began: number;
	readonly at: number;
	readonly won: boolean;
	/** Attempts that failed, by code. */
	readonly failed: Readonly<Record<string, number>>;
}

/** When the end of an actor became known here, by the clock that processes share; and how. */
export interface Obituary {
	readonly watch: number;
	readonly watchSaid: string;
	readonly ask: number;
	readonly askSaid: string;
}

/** Memory of the process, in bytes. */
export interface Memory {
	readonly rss: number;
	readonly heap: number;
	readonly external: number;
	/** Most that the process ever had, resident. */
	readonly peak: number;
	readonly handles: number;
}

const KINDS = { plain: Receiver, durable: DurableReceiver, slow: SlowReceiver, tight: TightReceiver } as const;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
let pumps: Pump[] = [];
let pressed: Pressed | undefined;
const incidents: Incident[] = [];
const letters: Record<string, number> = {};
let system: ActorSystem;
let pipes: Pipes;

const orders = {
	/** Joins the cluster; resolves to the node's ID. */
	async open(
		options: Pick<SystemOptions, 'name' | 'servers' | 'node' | 'roles' | 'lease' | 'replicas'>,
	): Promise<string> {
		system = await ActorSystem.start({
			hosts: [Receiver, SlowReceiver, TightReceiver, DurableReceiver],
			log: quiet,
			...options,
		});
		for (const what of ['nodeUp', 'nodeSuspect', 'nodeDown'] as const)
			system.events.on(what, ({ name, reason }) => incidents.push({ at: now(), what, name, reason }));
		system.events.on('deadLetter', ({ reason, count }) => (letters[reason] = (letters[reason] ?? 0) + count));
		system.events.on('warning', ({ code }) => incidents.push({ at: now(), what: 'warning', name: code }));
		pipes = new Pipes(system);
		return system.node.id;
	},
	/** Spawns receivers. */
	async receive(ids: readonly string[], kind: keyof typeof KINDS = 'plain'): Promise<void> {
		await Promise.all(ids.map((id) => system.spawn(KINDS[kind] as ActorClass, { id })));
	},
	/** Spawns receivers with failover on nodes of their choice. */
	async lasting(ids: readonly string[], on: `role:${string}`, kind: keyof typeof KINDS = 'plain'): Promise<void> {
		await Promise.all(ids.map((id) => system.spawn(KINDS[kind] as ActorClass, { id, on, failover: true })));
	},
	/** Begins to feed a channel. */
	feed: (name: string, options: ChannelOptions, count: number, rate: number): Promise<void> =>
		pipes.feed(name, options, count, rate),
	/** Begins to drain one. */
	drain(name: string, options: ChannelOptions): void {
		void pipes.drain(name, options);
	},
	/** Begins a run of the pipeline. */
	squares(count: number, rate: number): void {
		void pipes.squares(count, rate);
	},
	/** Begins to publish. */
	publish(name: string, count: number, rate: number): void {
		void pipes.publish(name, count, rate);
	},
	listen: (name: string): Promise<void> => pipes.listen(name),
	fed: (): Fed => pipes.fed(),
	got: (): ReturnType<Pipes['got']> => pipes.got(),
	/** Begins to send. */
	pump(load: Load): void {
		pumps.push(new Pump(system, load));
	},
	/** Begins to send as fast as is accepted. */
	press(load: Omit<Load, 'rate'>, lanes: number): void {
		void sendAll(system, load, lanes).then((all) => (pressed = all));
	},
	/** What came of that, when all is accepted. */
	pressed: (): Pressed | undefined => pressed,
	/** Ends all sending, or that of one stream, which is forgotten. */
	halt(stream?: string): void {
		for (const pump of pumps) if (stream === undefined || pump.stream === stream) pump.halt();
		if (stream !== undefined) pumps = pumps.filter((pump) => pump.stream !== stream);
	},
	sent: (): readonly Sent[] => pumps.map((pump) => pump.sent()),
	scores: (): readonly Score[] => scores(),
	silence: (): Silence => silence(),
	books: (): Stats => system.stats(),
	/** Frames that came again, too early, or from a node that is not a member any more. */
	refusedFrames: (): Readonly<Record<string, number>> => ({ ...system.refusedFrames() }),
	/** Dead letters that were announced here, by reason: a node that is evicted begins new books, and announces all the same. */
	letters: (): Readonly<Record<string, number>> => letters,
	incidents: (): readonly Incident[] => incidents,
	self: (): NodeInfo => system.node,
	members: (): readonly NodeInfo[] => system.nodes(),
	whereis: (id: string): Promise<Whereabouts | undefined> => system.whereis(id),
	memory(): Memory {
		globalThis.gc?.();
		const { rss, heapUsed: heap, external } = process.memoryUsage();
		const peak = process.resourceUsage().maxRSS * 1_024;
		return { rss, heap, external, peak, handles: process.getActiveResourcesInfo().length };
	},
	/** Tries to spawn a receiver under the ID until it succeeds; `patience` ms, with 20 ms between attempts. */
	async claim(id: string, patience: number): Promise<Claim> {
		const failed: Record<string, number> = {};
		const began = now();
		for (const deadline = began + patience; ; ) {
			const code = await spawned(id);
			if (code === undefined) return { id, began, at: now(), won: true, failed };
			failed[code] = (failed[code] ?? 0) + 1;
			if (now() > deadline) return { id, began, at: now(), won: false, failed };
			await pause(20);
		}
	},
	/** Tries to spawn each, one after the other within `spread` ms, again while nobody knows who has it. */
	race: (ids: readonly string[], patience: number, spread: number): Promise<readonly Claim[]> =>
		Promise.all(
			ids.map(async (id, at) => {
				await pause((spread * at) / ids.length);
				return race(id, patience);
			}),
		),
	/** Watches an actor and asks it what it never answers; resolves when both have been told of its end. */
	async mourn(id: string): Promise<Obituary> {
		let ended: (at: number, why: string) => void = () => {};
		const watched = new Promise<[number, string]>((resolve) => (ended = (at, why) => resolve([at, why])));
		const watcher = await system.spawn(Watcher, { args: { ended } });
		await watcher.send.guard(id);
		const asked = system
			.ref(Receiver, id)
			.with({ timeout: '100s' })
			.ask.hang()
			.then(
				(): [number, string] => [now(), 'answered'],
				(error): [number, string] => [now(), codeOf(error)],
			);
		const [[watch, watchSaid], [ask, askSaid]] = await Promise.all([watched, asked]);
		await watcher.stop();
		return { watch, watchSaid, ask, askSaid };
	},
	/** Asks an actor for an answer; `undefined`, or the error's code. */
	ask: (id: string): Promise<string | undefined> =>
		system
			.ref(Receiver, id)
			.ask.answer('probe', 0)
			.then(() => undefined, codeOf),
	/** What the wall clock says there. */
	wall: (): number => Date.now(),
	/** What the monotonic clock says there. */
	monotonic: (): number => performance.now(),
	/** Takes leave. */
	leave: (): Promise<void> => system.stop(),
};

/** What a node can be told to do. */
export type NodeOrders = typeof orders;

/** `undefined`, or the code of the error. */
function spawned(id: string): Promise<string | undefined> {
	return system.spawn(Receiver, { id }).then(() => undefined, codeOf);
}

async function race(id: string, patience: number): Promise<Claim> {
	const failed: Record<string, number> = {};
	const began = now();
	for (const deadline = began + patience; ; ) {
		const code = await spawned(id);
		if (code !== undefined) failed[code] = (failed[code] ?? 0) + 1;
		const settled = code === undefined || code === 'ERR_ID_TAKEN';
		if (settled || now() > deadline) return { id, began, at: now(), won: code === undefined, failed };
		await pause(20);
	}
}

function codeOf(error: unknown): string {
	return isTroupeError(error) ? error.code : String(error);
}

process.once('SIGTERM', () => void system.stop());
obey(orders);
