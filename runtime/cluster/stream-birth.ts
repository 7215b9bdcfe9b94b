/**
 * How a stream comes into being. The server knows when it made the stream; that time becomes a token of the
 * stream's subjects, and only then can it be used. Each step has the same outcome whichever node takes it, and
 * after each we look again. So many nodes may do this at once, and it does no harm that a cluster of 2.9 servers then
 * forgets to answer some of them (made with different settings at once, a stream even told different times of birth).
 */

import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { NoAnswer } from '../transport/nats-requests.ts';
import { CODES, hasCode, type JetStreamApi } from './jetstream-api.ts';

/** How many steps may go unanswered before opening the stream has failed. */
const STEPS = 4;

/** In a cluster, wait up to this many ms for another node to give life to a new stream, so that not all do it at once. */
const STANDBY = 200;

const TOO_FEW_SERVERS = [CODES.noPeers, CODES.insufficientResources, CODES.replicasNotSupported];

/** What a stream of Troupe's is to be. */
export interface StreamPlan {
	readonly stream: string;
	/** Its subjects begin with this, and then its life. */
	readonly prefix: string;
	/** What it has beside its name, its subjects and its copies. */
	readonly layout: Partial<StreamConfig>;
	/** Wanted; a small cluster gives fewer. */
	readonly replicas: number;
	/** What one that is there already must have, in words, unless it has it. */
	readonly lacks: (config: StreamConfig) => string | undefined;
}

/** Finds the stream, or makes it. `since` is when its last known life began: the next begins later. */
export async function settle(api: JetStreamApi, plan: StreamPlan, since: number): Promise<StreamConfig> {
	const { clock } = api.transport;
	const { stream } = plan;
	const deadline = clock.now() + api.timeout;
	let patient = api.isCluster;
	let failure: unknown = new Error(`stream ${stream} does not come to rest: something makes and deletes it`);
	while (clock.now() < deadline) {
		try {
			const info = await find(api, stream);
			if (!info) await make(api, plan);
			else if (isAlive(plan, info.config)) return info.config;
			else if (patient) {
				patient = false;
				await new Promise<void>((resolve) => void clock.after(STANDBY * clock.random(), resolve));
			} else await giveLife(api, plan, info, since);
		} catch (error) {
			if (!isPassing(error)) throw error;
			failure = error;
		}
	}
	throw failure;
}

/** What the stream's subjects begin with in its present life, the last dot included. */
export function livePrefix({ subjects }: StreamConfig): string {
	return subjects[0]?.replace(/>$/, '') ?? '';
}

/** When the stream began to live, in milliseconds since the Unix epoch. */
export function bornAt(config: StreamConfig): number {
	const [life = ''] = livePrefix(config).split('.').slice(-2);
	return Number.parseInt(life, 36) / 1000;
}

async function find(api: JetStreamApi, stream: string): Promise<StreamInfo | undefined> {
	try {
		return await api.call<StreamInfo>(`STREAM.INFO.${stream}`, undefined, api.timeout / STEPS);
	} catch (error) {
		if (hasCode(error, CODES.streamNotFound)) return undefined;
		throw error;
	}
}

async function make(api: JetStreamApi, plan: StreamPlan): Promise<void> {
	const { stream, layout, replicas } = plan;
	const config = { ...layout, name: stream, subjects: [unborn(plan)] };
	for (const copies of new Set([replicas, 3, 1].filter((size) => size <= replicas))) {
		try {
			await api.call(`STREAM.CREATE.${stream}`, { ...config, num_replicas: copies }, api.timeout / STEPS);
			return;
		} catch (error) {
			if (copies === 1 || !hasCode(error, ...TOO_FEW_SERVERS)) throw error;
		}
	}
}

/** A server's clock may run behind the one that made the stream's last life. */
async function giveLife(api: JetStreamApi, plan: StreamPlan, info: StreamInfo, since: number): Promise<void> {
	const life = Math.max(microseconds(info.created), Math.floor(since * 1000) + 1).toString(36);
	const config = { ...info.config, subjects: [`${plan.prefix}.${life}.>`], num_replicas: copiesOf(info) };
	await api.call(`STREAM.UPDATE.${plan.stream}`, config, api.timeout / STEPS);
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

function unborn({ prefix }: StreamPlan): string {
	return `${prefix}.unborn`;
}

/** Whether the stream can be used; throws when it can't become so. */
function isAlive(plan: StreamPlan, config: StreamConfig): boolean {
	const { stream, prefix, lacks } = plan;
	const [subject = '', ...others] = config.subjects ?? [];
	const lacking = others.length === 0 && subject.startsWith(`${prefix}.`) ? lacks(config) : 'one subject, its own';
	if (lacking)
		throw new Error(`stream ${stream} is none of Troupe (it needs ${lacking}): delete it or use another name`);
	return ![unborn(plan), `${prefix}.>`].includes(subject);
}

/** A time stamp of the server's, which has nanoseconds, as microseconds since the Unix epoch: exact in a double. */
function microseconds(timestamp: string): number {
	const [, seconds = '', fraction = '', zone = 'Z'] = /^(.+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp) ?? [];
	return Date.parse(`${seconds}${zone}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
