/**
 * A bucket that outlives its content. Its revisions are those of the present life on top of its time
 * of birth: they rise from life to life, and one of an earlier life is never that of a write in this.
 */

import { TroupeError } from '../core/errors.ts';
import type { Bucket, BucketOptions, KvEntry, KvStore } from './kv.ts';
import { Lasting } from './lasting.ts';

/** A bucket that is opened again when it is lost. */
export class LastingBucket extends Lasting<Bucket> implements Bucket {
	readonly #name: string;

	private constructor(open: () => Promise<Bucket>, name: string, bucket: Bucket) {
		super(open, bucket);
		this.#name = name;
	}

	static async open(store: KvStore, name: string, options: BucketOptions): Promise<LastingBucket> {
		const open = (): Promise<Bucket> => store.open(name, options);
		return new LastingBucket(open, name, await open());
	}

	/** Whether a revision is of the present life. */
	current(revision: number): boolean {
		return revision > beginning(this.present);
	}

	get(key: string): Promise<KvEntry | undefined> {
		return this.on(async (bucket) => {
			const entry = await bucket.get(key);
			return entry && risen(entry, bucket);
		});
	}

	/** With `life`, the `created` of one life, in no other: it rejects when that is over. */
	create(key: string, value: Uint8Array, life?: number): Promise<number | undefined> {
		return this.on(async (bucket) => {
			if (life !== undefined && bucket.created !== life)
				throw new TroupeError('ERR_CLAIM_UNAVAILABLE', `bucket '${this.#name}' was lost, and made anew: try again`);
			const revision = await bucket.create(key, value);
			return revision && revision + beginning(bucket);
		});
	}

	update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
		return this.on(async (bucket) => {
			const next = await bucket.update(key, value, Math.max(0, revision - beginning(bucket)));
			return next && next + beginning(bucket);
		});
	}

	remove(key: string, revision: number): Promise<boolean> {
		return this.on((bucket) => bucket.remove(key, Math.max(0, revision - beginning(bucket))));
	}

	entries(): Promise<KvEntry[]> {
		return this.on(async (bucket) => (await bucket.entries()).map((entry) => risen(entry, bucket)));
	}
}

/** In microseconds: no store makes a write in each, for the whole life of a bucket. */
function beginning({ created }: Bucket): number {
	return Math.round(created * 1_000);
}

function risen(entry: KvEntry, bucket: Bucket): KvEntry {
	return { ...entry, revision: entry.revision + beginning(bucket) };
}
