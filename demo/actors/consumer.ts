/**
 * Analyses chunks and tells the store what it found. Its mailbox is short, so a producer that is faster than it waits:
 * that is all there is to backpressure. A chunk that crashes it is tried again by its next instance, which may store a
 * result twice; the chunk's ID tells the store.
 */

import { Actor, type ActorRef, bounded, type NodeInfo, restart } from '../../index.ts';
import { analyse } from '../analysis.ts';
import type { Chunk } from '../input/chunks.ts';
import type { Producer } from './producer.ts';
import type { Store } from './store.ts';

/** Chunks in a mailbox: enough to be busy while the next ones travel. */
const CAPACITY = 8;

/** How to stumble: over the next chunk, before it is analysed or after its result has gone to the store. */
export type Stumble = 'before' | 'after';

/** A node says by this role that it has consumers, and how many, as in `consumers:2`. */
const ROLE = /^consumers:(\d+)$/;

/** The role of a node with that many consumers. */
export function consumersRole(count: number): string {
	return `consumers:${count}`;
}

/** Where the IDs of a node's consumers come from; whoever knows the node can reach them. */
export function consumerId(node: string, number: number): string {
	return `consumer-${number}@${node}`;
}

/** The IDs of all consumers in the cluster, as the roles of its members tell. */
export function* consumersOf(nodes: readonly NodeInfo[]): Generator<string> {
	for (const { id, roles } of nodes) {
		const count = Math.max(0, ...roles.map((role) => Number(ROLE.exec(role)?.[1] ?? 0)));
		for (let number = 1; number <= count; number++) yield consumerId(id, number);
	}
}

/** What a consumer is spawned with. */
export interface ConsumerArgs {
	/** Told of each chunk that has been analysed, in the consumer's own process. */
	readonly analysed?: (chunk: Chunk) => void;
}

/** The second stage: analyse. */
export class Consumer extends Actor<ConsumerArgs> {
	static readonly kind = 'demo.consumer';
	static readonly mailbox = bounded({ capacity: CAPACITY });
	static readonly supervision = restart({ maxRestarts: 1_000, backoff: { initial: '50ms', max: '200ms' }, retries: 3 });
	/** Producers that send chunks to this consumer. */
	readonly #producers = new Map<string, ActorRef<Producer>>();
	#leaving = false;
	#stumble: Stumble | undefined;

	analyse(chunk: Chunk, store: ActorRef<Store>, producer: ActorRef<Producer>): void {
		if (this.#stumble === 'before') throw new Error(`stumbled over ${chunk.id}`);
		this.#meet(producer);
		store.tell.add(chunk.id, analyse(chunk), producer);
		this.args.analysed?.(chunk);
		if (this.#stumble === 'after') throw new Error(`stumbled when ${chunk.id} was done`);
	}

	/** Crashes over the next chunk. */
	stumble(how: Stumble): void {
		this.#stumble = how;
	}

	/** Stops when all producers have let go of it; by then everything they have sent has been analysed. */
	leave(): void {
		this.#leaving = true;
		for (const producer of this.#producers.values()) producer.tell.release(this.self);
		this.#stopWhenFree();
	}

	/** The producer sends nothing any more. */
	released(producer: ActorRef<Producer>): void {
		this.#producers.delete(producer.id);
		this.#stopWhenFree();
	}

	protected override onTerminated(producer: ActorRef<Producer>): void {
		this.released(producer);
	}

	#meet(producer: ActorRef<Producer>): void {
		if (this.#producers.has(producer.id)) return;
		this.#producers.set(producer.id, producer);
		this.watch(producer);
		if (this.#leaving) producer.tell.release(this.self);
	}

	#stopWhenFree(): void {
		if (this.#leaving && this.#producers.size === 0) void this.self.stop();
	}
}
