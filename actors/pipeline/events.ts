/** Server-sent events as a source: what an HTTP server has to tell, for as long as it tells it. */

import { EventSourceParserStream } from 'eventsource-parser/stream';

/** One event of a server. */
export interface ServerEvent {
	/** Its type, where it has one. */
	readonly event: string | undefined;
	readonly data: string;
	readonly id: string | undefined;
}

/**
 * The events of a URL; asked for when a run begins. Ends when the server does, and hangs up when the run does; fails when the
 * server answers with another status than one of success.
 */
export function readEvents(url: string | URL, init: RequestInit = {}): () => AsyncIterable<ServerEvent> {
	return () => {
		const abort = new AbortController();
		const signal = init.signal ? AbortSignal.any([init.signal, abort.signal]) : abort.signal;
		const events = eventsOf(url, { ...init, signal });
		return {
			[Symbol.asyncIterator]: () => ({
				next: () => events.next(),
				// The generator's own would wait for an event, which may never come.
				async return() {
					abort.abort();
					return { done: true, value: undefined };
				},
			}),
		};
	};
}

async function* eventsOf(url: string | URL, init: RequestInit): AsyncGenerator<ServerEvent, undefined> {
	const response = await fetch(url, { ...init, headers: { accept: 'text/event-stream', ...init.headers } });
	if (!response.ok || !response.body) throw new Error(`${url} answers ${response.status} ${response.statusText}`);
	const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
	for await (const { event, data, id } of events) yield { event, data, id };
	return undefined;
}
