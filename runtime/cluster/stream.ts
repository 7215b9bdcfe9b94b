/**
 * The stream port: values kept in order under keys, each until it is removed. JetStream and its memory twin pass one
 * contract suite. As with buckets, reads are hints; what an append or a removal comes to is the truth.
 */

/** A value as it is stored. */
export interface StreamEntry {
	readonly key: string;
	readonly value: Uint8Array;
	/** The stream-wide sequence number of this value; within a key, later values have greater ones. */
	readonly sequence: number;
}

/** How a stream is made when it does not exist yet. What it holds is bounded; a full stream refuses, and drops nothing. */
export interface StreamOptions {
	/** Copies in a cluster of servers; fewer when the cluster has fewer. Default 1. */
	readonly replicas?: number;
	/** The most values it holds. Default 1,000,000. */
	readonly maxMessages?: number;
	/** Milliseconds for which the ID of a value is remembered. Default 120,000. */
	readonly dedupWindow?: number;
}

/** What became of an append; a `duplicate` has the sequence number of the value that was stored first. */
export type Appended = { readonly sequence: number; readonly duplicate: boolean } | 'full' | 'conflict';

/**
 * One life of a stream. Operations reject when the answer can't come, and then it is not known whether an append or a
 * removal happened; and when the stream of this life is gone.
 */
export interface Stream {
	/** When it was created, in milliseconds since the Unix epoch. After its state was lost it has another life. */
	readonly created: number;
	/** The largest value that can be appended now, in bytes. */
	readonly maxBytes: number;
	/**
	 * Stores the value behind those of its key, unless one with the same `id` was stored within the window; with `after`, only
	 * if the key's last value that was not removed has that number, 0 for none. `ERR_TOO_LARGE` beyond {@link Stream.maxBytes}.
	 */
	append(key: string, value: Uint8Array, id: string, after?: number): Promise<Appended>;
	/** The key's first value whose sequence number is `from` or greater; `certain`: as whoever decides on writes knows it. */
	next(key: string, from: number, certain?: boolean): Promise<StreamEntry | undefined>;
	/** Removes the value for good; `false` when it is gone, or not of this key. */
	remove(key: string, sequence: number): Promise<boolean>;
	/** How many values each key has. Keys without any are not among them. */
	backlog(): Promise<ReadonlyMap<string, number>>;
	/** All values, or those of a key, oldest first. */
	entries(key?: string): Promise<readonly StreamEntry[]>;
}

/** Opens streams. */
export interface StreamStore {
	/** Opens the stream in its present life, creating it when needed; the options of one that exists stay as they are. */
	open(name: string, options?: StreamOptions): Promise<Stream>;
}

/** Enough for a backlog of hours, and below what makes a server's restart slow. */
export const MAX_MESSAGES = 1_000_000;
/** JetStream's own default, in ms. */
export const DEDUP_WINDOW = 120_000;
