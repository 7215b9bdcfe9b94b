/**
 * The key-value port on JetStream. A bucket is laid out as the NATS tools know it (stream `KV_<name>`), with one more
 * subject token that differs each time the bucket is made. So a bucket opened before JetStream's state was wiped can't
 * write into the one made after, and no epoch, (created, revision), is ever built from two different lives.
 *
 * It speaks to JetStream directly: one round trip per write, and a connection that goes down is noticed at once.
 */

import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig, type StreamInfo } from '@nats-io/jetstream';
import { nanos } from 'nats';
import { wholeNumber } from '../../supervisor/bad-option.ts';
import { TroupeError } from '../core/errors.ts';
import type { NatsTransport } from '../transport/nats.ts';
import { NoAnswer } from '../transport/nats-requests.ts';
import { CODES, hasCode, JetStreamApi } from './jetstream-api.ts';
import type { Bucket, BucketOptions, KvStore } from './kv.ts';
import { NatsBucket } from './kv-nats-bucket.ts';
import { checkBucketName, unavailable } from './kv-rules.ts';

/** How the store answers. */
export interface NatsKvOptions {
	/** Milliseconds after which an operation without an answer rejects. Default 3,000. */
	readonly timeout?: number;
}

/** Long enough for a busy server and for most fail-overs, and well below a lease. */
const TIMEOUT = 3_000;

/** The buckets of the JetStream that `transport` is connected to. */
export function natsKvStore(transport: NatsTransport, options: NatsKvOptions = {}): KvStore {
	const { timeout = TIMEOUT } = options;
	return new NatsKvStore(new JetStreamApi(transport, wholeNumber(timeout, 'timeout', 1)));
}

class NatsKvStore implements KvStore {
	readonly #api: JetStreamApi;

	constructor(api: JetStreamApi) {
		this.#api = api;
	}

	async open(name: string, options: BucketOptions = {}): Promise<Bucket> {
		checkBucketName(name);
		const replicas = wholeNumber(options.replicas ?? 1, 'replicas', 1, 5);
		const maxAge = wholeNumber(options.maxAge ?? 0, 'maxAge');
		try {
			const info = (await this.#find(name)) ?? (await this.#make(name, replicas, maxAge));
			checkLayout(name, info.config);
			if (info.config.num_replicas < replicas) this.#grow(info.config, replicas);
			return new NatsBucket(this.#api, name, info);
		} catch (error) {
			throw this.#explain(`open bucket '${name}'`, error);
		}
	}

	async #find(name: string): Promise<StreamInfo | undefined> {
		try {
			return await this.#api.call<StreamInfo>(`STREAM.INFO.KV_${name}`);
		} catch (error) {
			if (hasCode(error, CODES.streamNotFound)) return undefined;
			throw error;
		}
	}

	/** Of several nodes that make the bucket at once, one wins, and the others take what it made. */
	async #make(name: string, replicas: number, maxAge: number): Promise<StreamInfo> {
		const { clock } = this.#api.transport;
		const life = Math.floor(clock.wall()).toString(36) + Math.floor(clock.random() * 36 ** 6).toString(36);
		const config = layout(name, life, maxAge);
		for (const copies of [replicas, 3, 1].filter((size) => size <= replicas)) {
			try {
				return await this.#api.call<StreamInfo>(`STREAM.CREATE.KV_${name}`, { ...config, num_replicas: copies });
			} catch (error) {
				if (hasCode(error, CODES.nameInUse)) break;
				if (copies === 1 || !hasCode(error, ...TOO_FEW_SERVERS)) throw error;
			}
		}
		const info = await this.#find(name);
		if (!info) throw new Error(`stream KV_${name} was made by another node, and has gone again`);
		return info;
	}

	#explain(operation: string, error: unknown): Error {
		const { address, connection } = this.#api.transport;
		const unheard = error instanceof NoAnswer && error.why === 'no-responders';
		const off = unheard && connection.info !== undefined && !connection.info.jetstream;
		if (!off && !hasCode(error, CODES.notEnabled, CODES.notEnabledForAccount))
			return unavailable(operation, address, error);
		const message = `the NATS server at ${address} runs without JetStream: start nats-server with -js`;
		return new TroupeError('ERR_NO_JETSTREAM', message, { cause: error });
	}

	/** The cluster had fewer servers when the bucket was made. Nobody waits for this; the next to open tries again. */
	#grow(config: StreamConfig, replicas: number): void {
		if (!this.#api.transport.connection.info?.cluster) return;
		void this.#api.call(`STREAM.UPDATE.${config.name}`, { ...config, num_replicas: replicas }).catch(() => {});
	}
}

const TOO_FEW_SERVERS = [CODES.noPeers, CODES.insufficientResources, CODES.replicasNotSupported];

/** What `nats kv add` would make, but for the token `life`. */
function layout(name: string, life: string, maxAge: number): Partial<StreamConfig> {
	return {
		name: `KV_${name}`,
		subjects: [`$KV.${name}.${life}.>`],
		retention: RetentionPolicy.Limits,
		storage: StorageType.File,
		discard: DiscardPolicy.New,
		max_msgs_per_subject: 1,
		// JetStream's least is 100 ms.
		max_age: maxAge === 0 ? 0 : nanos(Math.max(100, maxAge)),
		allow_direct: true,
		allow_rollup_hdrs: true,
	};
}

/** With a longer history, removing a value would bring an older one back. */
function checkLayout(
	name: string,
	{ subjects = [], max_msgs_per_subject, deny_delete, allow_direct }: StreamConfig,
): void {
	const [subject = ''] = subjects;
	const ours = subjects.length === 1 && subject.startsWith(`$KV.${name}.`) && subject.endsWith('.>');
	if (ours && max_msgs_per_subject === 1 && !deny_delete && allow_direct) return;
	const needs = 'one subject, a history of 1, direct gets and deletes';
	throw new Error(`stream KV_${name} is no bucket of Troupe (it needs ${needs}): delete it or use another name`);
}
