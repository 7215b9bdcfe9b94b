/** The stream port on JetStream. A key is a subject, and each operation is a round trip or two. */

import type { DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { headers, nanos } from 'nats';
import { wholeNumber } from '../../supervisor/bad-option.ts';
import { streamSubjectsOf } from '../core/subjects.ts';
import type { NatsTransport } from '../transport/nats.ts';
import { CODES, found, hasCode, isGone, JetStreamApi, parse, sequenceOf } from './jetstream-api.ts';
import { scan } from './kv-nats-scan.ts';
import { checkBucketName, checkKey, checkSize, unavailable } from './kv-rules.ts';
import {
	type Appended,
	DEDUP_WINDOW,
	MAX_MESSAGES,
	type Stream,
	type StreamEntry,
	type StreamStore,
} from './stream.ts';
import { bornAt, livePrefix, type StreamPlan, settle } from './stream-birth.ts';

const TIMEOUT = 3_000;
/** Room for the headers of an append, in bytes. */
const HEADERS = 1_024;

/** The streams of the JetStream that `transport` is connected to. */
export function natsStreamStore(transport: NatsTransport, timeout = TIMEOUT): StreamStore {
	const api = new JetStreamApi(transport, timeout);
	/** When the last life known of each stream began. */
	const lives = new Map<string, number>();
	return {
		async open(name, { replicas = 1, maxMessages = MAX_MESSAGES, dedupWindow = DEDUP_WINDOW } = {}) {
			checkBucketName(name);
			const plan: StreamPlan = {
				stream: name,
				prefix: streamSubjectsOf(name),
				replicas: wholeNumber(replicas, 'replicas', 1, 5),
				layout: {
					retention: 'limits' as RetentionPolicy,
					storage: 'file' as StorageType,
					discard: 'new' as DiscardPolicy,
					max_msgs: wholeNumber(maxMessages, 'maxMessages', 1),
					duplicate_window: nanos(wholeNumber(dedupWindow, 'dedupWindow', 100)),
					allow_direct: true,
				},
				lacks: ({ discard, deny_delete, allow_direct }) =>
					discard === 'new' && !deny_delete && allow_direct
						? undefined
						: 'to discard what is new, direct gets and deletes',
			};
			try {
				const stream = new NatsStream(api, name, await settle(api, plan, lives.get(name) ?? 0));
				lives.set(name, stream.created);
				return stream;
			} catch (error) {
				throw unavailable(`open stream '${name}'`, transport.address, error);
			}
		},
	};
}

interface Stored {
	readonly message: { readonly subject: string; readonly seq: number; readonly data?: string };
}

class NatsStream implements Stream {
	readonly created: number;
	readonly #api: JetStreamApi;
	readonly #name: string;
	readonly #prefix: string;

	constructor(api: JetStreamApi, name: string, config: StreamConfig) {
		this.#api = api;
		this.#name = name;
		this.#prefix = livePrefix(config);
		this.created = bornAt(config);
	}

	get maxBytes(): number {
		return this.#api.transport.maxPayload - HEADERS;
	}

	async append(key: string, value: Uint8Array, id: string, after?: number): Promise<Appended> {
		checkSize(value, this.maxBytes, this.#name);
		return this.#on('append to', key, async () => {
			const asked = headers();
			asked.set('Nats-Msg-Id', id);
			if (after !== undefined) asked.set('Nats-Expected-Last-Subject-Sequence', String(after));
			try {
				const answer = await this.#api.ask(this.#prefix + key, value, asked);
				const { seq, duplicate = false } = parse<{ seq: number; duplicate?: boolean }>(answer);
				return { sequence: seq, duplicate };
			} catch (error) {
				if (hasCode(error, CODES.wrongLastSequence, CODES.wrongLastSequenceUnknown)) return 'conflict';
				if (hasCode(error, CODES.storeFailed) && /maximum/.test(String(error))) return 'full';
				throw error;
			}
		});
	}

	next(key: string, from: number, certain = false): Promise<StreamEntry | undefined> {
		const query = { seq: Math.max(1, from), next_by_subj: this.#prefix + key };
		return this.#on('read', key, () => (certain ? this.#get(query) : this.#getDirectly(key, query)));
	}

	/** JetStream deletes by sequence number alone, and after a wipe the number may be another key's: look first. */
	remove(key: string, sequence: number): Promise<boolean> {
		return this.#on('remove from', key, async () => {
			try {
				const { message } = await this.#api.call<Stored>(`STREAM.MSG.GET.${this.#name}`, { seq: sequence });
				if (message.subject !== this.#prefix + key) return false;
				await this.#api.call(`STREAM.MSG.DELETE.${this.#name}`, { seq: sequence, no_erase: true });
				return true;
			} catch (error) {
				if (isGone(error)) return false;
				throw error;
			}
		});
	}

	async backlog(): Promise<ReadonlyMap<string, number>> {
		const found = new Map<string, number>();
		try {
			for (let total = 1; found.size < total; ) {
				const asked = { subjects_filter: `${this.#prefix}>`, offset: found.size };
				const info = await this.#api.call<StreamInfo & { readonly total?: number }>(`STREAM.INFO.${this.#name}`, asked);
				const subjects = Object.entries(info.state.subjects ?? {});
				for (const [subject, count] of subjects) found.set(subject.slice(this.#prefix.length), count);
				total = subjects.length === 0 ? 0 : (info.total ?? 0);
			}
		} catch (error) {
			throw unavailable(`count what stream '${this.#name}' holds`, this.#api.transport.address, error);
		}
		return found;
	}

	async entries(key?: string): Promise<readonly StreamEntry[]> {
		if (key !== undefined) checkKey(key);
		try {
			const scanned = await scan(this.#api, this.#name, `${this.#prefix}${key ?? '>'}`);
			return scanned.map(({ message, sequence }) => ({
				key: message.subject.slice(this.#prefix.length),
				value: new Uint8Array(message.data),
				sequence,
			}));
		} catch (error) {
			throw unavailable(`list stream '${this.#name}'`, this.#api.transport.address, error);
		}
	}

	/** From any server that has a copy. */
	async #getDirectly(key: string, query: object): Promise<StreamEntry | undefined> {
		const subject = `$JS.API.DIRECT.GET.${this.#name}`;
		const message = found(await this.#api.ask(subject, Buffer.from(JSON.stringify(query))));
		return message && { key, value: message.data, sequence: sequenceOf(message) };
	}

	/** From the leader. */
	async #get(query: object): Promise<StreamEntry | undefined> {
		try {
			const { message } = await this.#api.call<Stored>(`STREAM.MSG.GET.${this.#name}`, query);
			const { subject, seq, data = '' } = message;
			return { key: subject.slice(this.#prefix.length), value: Buffer.from(data, 'base64'), sequence: seq };
		} catch (error) {
			if (hasCode(error, CODES.messageNotFound, CODES.sequenceNotFound)) return undefined;
			throw error;
		}
	}

	async #on<T>(verb: string, key: string, operate: () => Promise<T>): Promise<T> {
		checkKey(key);
		try {
			return await operate();
		} catch (error) {
			throw unavailable(`${verb} key '${key}' of stream '${this.#name}'`, this.#api.transport.address, error);
		}
	}
}
