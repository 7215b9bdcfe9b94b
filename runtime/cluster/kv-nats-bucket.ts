/** A bucket on JetStream. Each write is a compare-and-set that one round trip decides; reads are hints. */

import type { StreamConfig } from '@nats-io/jetstream';
import { headers, type Msg, type MsgHdrs } from 'nats';
import { CODES, found, hasCode, isGone, type JetStreamApi, parse, sequenceOf } from './jetstream-api.ts';
import type { Bucket, KvEntry } from './kv.ts';
import { scan } from './kv-nats-scan.ts';
import { checkKey, unavailable } from './kv-rules.ts';
import { bornAt, livePrefix } from './stream-birth.ts';

/** The header that makes a write a compare-and-set. */
const EXPECTED_SEQUENCE = 'Nats-Expected-Last-Subject-Sequence';

interface StoredMessage {
	readonly message: { readonly subject: string; readonly seq: number };
}

/** One life of a bucket; made by `natsKvStore(...).open`. */
export class NatsBucket implements Bucket {
	readonly created: number;
	readonly #api: JetStreamApi;
	readonly #name: string;
	readonly #stream: string;
	readonly #prefix: string;

	constructor(api: JetStreamApi, name: string, config: StreamConfig) {
		this.#api = api;
		this.#name = name;
		this.#stream = config.name;
		this.#prefix = livePrefix(config);
		this.created = bornAt(config);
	}

	get(key: string): Promise<KvEntry | undefined> {
		return this.#on('read', key, async () => {
			const last = await this.#last(key);
			return last && !isMarker(last)
				? { key, value: new Uint8Array(last.data), revision: sequenceOf(last) }
				: undefined;
		});
	}

	create(key: string, value: Uint8Array): Promise<number | undefined> {
		return this.#on('create', key, async () => {
			const revision = await this.#write(key, value, 0);
			if (revision !== undefined) return revision;
			// An operator's `nats kv del` leaves a marker, which counts as the last write although the key has no value.
			const last = await this.#last(key);
			return last && isMarker(last) ? this.#write(key, value, sequenceOf(last)) : undefined;
		});
	}

	update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
		return this.#on('update', key, async () => (revision > 0 ? this.#write(key, value, revision) : undefined));
	}

	/** JetStream deletes by sequence number alone, and after a wipe the number may be another key's: look first. */
	remove(key: string, revision: number): Promise<boolean> {
		return this.#on('remove', key, async () => {
			if (!(revision > 0)) return false;
			try {
				const { message } = await this.#api.call<StoredMessage>(`STREAM.MSG.GET.${this.#stream}`, { seq: revision });
				if (message.subject !== this.#prefix + key) return false;
				await this.#api.call(`STREAM.MSG.DELETE.${this.#stream}`, { seq: revision, no_erase: true });
				return true;
			} catch (error) {
				if (isGone(error)) return false;
				throw error;
			}
		});
	}

	async entries(): Promise<KvEntry[]> {
		try {
			const entries = new Map<string, KvEntry>();
			for (const { message, sequence } of await scan(this.#api, this.#stream, `${this.#prefix}>`)) {
				const key = message.subject.slice(this.#prefix.length);
				if (isMarker(message)) entries.delete(key);
				else entries.set(key, { key, value: new Uint8Array(message.data), revision: sequence });
			}
			return [...entries.values()];
		} catch (error) {
			throw unavailable(`list bucket '${this.#name}'`, this.#api.transport.address, error);
		}
	}

	async #write(key: string, value: Uint8Array, expected: number): Promise<number | undefined> {
		try {
			const expectation = expected === 0 ? EXPECT_NONE : expecting(expected);
			const answer = await this.#api.ask(this.#prefix + key, Buffer.from(value), expectation);
			return parse<{ readonly seq: number }>(answer).seq;
		} catch (error) {
			if (hasCode(error, CODES.wrongLastSequence, CODES.wrongLastSequenceUnknown)) return undefined;
			throw error;
		}
	}

	/** The last write to `key`, from whichever server has a copy. */
	async #last(key: string): Promise<Msg | undefined> {
		return found(await this.#api.read(`$JS.API.DIRECT.GET.${this.#stream}.${this.#prefix}${key}`));
	}

	async #on<T>(verb: string, key: string, operate: () => Promise<T>): Promise<T> {
		checkKey(key);
		try {
			return await operate();
		} catch (error) {
			throw unavailable(`${verb} key '${key}' of bucket '${this.#name}'`, this.#api.transport.address, error);
		}
	}
}

function expecting(sequence: number): MsgHdrs {
	const expectation = headers();
	expectation.set(EXPECTED_SEQUENCE, String(sequence));
	return expectation;
}

const EXPECT_NONE = expecting(0);

/** Whether a message says that its key has no value any more. Troupe writes none; the NATS tools do. */
function isMarker(message: Msg): boolean {
	return Boolean(message.headers?.has('KV-Operation') || message.headers?.has('Nats-Marker-Reason'));
}
