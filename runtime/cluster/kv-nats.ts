/**
 * The key-value port on JetStream. A bucket is laid out as the NATS tools know it (stream `KV_<name>`), but for one more
 * token in its subjects: the time of its birth, `$KV.<name>.<life>.<key>`. So a bucket opened before JetStream's state
 * was wiped can't write into the one made after, and no epoch, (created, revision), mixes two lives of a bucket.
 *
 * It speaks to JetStream directly: one round trip per write, and a connection that goes down is noticed at once.
 */

import type { DiscardPolicy, RetentionPolicy, StorageType, StreamConfig } from '@nats-io/jetstream';
import { nanos } from 'nats';
import { wholeNumber } from '../../supervisor/bad-option.ts';
import { TroupeError } from '../core/errors.ts';
import type { NatsTransport } from '../transport/nats.ts';
import { NoAnswer } from '../transport/nats-requests.ts';
import { CODES, hasCode, JetStreamApi } from './jetstream-api.ts';
import type { Bucket, BucketOptions, KvStore } from './kv.ts';
import { NatsBucket } from './kv-nats-bucket.ts';
import { checkBucketName, unavailable } from './kv-rules.ts';
import { type StreamPlan, settle } from './stream-birth.ts';

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
	/** When the last life known of each bucket began. */
	readonly #lives = new Map<string, number>();

	constructor(api: JetStreamApi) {
		this.#api = api;
	}

	async open(name: string, options: BucketOptions = {}): Promise<Bucket> {
		checkBucketName(name);
		const replicas = wholeNumber(options.replicas ?? 1, 'replicas', 1, 5);
		const maxAge = wholeNumber(options.maxAge ?? 0, 'maxAge');
		try {
			const config = await settle(this.#api, planOf(name, replicas, maxAge), this.#lives.get(name) ?? 0);
			if (config.num_replicas < replicas) this.#grow(config, replicas);
			const bucket = new NatsBucket(this.#api, name, config);
			this.#lives.set(name, bucket.created);
			return bucket;
		} catch (error) {
			throw this.#explain(`open bucket '${name}'`, error);
		}
	}

	/** The cluster had fewer servers when the bucket was made. Nobody waits for this; the next to open tries again. */
	#grow(config: StreamConfig, replicas: number): void {
		if (!this.#api.isCluster) return;
		void this.#api.call(`STREAM.UPDATE.${config.name}`, { ...config, num_replicas: replicas }).catch(() => {});
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
}

/** What `nats kv add` would make, but for the subject. With a history, to remove an entry would bring its last value back. */
function planOf(name: string, replicas: number, maxAge: number): StreamPlan {
	return {
		stream: `KV_${name}`,
		prefix: `$KV.${name}`,
		replicas,
		layout: {
			retention: 'limits' as RetentionPolicy,
			storage: 'file' as StorageType,
			discard: 'new' as DiscardPolicy,
			max_msgs_per_subject: 1,
			// JetStream's least is 100 ms.
			max_age: maxAge === 0 ? 0 : nanos(Math.max(100, maxAge)),
			allow_direct: true,
			allow_rollup_hdrs: true,
		},
		lacks: ({ max_msgs_per_subject, deny_delete, allow_direct }) =>
			max_msgs_per_subject === 1 && !deny_delete && allow_direct
				? undefined
				: 'a history of 1, direct gets and deletes',
	};
}
