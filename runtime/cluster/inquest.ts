/**
 * What is done about a member that has fallen silent: NATS is asked whether anybody listens for it, and the store
 * whether its lease still moves, until it is heard again or one of them decides. Then its tombstone is written by
 * compare-and-set: of several who try, or a renewal in time, one wins.
 *
 * | verdict | this node may evict | its record | what becomes of it |
 * |---|---|---|---|
 * | fine | | | alive: the inquest is closed |
 * | suspect | | | another round, in a quarter of a heartbeat or when it may be decided |
 * | any other | no: it, or everybody, has been cut off | | another round |
 * | any other | yes | as it stood all the time | a tombstone, by compare-and-set: *evicted*, or another round |
 * | any other | yes | has moved | another round |
 * | any other | yes | says that it has left, or was evicted | *left*, *evicted* |
 * | any other | yes | is gone | a tombstone where it was, as it died long ago and may not come back: *left* |
 */

import type { Codec } from '../codec/codec.ts';
import type { Clock } from '../core/clock.ts';
import type { NodeEvent } from '../core/events.ts';
import type { Transport } from '../transport/transport.ts';
import type { Alarms } from './alarms.ts';
import type { Bucket } from './kv.ts';
import { encodeRecord, fateOf, readRecord } from './node-record.ts';
import type { Suspicion } from './suspicion.ts';

/** What an inquest needs. */
export interface InquestParts {
	readonly bucket: Bucket;
	readonly clock: Clock;
	readonly codec: Codec;
	readonly transport: Transport;
	readonly alarms: Pick<Alarms, 'once'>;
	/** This node. */
	readonly self: string;
	/** Between heartbeats, in ms; the inquest looks four times as often. */
	readonly heartbeat: number;
	/** Whether this node may evict anybody: not while it, or everybody, has been cut off. */
	readonly mayEvict: () => boolean;
}

/** The revision of a record that is not there; none has it. */
const NO_RECORD = 0;

/** How it ended: the member lives, or is gone and why, and whether it left without a word. */
export type Finding = 'alive' | { readonly reason: NonNullable<NodeEvent['reason']>; readonly died: boolean };

/** Looks into the silence of a member until it is explained; `open` says whether anybody still wants to know. */
export async function inquire(
	parts: InquestParts,
	id: string,
	subject: string,
	suspicion: Suspicion,
	open: () => boolean,
): Promise<Finding> {
	const { bucket, clock, transport, alarms, heartbeat } = parts;
	for (let round = 0; open(); round++) {
		if (transport.state === 'connected') {
			const asked = clock.now();
			const answer = await transport.probe(subject, heartbeat / 2);
			if (answer === 'answered') suspicion.heard(clock.now());
			else if (answer === 'no-responders') suspicion.unreachable(asked, clock.now());
			else suspicion.silent();
			if (round % 4 === 0) {
				await bucket.get(id).then(
					(entry) => suspicion.leaseSeen(entry?.revision ?? NO_RECORD, clock.now()),
					() => undefined,
				);
			}
		}
		const verdict = suspicion.verdict(clock.now(), transport.whole);
		if (verdict === 'fine') break;
		if (verdict !== 'suspect' && transport.state === 'connected' && parts.mayEvict()) {
			const finding = await evict(parts, id, verdict, suspicion);
			if (finding) return finding;
		}
		const undecided = verdict === 'suspect' ? suspicion.undecided(clock.now()) : undefined;
		const pause = Math.min(heartbeat / 4, undecided ?? heartbeat / 4);
		await new Promise<void>((resolve) => alarms.once(`inquest ${id}`, pause, resolve));
	}
	return 'alive';
}

async function evict(
	{ bucket, codec, self }: InquestParts,
	id: string,
	reason: 'no-responders' | 'lease-expired',
	suspicion: Suspicion,
): Promise<Finding | undefined> {
	try {
		const entry = await bucket.get(id);
		const record = entry && readRecord(codec, entry);
		if (!entry || record?.fate !== 'up') {
			const fate = await fateOf(bucket, codec, id, self);
			return fate && { reason: fate === 'left' ? 'left' : reason, died: fate === 'evicted' };
		}
		// It has come back, and may act again: whatever was said against it is from before.
		if (entry.revision !== suspicion.revision) return undefined;
		const tombstone = encodeRecord(codec, 'evicted', record.info, self);
		return (await bucket.update(id, tombstone, entry.revision)) === undefined ? undefined : { reason, died: true };
	} catch {
		// The store is away; the suspicion stays.
		return undefined;
	}
}
