/**
 * Analyses chunks and tells the store what it found. Its mailbox is short, so a producer that is faster than it waits:
 * that is all there is to backpressure. A chunk that crashes it is tried again by its next instance, which may store a
 * result twice; the chunk's ID tells the store.
 */

import { Actor, type ActorRef, bounded, restart } from '../../index.ts';
import { analyse } from '../analysis.ts';
import type { Chunk } from '../input/chunks.ts';
import type { Producer } from './producer.ts';
import type { Store } from './store.ts';

/** Chunks in a mailbox: enough to be busy while the next ones travel. */
const CAPACITY = 8;

/** How to stumble: over the next chunk, before it is analysed or after its result has gone to the store. */
export type Stumble = 'before' | 'after';

/** Where the IDs of a node's consumers come from; whoever knows the node can reach them. */
export function consumerId(node: string, number: number): string {
	return `consumer-${number}@${node}`;
}

/** The second stage: analyse. */
export class Consumer extends Actor {
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
