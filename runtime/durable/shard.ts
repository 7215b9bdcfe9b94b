/** Mailboxes by the hundred share a subject, so that a node hears of its own and of few others. */

/** As many as a large cluster has nodes, some times over. */
export const SHARDS = 256;

/** The shard of a mailbox: FNV-1a of its key, which has nothing but ASCII. */
export function shardOf(key: string): number {
	let hash = 0x811c9dc5;
	for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
	return (hash >>> 0) % SHARDS;
}
