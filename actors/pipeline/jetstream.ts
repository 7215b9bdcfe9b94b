/**
 * JetStream's streams as sources and sinks, over a connection of the user's own. What is read is acknowledged when it is in
 * the sink of the pipeline; what a run had not seen to comes again. Buckets need no more than `from(await kv.watch())`.
 */

import type { SinkObject } from './sink.ts';
import type { AcknowledgedSource } from './source.ts';

/** As much of `@nats-io/jetstream`'s consumer as is needed. */
export interface StreamConsumer<M extends { ack(): void }> {
	consume(options?: object): Promise<AsyncIterable<M> & { close(): Promise<unknown> }>;
}

/** As much of its client as is needed. */
export interface StreamPublisher {
	publish(subject: string, payload?: Uint8Array | string, options?: object): Promise<unknown>;
}

/** The messages of a consumer. It goes on until the run is stopped. */
export function readJetStream<M extends { ack(): void }>(
	consumer: StreamConsumer<M>,
	options: object = { max_messages: 500 },
): AcknowledgedSource<M> {
	return {
		[Symbol.asyncIterator]() {
			let opened: ReturnType<typeof consumer.consume> | undefined;
			let messages: AsyncIterator<M> | undefined;
			return {
				async next() {
					opened ??= consumer.consume(options);
					messages ??= (await opened)[Symbol.asyncIterator]();
					return messages.next();
				},
				// One of a generator's own would wait for a message, which may never come.
				async return() {
					await (await opened)?.close();
					return { done: true, value: undefined };
				},
			};
		},
		ack: (message) => message.ack(),
	};
}

/** Publishes each element, encoded; up to `ahead` (256 by default) wait for JetStream's word that they are stored. */
export function writeJetStream<T>(
	stream: StreamPublisher,
	subject: string | ((element: T) => string),
	options: {
		readonly encode?: (element: T) => Uint8Array | string;
		/** A message ID, by which JetStream knows what it has had. */
		readonly id?: (element: T) => string;
		readonly ahead?: number;
	} = {},
): SinkObject<T> {
	const { encode = JSON.stringify, id, ahead = 256 } = options;
	const waiting = new Set<Promise<unknown>>();
	let failure: { readonly error: unknown } | undefined;
	const check = (): void => {
		if (failure) throw failure.error;
	};
	return {
		async write(element) {
			check();
			const to = typeof subject === 'function' ? subject(element) : subject;
			const stored: Promise<unknown> = stream
				.publish(to, encode(element), id && { msgID: id(element) })
				.catch((error) => {
					failure ??= { error };
				})
				.finally(() => waiting.delete(stored));
			waiting.add(stored);
			if (waiting.size >= ahead) await Promise.race(waiting);
		},
		async flush() {
			await Promise.all(waiting);
			check();
		},
	};
}
