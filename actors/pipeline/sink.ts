/**
 * Where elements go. A sink is a function, an object with `write`, a channel, or a writable stream of Node's; it is given one
 * element at a time, and the next when the promise that it returned has resolved.
 *
 * | the run | the sink |
 * |---|---|
 * | has an element | `write(element)`, or the function |
 * | has no more for the moment | `flush()`, which is waited for before anything is acknowledged to the source |
 * | has ended well, and all elements are written | `close()`, which is waited for |
 * | has failed, or was aborted | `abort(error)` |
 */

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { BadOption } from '../../supervisor/bad-option.ts';

/** A sink with a beginning and an end. */
export interface SinkObject<T> {
	write(element: T): unknown;
	flush?(): unknown;
	close?(): unknown;
	abort?(error: unknown): unknown;
}

/** The end of a channel where values go in. */
export interface Sending<T> {
	send(value: T): PromiseLike<unknown>;
	close(): PromiseLike<unknown>;
	abort(reason?: unknown): PromiseLike<unknown>;
}

/** What a pipeline may end in. A channel is closed when the run ends, and aborted when it fails; a stream is ended or destroyed. */
export type Sink<T> = ((element: T) => unknown) | SinkObject<T> | Sending<T> | Writable;

/** A sink of whatever sort; `ERR_BAD_OPTION` for what is none. */
export function sinkOf(sink: unknown): SinkObject<unknown> {
	if (typeof sink === 'function') return { write: (element) => sink(element) };
	if (typeof sink === 'object' && sink !== null) {
		if (isChannel(sink)) {
			const channel = sink;
			return {
				write: (element) => channel.send(element),
				close: () => channel.close(),
				abort: (error) => channel.abort(error),
			};
		}
		if (isWritable(sink)) return ofStream(sink);
		if (typeof (sink as SinkObject<unknown>).write === 'function') return sink as SinkObject<unknown>;
	}
	throw new BadOption('sink', sink, 'a function, an object with write(), a channel or a writable stream');
}

function isChannel(sink: object): sink is Sending<unknown> {
	return 'send' in sink && 'close' in sink && 'abort' in sink;
}

function isWritable(sink: object): sink is Writable {
	return 'write' in sink && 'end' in sink && 'destroy' in sink && 'once' in sink;
}

/** Waits where the stream says that it has enough. */
function ofStream(stream: Writable): SinkObject<unknown> {
	let broken: { readonly error: unknown } | undefined;
	stream.on('error', (error) => {
		broken ??= { error };
	});
	const check = (): void => {
		if (broken) throw broken.error;
	};
	return {
		async write(element) {
			check();
			if (!stream.write(element)) await once(stream, 'drain');
		},
		async close() {
			check();
			stream.end();
			if (!stream.writableFinished) await once(stream, 'finish');
			check();
		},
		abort(error) {
			stream.destroy(error instanceof Error ? error : new Error(String(error)));
		},
	};
}
