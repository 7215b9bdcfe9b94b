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

/** As much of a writable stream of Node's as is needed. */
export interface WritableEnd {
	readonly writableFinished: boolean;
	write(chunk: never): boolean;
	end(): unknown;
	destroy(error?: Error): unknown;
	on(event: 'error', listener: (error: Error) => void): unknown;
	once(event: 'drain' | 'finish', listener: () => void): unknown;
	off(event: 'drain' | 'finish', listener: () => void): unknown;
}

/** What a pipeline may end in. A channel is closed when the run ends, and aborted when it fails; a stream is ended or destroyed. */
export type Sink<T> = ((element: T) => unknown) | SinkObject<T> | Sending<T> | WritableEnd;

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

function isWritable(sink: object): sink is WritableEnd {
	return 'write' in sink && 'end' in sink && 'destroy' in sink && 'once' in sink;
}

/** Waits where the stream says that it has enough. */
function ofStream(stream: WritableEnd): SinkObject<unknown> {
	let broken: { readonly error: unknown } | undefined;
	let wake = (): void => {};
	stream.on('error', (error) => {
		broken ??= { error };
		wake();
	});
	const check = (): void => {
		if (broken) throw broken.error;
	};
	/** Whether it happens, or the stream breaks. */
	const happens = (event: 'drain' | 'finish'): Promise<void> =>
		new Promise((resolve) => {
			wake = () => {
				stream.off(event, wake);
				resolve();
			};
			stream.once(event, wake);
			if (broken) wake();
		});
	return {
		async write(element) {
			check();
			if (!stream.write(element as never)) await happens('drain');
			check();
		},
		async close() {
			check();
			stream.end();
			if (!stream.writableFinished) await happens('finish');
			check();
		},
		abort(error) {
			stream.destroy(error instanceof Error ? error : new Error(String(error)));
		},
	};
}
