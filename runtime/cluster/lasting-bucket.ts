/**
 * A bucket that outlives its content. When JetStream's state is lost, the bucket as it was opened is gone for good;
 * this one opens it again, so that its `created` moves on and epochs with it. Operations never span two lives.
 */

import type { Bucket, BucketOptions, KvEntry, KvStore } from './kv.ts';

/** A bucket that is opened again when it is lost. */
export class LastingBucket implements Bucket {
	readonly #store: KvStore;
	readonly #name: string;
	readonly #options: BucketOptions;
	#bucket: Bucket;
	#opening: Promise<void> | undefined;

	private constructor(store: KvStore, name: string, options: BucketOptions, bucket: Bucket) {
		this.#store = store;
		this.#name = name;
		this.#options = options;
		this.#bucket = bucket;
	}

	static async open(store: KvStore, name: string, options: BucketOptions): Promise<LastingBucket> {
		return new LastingBucket(store, name, options, await store.open(name, options));
	}

	get created(): number {
		return this.#bucket.created;
	}

	get(key: string): Promise<KvEntry | undefined> {
		return this.#on((bucket) => bucket.get(key));
	}

	create(key: string, value: Uint8Array): Promise<number | undefined> {
		return this.#on((bucket) => bucket.create(key, value));
	}

	update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
		return this.#on((bucket) => bucket.update(key, value, revision));
	}

	remove(key: string, revision: number): Promise<boolean> {
		return this.#on((bucket) => bucket.remove(key, revision));
	}

	entries(): Promise<KvEntry[]> {
		return this.#on((bucket) => bucket.entries());
	}

	/** A failure may mean that the bucket has gone. If so, nothing of the operation is left, and it is done in the new one. */
	async #on<T>(operate: (bucket: Bucket) => Promise<T>): Promise<T> {
		const bucket = this.#bucket;
		try {
			return await operate(bucket);
		} catch (error) {
			await this.lookAgain();
			if (this.#bucket === bucket) throw error;
			return operate(this.#bucket);
		}
	}

	/** Moves on to the bucket's new life, if it has one. A read in the old one finds nothing there, which is no failure. */
	lookAgain(): Promise<void> {
		this.#opening ??= this.#reopen().finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	async #reopen(): Promise<void> {
		try {
			const bucket = await this.#store.open(this.#name, this.#options);
			if (bucket.created !== this.#bucket.created) this.#bucket = bucket;
		} catch {
			// Still away: the next failure tries again.
		}
	}
}
