/** A node's record in the store: a member's, or the tombstone of one that has left or was declared dead. */

import type { Codec } from '../codec/codec.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { Bucket, KvEntry } from './kv.ts';

/** What a record says of its node. A fate other than `up` is final: the incarnation never comes back. */
export type Fate = 'up' | 'left' | 'evicted';

/** A record as it was read. */
export interface NodeRecord {
	readonly fate: Fate;
	readonly info: NodeInfo;
}

/** A record to write; `by` is the node that writes it. */
export function encodeRecord(codec: Codec, fate: Fate, { id, name, roles, kinds }: NodeInfo, by: string): Uint8Array {
	return codec.encode([fate, id, name, roles, kinds, by]);
}

/** What an entry says; `undefined` when it is no node's. */
export function readRecord(codec: Codec, { key, value }: KvEntry): NodeRecord | undefined {
	try {
		const [fate, id, name, roles, kinds] = codec.decode(value) as unknown[];
		if (id !== key || typeof name !== 'string' || !isFate(fate)) return undefined;
		return { fate, info: { id: key, name, roles: texts(roles), kinds: texts(kinds), status: 'up' } };
	} catch {
		return undefined;
	}
}

/**
 * How a node ended, beyond doubt; `undefined` when it may be alive. A read may be stale, so a record that is not there
 * is answered with a tombstone by compare-and-set: when that succeeds, the incarnation was gone and can't come back.
 */
export async function fateOf(
	bucket: Bucket,
	codec: Codec,
	node: string,
	by: string,
): Promise<'left' | 'evicted' | undefined> {
	const entry = await bucket.get(node);
	const fate = entry && readRecord(codec, entry)?.fate;
	if (entry) return fate === 'up' ? undefined : fate;
	const nobody: NodeInfo = { id: node, name: '', roles: [], kinds: [], status: 'up' };
	return (await bucket.create(node, encodeRecord(codec, 'left', nobody, by))) === undefined ? undefined : 'left';
}

/** Whether a node of that fate is dead beyond doubt. What cannot be read says nothing. */
export function isFinal(fate: Fate | undefined): boolean {
	return fate === 'left' || fate === 'evicted';
}

function isFate(value: unknown): value is Fate {
	return value === 'up' || value === 'left' || value === 'evicted';
}

function texts(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
