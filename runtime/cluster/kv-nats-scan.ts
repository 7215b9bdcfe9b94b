/**
 * Reads a whole bucket: one short-lived pull consumer, deleted when done and by the server if this process dies first.
 * Pulling in batches lets the reader set the pace, so that a big bucket never makes it a slow consumer.
 */

import type { AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import { createInbox, errors, type Msg, nanos } from 'nats';
import { NoAnswer } from '../transport/nats-requests.ts';
import type { JetStreamApi } from './jetstream-api.ts';

/** Messages asked for at a time: some MB at most, and few round trips even for a big bucket. */
const BATCH = 4_096;

/** The server deletes the consumer of a reader that fell silent for this long, in ms. */
const ORPHAN_AFTER = 10_000;

/** A message of the stream and its sequence number. */
export interface Scanned {
	readonly message: Msg;
	readonly sequence: number;
}

/** All messages of `stream` under `filter`, oldest first. A key that is overwritten meanwhile may come twice. */
export async function scan(api: JetStreamApi, stream: string, filter: string): Promise<Scanned[]> {
	const config: Partial<ConsumerConfig> = {
		ack_policy: 'none' as AckPolicy,
		deliver_policy: 'all' as DeliverPolicy,
		replay_policy: 'instant' as ReplayPolicy,
		filter_subject: filter,
		max_deliver: 1,
		num_replicas: 1,
		mem_storage: true,
		inactive_threshold: nanos(ORPHAN_AFTER),
	};
	const { clock } = api.transport;
	const { name, num_pending } = await api.call<ConsumerInfo>(`CONSUMER.CREATE.${stream}`, {
		stream_name: stream,
		config,
	});
	try {
		const messages: Msg[] = [];
		let patience = Number.POSITIVE_INFINITY;
		// At the end of the stream every key has been seen, wherever it moved. Writers that are faster than this reader
		// keep the end from it; then what was there at the start, and a while of chasing, has to do.
		for (let atEnd = false; !atEnd && clock.now() < patience; ) {
			atEnd = await pull(api, `${stream}.${name}`, messages);
			if (messages.length >= num_pending) patience = Math.min(patience, clock.now() + api.timeout);
		}
		return messages.map((message) => ({ message, sequence: sequenceOf(message) }));
	} finally {
		await api.call(`CONSUMER.DELETE.${stream}.${name}`).catch(() => {}); // the server does it in ten seconds
	}
}

/** Appends what is there now, up to a batch of it, to `messages`; resolves to whether that was all. */
function pull({ transport, timeout }: JetStreamApi, consumer: string, messages: Msg[]): Promise<boolean> {
	const { connection, clock } = transport;
	const subject = `$JS.API.CONSUMER.MSG.NEXT.${consumer}`;
	const reply = createInbox(transport.inboxPrefix);
	return new Promise((resolve, reject) => {
		let left = BATCH;
		const end = () => {
			subscription.unsubscribe();
			stopWatching();
			stopHearing();
			cancel();
		};
		const fail = (error: Error) => {
			end();
			reject(error);
		};
		const done = (atEnd: boolean) => {
			end();
			resolve(atEnd);
		};
		const callback = (error: Error | null, message: Msg) => {
			if (error) return; // a denial, of which the transport tells with its remedy
			const { code = 0, description } = message.headers ?? {};
			if (code === 404 || code === 408) return done(true);
			if (code !== 0) return fail(new Error(`${code} ${description}`));
			messages.push(message);
			if (--left === 0) done(false);
		};
		const subscription = connection.subscribe(reply, { callback });
		const stopWatching = transport.onState(() => fail(new NoAnswer('disconnected', subject)));
		const stopHearing = transport.onProblem((problem) => {
			const { cause } = problem;
			if (!(cause instanceof errors.PermissionViolationError)) return;
			if (cause.subject === subject || cause.subject === reply) fail(problem);
		});
		const cancel = clock.after(timeout, () => fail(new NoAnswer('timeout', subject)), true);
		connection.publish(subject, JSON.stringify({ batch: BATCH, no_wait: true }), { reply });
	});
}

/**
 * Where a message stands in the stream. The reply subject tells:
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<consumer sequence>.<time>.<pending>`, or, as announced for newer
 * servers, with a domain and an account before the stream.
 */
function sequenceOf({ reply = '' }: Msg): number {
	const tokens = reply.split('.');
	return Number(tokens[tokens.length > 9 ? 7 : 5]);
}
