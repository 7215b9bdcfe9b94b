/**
 * The key-value port: compare-and-set over a replicated log. Revisions are sequence numbers of the bucket and only rise.
 * JetStream KV and its memory twin pass one contract suite. Reads are hints (they may be stale for seconds after a
 * partition); only the outcome of a create, update or remove is the truth.
 */

/** A key's present value. */
export interface KvEntry {
	readonly key: string;
	readonly value: Uint8Array;
	/** The bucket-wide sequence number of this write. */
	readonly revision: number;
}

/** How a bucket is made when it does not exist yet. */
export interface BucketOptions {
	/** Copies in a cluster of servers; fewer when the cluster has fewer. Default 1. */
	readonly replicas?: number;
	/** Entries older than this many milliseconds may be collected. 0: never. Default 0. */
	readonly maxAge?: number;
}

/**
 * A set of keys with compare-and-set. Keys match `[A-Za-z0-9_=-]+`. Every operation rejects when the outcome is not
 * known (timeout, disconnected, closed); losing a race is an outcome and resolves to `undefined` or `false`.
 */
export interface Bucket {
	/** When the bucket was created, in milliseconds since the Unix epoch, with a fraction where the store knows it. */
	readonly created: number;
	get(key: string): Promise<KvEntry | undefined>;
	/** Writes the key when it has no value; resolves to the revision, or `undefined` when it has one. */
	create(key: string, value: Uint8Array): Promise<number | undefined>;
	/** Writes the key when its revision is `revision`; resolves to the new revision, or `undefined` when it is not. */
	update(key: string, value: Uint8Array, revision: number): Promise<number | undefined>;
	/** Removes the write `revision` for good, leaving no marker; `false` when the key has moved on or is gone. */
	remove(key: string, revision: number): Promise<boolean>;
	/** All entries, in no particular order. */
	entries(): Promise<KvEntry[]>;
}

/** Opens buckets. */
export interface KvStore {
	/** Opens the bucket, creating it when needed. `ERR_NO_JETSTREAM` when the broker has no store. */
	open(name: string, options?: BucketOptions): Promise<Bucket>;
}
