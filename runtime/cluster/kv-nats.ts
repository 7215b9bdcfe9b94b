/**
 * The key-value port on JetStream. A bucket is laid out as the NATS tools know it (stream `KV_<name>`), but for one more
 * token in its subjects: the time of its birth, `$KV.<name>.<life>.<key>`. So a bucket opened before JetStream's state
 * was wiped can't write into the one made after, and no epoch, (created, revision), mixes two lives of a bucket.
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
			const config = await this.#settle(name, replicas, maxAge);
			if (config.num_replicas < replicas) this.#grow(config, replicas);
			return new NatsBucket(this.#api, name, config);
		} catch (error) {
			throw this.#explain(`open bucket '${name}'`, error);
		}
	}

	/**
	 * Finds the bucket, makes it, or gives life to what a node has just made: each step has the same outcome whoever takes
	 * it, and after each we look again. So it does no harm that a cluster of 2.9 servers forgets to answer some of those
	 * who take one step at once.
	 */
	async #settle(name: string, replicas: number, maxAge: number): Promise<StreamConfig> {
		const { clock } = this.#api.transport;
		const deadline = clock.now() + this.#api.timeout;
		for (let patient = this.#isCluster; ; ) {
			try {
				const info = await this.#find(name);
				if (!info) await this.#make(layout(name, maxAge), replicas);
				else if (isAlive(name, info.config)) return info.config;
				else if (patient) {
					patient = false;
					await new Promise<void>((resolve) => void clock.after(STANDBY * clock.random(), resolve));
				} else await this.#giveLife(name, info);
			} catch (error) {
				const again = (error instanceof NoAnswer && error.why === 'timeout') || hasCode(error, ...IN_TRANSITION);
				if (!again || clock.now() >= deadline) throw error;
			}
		}
	}

	get #isCluster(): boolean {
		return this.#api.transport.connection.info?.cluster !== undefined;
	}

	#step<T extends object>(name: string, body?: object): Promise<T> {
		return this.#api.call<T>(name, body, this.#api.timeout / STEPS);
	}

	async #find(name: string): Promise<StreamInfo | undefined> {
		try {
			return await this.#step<StreamInfo>(`STREAM.INFO.KV_${name}`);
		} catch (error) {
			if (hasCode(error, CODES.streamNotFound)) return undefined;
			throw error;
		}
	}

	async #make(config: Partial<StreamConfig>, replicas: number): Promise<void> {
		for (const copies of [replicas, 3, 1].filter((size) => size <= replicas)) {
			try {
				await this.#step(`STREAM.CREATE.${config.name}`, { ...config, num_replicas: copies });
				return;
			} catch (error) {
				if (copies === 1 || !hasCode(error, ...TOO_FEW_SERVERS)) throw error;
			}
		}
	}

	async #giveLife(name: string, { config, created }: StreamInfo): Promise<void> {
		const subjects = [`$KV.${name}.${life(created)}.>`];
		await this.#step(`STREAM.UPDATE.KV_${name}`, { ...config, subjects });
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
		if (!this.#isCluster) return;
		void this.#api.call(`STREAM.UPDATE.${config.name}`, { ...config, num_replicas: replicas }).catch(() => {});
	}
}

const TOO_FEW_SERVERS = [CODES.noPeers, CODES.insufficientResources, CODES.replicasNotSupported];

/** How many steps of opening a bucket may go unanswered before opening it has failed. */
const STEPS = 4;

/** In a cluster, wait up to this many ms for another node to give life to a new bucket, so that not all do it at once. */
const STANDBY = 200;

/** What a cluster says while the same change is under way already. */
const IN_TRANSITION = [CODES.nameInUse, CODES.subjectsOverlap];

/** What `nats kv add` would make, but for the subject: nobody writes to this one. */
function layout(name: string, maxAge: number): Partial<StreamConfig> {
	return {
		name: `KV_${name}`,
		subjects: [unborn(name)],
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

/** The server's time stamp as microseconds to the base of 36: exact in a double, and the same for whoever reads it. */
function life(timestamp: string): string {
	const [, seconds = '', fraction = '', zone = 'Z'] = /^(.+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp) ?? [];
	const microseconds = Date.parse(`${seconds}${zone}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
	return microseconds.toString(36);
}
