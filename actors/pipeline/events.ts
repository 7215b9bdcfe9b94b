/** Server-sent events as a source: what an HTTP server has to tell, for as long as it tells it. */

import { EventSourceParserStream } from 'eventsource-parser/stream';

/** One event of a server. */
export interface ServerEvent {
	/** Its type, where it has one. */
	readonly event: string | undefined;
	readonly data: string;
	readonly id: string | undefined;
}

/** The events of a URL; asked for when a run begins. Ends when the server does; fails when it answers with another status than 200. */
export function readEvents(url: string | URL, init: RequestInit = {}): () => AsyncIterable<ServerEvent> {
	return async function* () {
		const abort = new AbortController();
		const signal = init.signal ? AbortSignal.any([init.signal, abort.signal]) : abort.signal;
		const headers = { accept: 'text/event-stream', ...init.headers };
		const response = await fetch(url, { ...init, headers, signal });
		if (!response.ok || !response.body) throw new Error(`${url} answers ${response.status} ${response.statusText}`);
		try {
			const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
			for await (const { event, data, id } of events) yield { event, data, id };
		} finally {
			abort.abort();
		}
	};
}
