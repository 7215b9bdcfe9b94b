/**
 * How a bucket's stream comes into being. The server knows when it made the stream; that time becomes a token of the
 * stream's subjects, and only then can the bucket be used. Each step has the same outcome whichever node takes it, and
 * after each we look again. So many nodes may do this at once, and it does no harm that a cluster of 2.9 servers then
 * forgets to answer some of them (made with different settings at once, a stream even told different times of birth).
 */

import type { DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { nanos } from 'nats';
import { NoAnswer } from '../transport/nats-requests.ts';
import { CODES, hasCode, type JetStreamApi } from './jetstream-api.ts';
import type { BucketOptions } from './kv.ts';

/** How many steps may go unanswered before opening the bucket has failed. */
const STEPS = 4;

/** In a cluster, wait up to this many ms for another node to give life to a new bucket, so that not all do it at once. */
const STANDBY = 200;

const TOO_FEW_SERVERS = [CODES.noPeers, CODES.insufficientResources, CODES.replicasNotSupported];

/** Finds the stream of bucket `name`, or makes it. `since` is when its last known life began: the next begins later. */
export async function settle(
	api: JetStreamApi,
	name: string,
	options: Required<BucketOptions>,
	since: number,
): Promise<StreamConfig> {
	const { clock } = api.transport;
	const deadline = clock.now() + api.timeout;
	let patient = api.isCluster;
	let failure: unknown = new Error(`stream KV_${name} does not come to rest: something makes and deletes it`);
	while (clock.now() < deadline) {
		try {
			const info = await find(api, name);
			if (!info) await make(api, layout(name, options.maxAge), options.replicas);
			else if (isAlive(name, info.config)) return info.config;
			else if (patient) {
				patient = false;
				await new Promise<void>((resolve) => void clock.after(STANDBY * clock.random(), resolve));
			} else await giveLife(api, name, info, since);
		} catch (error) {
			if (!isPassing(error)) throw error;
			failure = error;
		}
	}
	throw failure;
}

/** When the bucket began to live, in milliseconds since the Unix epoch. */
export function bornAt({ subjects }: StreamConfig): number {
	const [, , life = ''] = subjects[0]?.split('.') ?? [];
	return Number.parseInt(life, 36) / 1000;
}

async function find(api: JetStreamApi, name: string): Promise<StreamInfo | undefined> {
	try {
		return await api.call<StreamInfo>(`STREAM.INFO.KV_${name}`, undefined, api.timeout / STEPS);
	} catch (error) {
		if (hasCode(error, CODES.streamNotFound)) return undefined;
		throw error;
	}
}

async function make(api: JetStreamApi, config: Partial<StreamConfig>, replicas: number): Promise<void> {
	for (const copies of new Set([replicas, 3, 1].filter((size) => size <= replicas))) {
		try {
			await api.call(`STREAM.CREATE.${config.name}`, { ...config, num_replicas: copies }, api.timeout / STEPS);
			return;
		} catch (error) {
			if (copies === 1 || !hasCode(error, ...TOO_FEW_SERVERS)) throw error;
		}
	}
}

/** A server's clock may run behind the one that made the bucket's last life. */
async function giveLife(api: JetStreamApi, name: string, info: StreamInfo, since: number): Promise<void> {
	const life = Math.max(microseconds(info.created), Math.floor(since * 1000) + 1).toString(36);
	const config = { ...info.config, subjects: [`$KV.${name}.${life}.>`], num_replicas: copiesOf(info) };
	await api.call(`STREAM.UPDATE.KV_${name}`, config, api.timeout / STEPS);
}

/**
 * The copies that a stream has, where it claims more. Before nats-server 2.11.9, to make a stream that is just being
 * made joins the servers chosen for that one, and the number asked for last is noted without a look at theirs. A claim
 * that is too high would stay: nobody adds copies to a stream that seems to have them. With its life a stream gets the
 * true number, and from then on making it again is refused.
 */
function copiesOf({ config, cluster }: StreamInfo): number {
	// The server that answers leaves itself out of the list, unless it knows of no leader.
	const members = (cluster?.replicas?.length ?? 0) + (cluster?.leader ? 1 : 0);
	return Math.min(config.num_replicas, Math.max(1, members));
}

/** Whether a cluster may have given this answer, or none, only because the same change is under way already. */
function isPassing(error: unknown): boolean {
	if (error instanceof NoAnswer) return error.why === 'timeout';
	return hasCode(error, CODES.nameInUse, CODES.subjectsOverlap);
}

/** What `nats kv add` would make, but for the subject: nobody writes to this one. */
function layout(name: string, maxAge: number): Partial<StreamConfig> {
	return {
		name: `KV_${name}`,
		subjects: [unborn(name)],
		retention: 'limits' as RetentionPolicy,
		storage: 'file' as StorageType,
		discard: 'new' as DiscardPolicy,
		max_msgs_per_subject: 1,
		// JetStream's least is 100 ms.
		max_age: maxAge === 0 ? 0 : nanos(Math.max(100, maxAge)),
		allow_direct: true,
		allow_rollup_hdrs: true,
	};
}

function unborn(name: string): string {
	return `$KV.${name}.unborn`;
}

/** Whether the bucket can be used; throws when it can't become so. With a history, removing would bring values back. */
function isAlive(name: string, config: StreamConfig): boolean {
	const { subjects = [], max_msgs_per_subject, deny_delete, allow_direct } = config;
	const [subject = ''] = subjects;
	const ours = subjects.length === 1 && subject.startsWith(`$KV.${name}.`);
	if (ours && max_msgs_per_subject === 1 && !deny_delete && allow_direct)
		return ![unborn(name), `$KV.${name}.>`].includes(subject);
	const needs = 'one subject, a history of 1, direct gets and deletes';
	throw new Error(`stream KV_${name} is no bucket of Troupe (it needs ${needs}): delete it or use another name`);
}

/** A time stamp of the server's, which has nanoseconds, as microseconds since the Unix epoch: exact in a double. */
function microseconds(timestamp: string): number {
	const [, seconds = '', fraction = '', zone = 'Z'] = /^(.+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp) ?? [];
	return Date.parse(`${seconds}${zone}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
