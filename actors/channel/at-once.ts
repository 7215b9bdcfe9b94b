/**
 * Sends and receives that could be done in the moment they were called, in this process and without a word to anybody.
 * `select` may still have them for a choice within the same turn: then they are undone.
 */

import type { Endpoint } from './endpoint.ts';
import type { Entry } from './party.ts';

const promises: Promise<unknown>[] = [];
const endpoints: Endpoint[] = [];
const entries: Entry[] = [];

/** What was done at once. */
export interface Done {
	readonly endpoint: Endpoint;
	readonly entry: Entry;
}

/** Remembers until the end of the turn what came of a call; returns its promise. */
export function done<T>(promise: Promise<T>, endpoint: Endpoint, entry: Entry): Promise<T> {
	if (promises.push(promise) === 1) queueMicrotask(forget);
	endpoints.push(endpoint);
	entries.push(entry);
	return promise;
}

/** What was done at once in this turn, and has that promise. */
export function doneAtOnce(promise: unknown): Done | undefined {
	const at = promises.lastIndexOf(promise as Promise<unknown>);
	return at < 0 ? undefined : { endpoint: endpoints[at] as Endpoint, entry: entries[at] as Entry };
}

function forget(): void {
	promises.length = endpoints.length = entries.length = 0;
}
