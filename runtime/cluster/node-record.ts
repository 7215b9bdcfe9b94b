/** A node's record in the store: what it says, and its one tombstone. */

import type { Codec } from '../codec/codec.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { Bucket, KvEntry } from './kv.ts';

const UP = 'up';
const EVICTED = 'evicted';

/** A record as it was read. */
export interface NodeRecord {
	/** Whether the node is a member; otherwise it has been declared dead. */
	readonly up: boolean;
	readonly info: NodeInfo;
}

/** The record of a member. */
export function encodeUp(codec: Codec, { id, name, roles, kinds }: NodeInfo): Uint8Array {
	return codec.encode([UP, id, name, roles, kinds]);
}

/** The tombstone of a node, with who has written it. */
export function encodeEvicted(codec: Codec, id: string, name: string, by: string): Uint8Array {
	return codec.encode([EVICTED, id, name, [], [], by]);
}

/** What an entry says; `undefined` when it is no node's. */
export function readRecord(codec: Codec, { key, value }: KvEntry): NodeRecord | undefined {
	try {
		const [state, id, name, roles, kinds] = codec.decode(value) as unknown[];
		if (id !== key || typeof name !== 'string') return undefined;
		return { up: state === UP, info: { id: key, name, roles: texts(roles), kinds: texts(kinds), status: 'up' } };
	} catch {
		return undefined;
	}
}

/**
 * Whether a node is dead beyond doubt. A read may be stale, so a record that is not there is answered with a tombstone
 * by compare-and-set: when that succeeds, the incarnation was gone, and can't come back.
 */
export async function confirmDead(bucket: Bucket, codec: Codec, node: string, by: string): Promise<boolean> {
	const entry = await bucket.get(node);
	if (entry) return readRecord(codec, entry)?.up === false;
	return (await bucket.create(node, encodeEvicted(codec, node, '', by))) !== undefined;
}

function texts(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
