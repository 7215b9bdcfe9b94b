/** A cluster in one process and in virtual time: nodes on a memory bus that can be stopped, cut off and paused. */

import type { ActorSystem } from '../../index.ts';
import { type SystemOptions, ActorSystem as Systems } from '../../index.ts';
// A node loads it when it starts. That takes real time, for which a node in virtual time does not wait.
import { memoryKvStore } from '../../runtime/cluster/kv-memory.ts';
import { memoryStreamStore } from '../../runtime/cluster/stream-memory.ts';
import { VirtualClock } from '../../runtime/core/clock.ts';
import { type BucketPurpose, bucketOf, type StreamPurpose, streamOf } from '../../runtime/core/subjects.ts';
import { type MemoryBus, type MemoryTransport, memoryBus } from '../../runtime/transport/memory.ts';
import { STORE } from '../../runtime/transport/memory-broker.ts';

let labs = 0;

/** Nodes under glass. */
export class Lab {
	readonly clock = new VirtualClock();
	readonly bus: MemoryBus;
	readonly #name = `lab-${++labs}`;
	readonly #systems: ActorSystem[] = [];
	readonly #clocks = new Map<ActorSystem, VirtualClock>();
	readonly #running = new Set<VirtualClock>();

	constructor() {
		this.bus = memoryBus(this.#name);
		// Even a little delay is counted on the receiver's clock, so that nothing reaches who is paused.
		this.bus.faults({ delay: 1 });
	}

	/** Starts a node; one with a clock of its own can be paused by not advancing it. */
	async node(options: SystemOptions = {}, clock: VirtualClock = this.clock): Promise<ActorSystem> {
		const quiet = { debug() {}, info() {}, warn() {}, error() {} };
		this.#running.add(clock);
		const starting = Systems.start({ name: 'lab', servers: `memory://${this.#name}`, log: quiet, clock, ...options });
		let system: ActorSystem | undefined;
		starting.then(
			(started) => {
				system = started;
			},
			() => {},
		);
		for (let ms = 0; ms < 3_000 && !system; ms += 100) await this.pass(100);
		system = await starting;
		this.#systems.push(system);
		this.#clocks.set(system, clock);
		return system;
	}

	/** Lets time pass for everybody but the paused. */
	async pass(milliseconds: number, ...paused: ActorSystem[]): Promise<void> {
		const clocks = new Set(this.#running);
		for (const system of paused) clocks.delete(this.#clocks.get(system) as VirtualClock);
		const step = 50;
		for (let ms = 0; ms < milliseconds; ms += step) for (const clock of clocks) await clock.advance(step);
	}

	/** A node's connection, to be cut. */
	connection(system: ActorSystem): MemoryTransport {
		const client = this.bus.client(this.client(system));
		if (!client) throw new Error(`${system.node.name} is not connected`);
		return client;
	}

	/** The name of a node's connection on the bus. */
	client(system: ActorSystem): string {
		return `troupe ${system.name} ${system.node.id}`;
	}

	/** As `kill -9`: the node is gone for the others, without a word. */
	crash(system: ActorSystem): void {
		this.connection(system).disconnect();
	}

	/** A node can reach neither the others nor the store, but the broker believes that it is there. */
	isolate(system: ActorSystem): void {
		const others = this.#systems.filter((other) => other !== system).map((other) => this.client(other));
		this.bus.partition(this.client(system), [...others, STORE]);
	}

	/** Runs `work` while time passes. */
	async during<T>(work: Promise<T>, ...paused: ActorSystem[]): Promise<T> {
		let done = false;
		const finished = (): void => {
			done = true;
		};
		work.then(finished, finished);
		while (!done) await this.pass(50, ...paused);
		return work;
	}

	/** How many values each key of a stream of theirs has. */
	stream(purpose: StreamPurpose): Promise<ReadonlyMap<string, number>> {
		return this.#asOnlooker(async (client) =>
			(await memoryStreamStore(client).open(streamOf('lab', purpose))).backlog(),
		);
	}

	/** Writes values to a stream of theirs, as whoever has their credentials can. */
	write(purpose: StreamPurpose, key: string, values: readonly Uint8Array[]): Promise<void> {
		return this.#asOnlooker(async (client) => {
			const stream = await memoryStreamStore(client).open(streamOf('lab', purpose));
			for (const [n, value] of values.entries()) await stream.append(key, value, `garbage-${n}`);
		});
	}

	/** The same for a bucket. */
	put(purpose: BucketPurpose, key: string, value: Uint8Array): Promise<void> {
		return this.#asOnlooker(async (client) => {
			const bucket = await memoryKvStore(client).open(bucketOf('lab', purpose));
			const present = await bucket.get(key);
			await (present ? bucket.update(key, value, present.revision) : bucket.create(key, value));
		});
	}

	async #asOnlooker<T>(work: (client: MemoryTransport) => Promise<T>): Promise<T> {
		const client = this.bus.connect({ clock: this.clock, name: 'onlooker' });
		try {
			return await this.during(work(client));
		} finally {
			await client.close();
		}
	}

	async close(): Promise<void> {
		this.bus.heal();
		await this.during(Promise.all(this.#systems.map((system) => system.stop())));
		await this.bus.close();
	}
}
