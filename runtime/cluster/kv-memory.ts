/**
 * The key-value port's memory twin. Buckets live on the memory bus, and a client's view of them is as good as its
 * connection: operations are carried out by the broker and reject when the answer can't come back.
 */

import type { MemoryTransport, Shared } from '../transport/memory.ts';
import type { Bucket, BucketOptions, KvEntry, KvStore } from './kv.ts';
import { checkBucketName, checkKey, unavailable } from './kv-rules.ts';

/** How the store answers. */
export interface MemoryKvOptions {
	/** Milliseconds after which an operation whose answer is lost rejects. Default 3,000. */
	readonly timeout?: number;
}

/** A client's view of the buckets on its bus. */
export function memoryKvStore(transport: MemoryTransport, options: MemoryKvOptions = {}): KvStore {
	const { timeout = 3_000 } = options;
	return {
		async open(name, bucketOptions = {}) {
			checkBucketName(name);
			const buckets = transport.bus.shared(BUCKETS, () => new Buckets());
			const wall = (): number => (transport.bus.clock ?? transport.clock).wall();
			const ask = async <T>(operation: string, operate: () => T): Promise<T> => {
				try {
					return await transport.request(operate, timeout);
				} catch (error) {
					throw unavailable(operation, transport.address, error);
				}
			};
			const content = await ask(`open bucket '${name}'`, () => buckets.open(name, wall(), bucketOptions));
			return new MemoryBucket(name, content, (operation, operate) =>
				ask(operation, () => {
					if (!buckets.has(name, content)) throw new Error(`bucket '${name}' was lost: open it again`);
					return operate(wall());
				}),
			);
		},
	};
}

const BUCKETS: unique symbol = Symbol.for('troupe.memory-buckets.1') as never;

interface Stored extends KvEntry {
	readonly writtenAt: number;
}

/** One life of a bucket: after a wipe there is another. */
interface Content {
	readonly created: number;
	readonly maxAge: number;
	readonly keys: Map<string, Stored>;
	sequence: number;
}

class Buckets implements Shared {
	readonly #contents = new Map<string, Content>();
	#latest = 0;

	open(name: string, wall: number, { maxAge = 0 }: BucketOptions): Content {
		const present = this.#contents.get(name);
		if (present) return present;
		// Never the same twice, even when the clock stands still: it is half of every epoch.
		this.#latest = Math.max(wall, this.#latest + 1 / 1024);
		const content = { created: this.#latest, maxAge, keys: new Map<string, Stored>(), sequence: 0 };
		this.#contents.set(name, content);
		return content;
	}

	has(name: string, content: Content): boolean {
		return this.#contents.get(name) === content;
	}

	wipe(): void {
		this.#contents.clear();
	}
}

type Ask = <T>(operation: string, operate: (wall: number) => T) => Promise<T>;

class MemoryBucket implements Bucket {
	readonly created: number;
	readonly #name: string;
	readonly #content: Content;
	readonly #ask: Ask;

	constructor(name: string, content: Content, ask: Ask) {
		this.created = content.created;
		this.#name = name;
		this.#content = content;
		this.#ask = ask;
	}

	async get(key: string): Promise<KvEntry | undefined> {
		return this.#on('read', key, (wall) => {
			const stored = this.#live(key, wall);
			return stored && entry(stored);
		});
	}

	async create(key: string, value: Uint8Array): Promise<number | undefined> {
		return this.#write('create', key, value, 0);
	}

	async update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
		return revision > 0 ? this.#write('update', key, value, revision) : undefined;
	}

	async remove(key: string, revision: number): Promise<boolean> {
		return this.#on(
			'remove',
			key,
			(wall) => this.#live(key, wall)?.revision === revision && this.#content.keys.delete(key),
		);
	}

	entries(): Promise<KvEntry[]> {
		return this.#ask(`list bucket '${this.#name}'`, (wall) => {
			const live = [...this.#content.keys.keys()].map((key) => this.#live(key, wall));
			return live.filter((stored) => stored !== undefined).map(entry);
		});
	}

	#write(verb: string, key: string, value: Uint8Array, expected: number): Promise<number | undefined> {
		const copy = new Uint8Array(value);
		return this.#on(verb, key, (wall) => {
			if ((this.#live(key, wall)?.revision ?? 0) !== expected) return undefined;
			const revision = ++this.#content.sequence;
			this.#content.keys.set(key, { key, value: copy, revision, writtenAt: wall });
			return revision;
		});
	}

	async #on<T>(verb: string, key: string, operate: (wall: number) => T): Promise<T> {
		checkKey(key);
		return this.#ask(`${verb} key '${key}' of bucket '${this.#name}'`, operate);
	}

	#live(key: string, wall: number): Stored | undefined {
		const { keys, maxAge } = this.#content;
		const stored = keys.get(key);
		if (!stored || maxAge === 0 || stored.writtenAt + maxAge > wall) return stored;
		keys.delete(key);
		return undefined;
	}
}

function entry({ key, value, revision }: Stored): KvEntry {
	return { key, value: new Uint8Array(value), revision };
}
