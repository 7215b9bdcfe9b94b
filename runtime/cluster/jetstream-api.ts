/** The few words of JetStream's API that a bucket needs, each with an answer or an error within a bounded time. */

import type { ApiError } from '@nats-io/jetstream';
import type { Msg } from 'nats';
import type { NatsTransport } from '../transport/nats.ts';
import { NO_DATA } from '../transport/nats-requests.ts';

/** Error codes of JetStream that mean something to a bucket; see nats-server's `server/errors.json`. */
export const CODES = {
	noPeers: 10005,
	insufficientResources: 10023,
	messageNotFound: 10037,
	notEnabledForAccount: 10039,
	sequenceNotFound: 10043,
	deleteFailed: 10057,
	nameInUse: 10058,
	streamNotFound: 10059,
	subjectsOverlap: 10065,
	wrongLastSequence: 10071,
	replicasNotSupported: 10074,
	notEnabled: 10076,
	storeFailed: 10077,
	wrongLastSequenceUnknown: 10164,
} as const;

/**
 * How long a server may take to answer a read before another is asked as well, in ms. A server that is cut off from the
 * others is among those that NATS chooses from until it is missed, which takes minutes.
 */
const ANOTHER = 500;

/** JetStream says no, and why. (The client's own class for it would bring all of the client along.) */
export class JetStreamApiError extends Error {
	readonly code: number;

	constructor({ description, err_code }: ApiError) {
		super(description);
		this.name = 'JetStreamApiError';
		this.code = err_code;
	}
}

/** Requests to JetStream over one transport. */
export class JetStreamApi {
	readonly transport: NatsTransport;
	readonly timeout: number;

	constructor(transport: NatsTransport, timeout: number) {
		this.transport = transport;
		this.timeout = timeout;
	}

	/** Whether the server is one of several. */
	get isCluster(): boolean {
		return this.transport.connection.info?.cluster !== undefined;
	}

	/** Calls the API; rejects with {@link JetStreamApiError} when JetStream says no, and with `NoAnswer`. */
	async call<T extends object>(name: string, body?: object, timeout = this.timeout): Promise<T> {
		const data = body ? Buffer.from(JSON.stringify(body)) : NO_DATA;
		return parse<T>(await this.transport.request(`$JS.API.${name}`, data, timeout));
	}

	/** Reads, and resolves to the answer as it came: from whichever server NATS chooses, and another, if there is one, if that is silent. */
	read(subject: string): Promise<Msg> {
		return this.transport.request(subject, NO_DATA, this.timeout, undefined, this.isCluster ? ANOTHER : undefined);
	}

	/** Sends a request and resolves to the answer as it came. */
	ask(subject: string, data: Uint8Array, headers?: Msg['headers']): Promise<Msg> {
		return this.transport.request(subject, data, this.timeout, headers);
	}
}

/** The content of an answer; throws {@link JetStreamApiError} when it is an error. */
export function parse<T extends object>(answer: Msg): T {
	const content = answer.json<T & { readonly error?: ApiError }>();
	if (content.error) throw new JetStreamApiError(content.error);
	return content;
}

/** The message that a direct read has found; `undefined` for none. */
export function found(answer: Msg): Msg | undefined {
	const { code = 0, description } = answer.headers ?? {};
	if (code === 404) return undefined;
	if (code !== 0) throw new Error(`${code} ${description}`);
	return answer;
}

/** The place in its stream of a message that was read directly. */
export function sequenceOf(message: Msg): number {
	return Number(message.headers?.get('Nats-Sequence'));
}

/** Whether a message was not there to be deleted. Older servers say so of one that went between two calls. */
export function isGone(error: unknown): boolean {
	if (hasCode(error, CODES.messageNotFound, CODES.sequenceNotFound)) return true;
	return hasCode(error, CODES.deleteFailed) && /no message found|EOF/.test(String(error));
}

/** Whether `error` is JetStream's, with one of `codes`. */
export function hasCode(error: unknown, ...codes: number[]): boolean {
	return error instanceof JetStreamApiError && codes.includes(error.code);
}
