/**
 * A bucket that outlives its content. When JetStream's state is lost, the bucket as it was opened is gone for good;
 * this one opens it again, so that its `created` moves on. Its revisions are those of the present life on top of its time
 * of birth: they rise from life to life, and one of an earlier life is never that of a write in this.
 */

import { TroupeError } from '../core/errors.ts';
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

	/** Whether a revision is of the present life. */
	current(revision: number): boolean {
		return revision > beginning(this.#bucket);
	}

	get(key: string): Promise<KvEntry | undefined> {
		return this.#on(async (bucket) => {
			const entry = await bucket.get(key);
			return entry && risen(entry, bucket);
		});
	}

	/** With `life`, the `created` of one life, in no other: it rejects when that is over. */
	create(key: string, value: Uint8Array, life?: number): Promise<number | undefined> {
		return this.#on(async (bucket) => {
			if (life !== undefined && bucket.created !== life)
				throw new TroupeError('ERR_CLAIM_UNAVAILABLE', `bucket '${this.#name}' was lost, and made anew: try again`);
			const revision = await bucket.create(key, value);
			return revision && revision + beginning(bucket);
		});
	}

	update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
		return this.#on(async (bucket) => {
			const next = await bucket.update(key, value, Math.max(0, revision - beginning(bucket)));
			return next && next + beginning(bucket);
		});
	}

	remove(key: string, revision: number): Promise<boolean> {
		return this.#on((bucket) => bucket.remove(key, Math.max(0, revision - beginning(bucket))));
	}

	entries(): Promise<KvEntry[]> {
		return this.#on(async (bucket) => (await bucket.entries()).map((entry) => risen(entry, bucket)));
	}

	/**
	 * Moves on to the bucket's new life, if it has one. A read in the old one finds nothing there, which is no failure.
	 * Rejects when nobody can say which life it is in.
	 */
	lookAgain(): Promise<void> {
		this.#opening ??= this.#reopen().finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	/** A failure may mean that the bucket has gone. If so, nothing of the operation is left, and it is done in the new one. */
	async #on<T>(operate: (bucket: Bucket) => Promise<T>): Promise<T> {
		const bucket = this.#bucket;
		try {
			return await operate(bucket);
		} catch (error) {
			await this.lookAgain().catch(() => {});
			if (this.#bucket === bucket) throw error;
			return operate(this.#bucket);
		}
	}

	async #reopen(): Promise<void> {
		const bucket = await this.#store.open(this.#name, this.#options);
		if (bucket.created !== this.#bucket.created) this.#bucket = bucket;
	}
}

/** In microseconds: no store makes a write in each, for the whole life of a bucket. */
function beginning({ created }: Bucket): number {
	return Math.round(created * 1_000);
}

function risen(entry: KvEntry, bucket: Bucket): KvEntry {
	return { ...entry, revision: entry.revision + beginning(bucket) };
}
