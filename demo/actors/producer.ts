/**
 * Reads files chunk by chunk and hands the chunks to consumers. Each chunk is kept until the store has it, and handed
 * to another consumer when its first one refuses it, stops, dies, or takes too long: at least once, whatever happens.
 *
 * Backpressure: a `send` waits for room in the consumer's mailbox, and no more than WINDOW chunks are under way.
 */

import { Actor, type ActorRef, restart, type Termination } from '../../index.ts';
import type { Chunk } from '../input/chunks.ts';
import type { InputFile } from '../input/walk.ts';
import { Consumer, consumersOf } from './consumer.ts';
import { Desk, deskId } from './desk.ts';
import { Reading } from './reading.ts';
import { Store, storeId } from './store.ts';

/** Chunks under way: 1 MiB of a producer's memory. */
const WINDOW = 16;

/** After so long, in ms, a chunk is handed out again: its consumer dropped it, or is too slow to wait for. */
const PATIENCE = 10_000;

/** Looks around for consumers, files and forgotten chunks this often. */
const ROUND = '200ms';

interface Handed {
	readonly chunk: Chunk;
	readonly consumer: string;
	readonly at: number;
}

interface Hand {
	readonly ref: ActorRef<Consumer>;
	/** Chunks of ours that it has. */
	load: number;
}

/** The first stage: fetch. */
export class Producer extends Actor<{ readonly job: string; readonly root: string }> {
	static readonly kind = 'demo.producer';
	static readonly supervision = restart({ maxRestarts: 1_000 });
	readonly #desk: ActorRef<Desk> = this.system.ref(Desk, deskId(this.args.job));
	readonly #store: ActorRef<Store> = this.system.ref(Store, storeId(this.args.job));
	readonly #consumers = new Map<string, Hand>();
	/** Consumers that want no more. */
	readonly #left = new Set<string>();
	/** Chunks under way, by ID. */
	readonly #window = new Map<string, Handed>();
	readonly #again: Chunk[] = [];
	readonly #readings = new Map<string, Reading>();
	#batch: InputFile[] = [];
	#reading: Reading | undefined;
	/** The desk had nothing, or did not answer: it is asked again in the next round. */
	#waiting = false;
	#over = false;

	/** The store has the chunk. */
	async stored(id: string): Promise<void> {
		const handed = this.#window.get(id);
		if (!handed) return;
		this.#letGo(handed);
		this.#readings.get(handed.chunk.path)?.stored();
		this.#close(handed.chunk.path);
		await this.#fill();
	}

	/** The consumer did not take the chunk. */
	async refused(id: string, consumer: string): Promise<void> {
		this.#takeBack((handed) => handed.chunk.id === id && handed.consumer === consumer);
		await this.#fill();
	}

	/** A consumer that leaves: it has received everything that it will. */
	release(consumer: ActorRef<Consumer>): void {
		this.#left.add(consumer.id);
		this.#consumers.delete(consumer.id);
		consumer.send.released(this.self).catch(() => {}); // it may have gone without waiting
	}

	protected override onStart(): void {
		this.#desk.tell.join(this.self);
		this.timers.every(ROUND, () => this.#round());
	}

	protected override async onStop(): Promise<void> {
		await this.#reading?.close();
	}

	/** A consumer has stopped or died. One that took leave has analysed all it had, and the store will say so. */
	protected override async onTerminated(consumer: ActorRef<Consumer>, { reason }: Termination): Promise<void> {
		this.#consumers.delete(consumer.id);
		if (reason === 'stopped' && this.#left.has(consumer.id)) return;
		this.#takeBack((handed) => handed.consumer === consumer.id);
		await this.#fill();
	}

	async #round(): Promise<void> {
		this.#waiting = false;
		await this.#lookAround();
		const late = performance.now() - PATIENCE;
		this.#takeBack((handed) => handed.at < late);
		await this.#fill();
	}

	/** Members of the cluster that are consumer nodes have consumers with known IDs. */
	async #lookAround(): Promise<void> {
		for (const id of consumersOf(this.system.nodes()))
			if (!this.#consumers.has(id) && !this.#left.has(id)) await this.#meet(id);
	}

	async #meet(id: string): Promise<void> {
		// Its node may be here before it is; NATS may be away.
		if (!(await this.system.whereis(id).catch(() => undefined))) return;
		const ref = this.system.ref(Consumer, id);
		this.#consumers.set(id, { ref, load: 0 });
		this.watch(ref);
	}

	/** Hands chunks out until the window is full or there are none. */
	async #fill(): Promise<void> {
		while (this.#window.size < WINDOW && this.#consumers.size > 0) {
			const chunk = this.#again.pop() ?? (await this.#read());
			if (!chunk) return;
			this.#handOver(chunk);
		}
	}

	/** To the consumer that has the least to do for us; one that does nothing is soon none of these. */
	#handOver(chunk: Chunk): void {
		const [first, ...others] = this.#consumers.values();
		const hand = others.reduce((least, other) => (other.load < least.load ? other : least), first as Hand);
		const { ref } = hand;
		hand.load++;
		this.#window.set(chunk.id, { chunk, consumer: ref.id, at: performance.now() });
		const me = this.self as ActorRef<Producer>;
		ref.send.analyse(chunk, this.#store, me).catch(() => me.tell.refused(chunk.id, ref.id));
	}

	/** Chunks that are handed over again, to whoever is there. */
	#takeBack(which: (handed: Handed) => boolean): void {
		for (const handed of [...this.#window.values()].filter(which)) {
			this.#letGo(handed);
			this.#again.push(handed.chunk);
		}
	}

	#letGo({ chunk, consumer }: Handed): void {
		this.#window.delete(chunk.id);
		const hand = this.#consumers.get(consumer);
		if (hand) hand.load--;
	}

	/** The next chunk of the file being read, or of the next file. */
	async #read(): Promise<Chunk | undefined> {
		for (;;) {
			this.#reading ??= await this.#nextFile();
			if (!this.#reading) return undefined;
			const { path } = this.#reading;
			const chunk = await this.#reading.next();
			if (chunk) return chunk;
			this.#reading = undefined;
			this.#close(path);
		}
	}

	async #nextFile(): Promise<Reading | undefined> {
		if (this.#batch.length === 0) await this.#askForFiles();
		const file = this.#batch.shift();
		if (!file) return undefined;
		const reading = new Reading(this.args.root, file);
		this.#readings.set(file.path, reading);
		return reading;
	}

	async #askForFiles(): Promise<void> {
		if (this.#waiting || this.#over) return;
		try {
			const { files, over } = await this.#desk.ask.next(this.self);
			// One that the desk took back and handed to us again goes on as it was.
			this.#batch = files.filter(({ path }) => !this.#readings.has(path));
			this.#over = over;
			this.#waiting = files.length === 0;
		} catch {
			// It may have handed files out in an answer that never came: it takes them back.
			this.#desk.tell.join(this.self);
			this.#waiting = true;
		}
	}

	/** Reports a file when it has been read and all its chunks are stored. */
	#close(path: string): void {
		const reading = this.#readings.get(path);
		if (!reading?.done) return;
		this.#readings.delete(path);
		this.#desk.tell.done(this.self, path, reading.chunks, reading.trouble);
	}
}
