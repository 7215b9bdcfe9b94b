/**
 * The catalogue of errors. A failure has a stable `code`, names the actor and the remedy in its message, chains its
 * `cause`, and is recognised by a brand rather than by `instanceof`, so that it survives the wire and duplicate installs.
 */

import { ERROR_BRAND } from '../../supervisor/bad-option.ts';

/** Every code the runtime itself produces, and when. A handler's own `Rejection` may carry any other code. */
export const ERROR_CODES = {
	ERR_ABORTED: 'the AbortSignal given with the call was aborted',
	ERR_ACTOR_CRASHED: 'the handler threw or its promise rejected; the cause is what it threw',
	ERR_ASK_TIMEOUT: 'no reply within the timeout; the message may still be handled',
	ERR_BAD_ACTOR: 'a class that cannot be an actor (no kind, or a kind that another class has)',
	ERR_BAD_ID: 'an ID that is not a non-empty string of at most 512 bytes',
	ERR_BAD_OPTION: 'an option outside what it accepts; the message names it',
	ERR_CHANNEL_ABORTED: 'the channel was aborted; the cause is the reason',
	ERR_CHANNEL_CLOSED: 'a send to a channel that has been closed',
	ERR_CLAIM_UNAVAILABLE: 'the registry cannot be reached, so the ID can be neither claimed nor looked up',
	ERR_CONNECT: 'NATS was not reached within connectTimeout; the message names the address',
	ERR_EVICTED: 'this node was declared dead by the others while it was away',
	ERR_ID_TAKEN: 'the ID belongs to a living actor; the message names its holder',
	ERR_INVALID_MESSAGE: "the arguments did not pass the class's schema",
	ERR_MAILBOX_FULL: 'the mailbox is at its capacity and its policy turned the message away',
	ERR_MALFORMED: 'bytes from the wire that are not what they claim to be',
	ERR_NATS_SERVER: 'no nats-server could be found, fetched or started',
	ERR_NODE_DOWN: "the actor's node was declared dead before it answered; the outcome is unknown",
	ERR_NO_HOST: 'no living node hosts the class where it was to be spawned; the message names both',
	ERR_NO_JETSTREAM: 'the NATS server runs without JetStream, which the registry needs',
	ERR_NO_MEMBER: 'a group or pool without the members that are needed',
	ERR_NO_QUORUM: 'too many members of a group have failed for as many replies as are wanted',
	ERR_NO_SUCH_ACTOR: 'nobody holds the ID, or the actor that the ref names has gone',
	ERR_NOT_A_MESSAGE: 'the class has no public method of that name',
	ERR_NOT_ENCODABLE: 'a value that cannot travel; the message gives its path inside the message',
	ERR_NOT_STORED: 'a durable mailbox could not take the message; the cause is why',
	ERR_NOT_SPAWNED: 'an actor class was constructed with new, or its context used outside a spawn',
	ERR_OUTBOX_FULL: 'too many bytes wait for a node that does not take them',
	ERR_PIPELINE_FAILED: 'a stage of a pipeline failed; the cause is why',
	ERR_PERMISSION: 'NATS denies this node a subject that it needs; the message names the subject',
	ERR_PROGRAM_FAILED: 'a program ended with another code than 0, or by a signal; `exit` says which',
	ERR_RECEIVE_TIMEOUT: 'the channel had no value within the timeout',
	ERR_SEND_TIMEOUT: 'the mailbox, or channel, did not take the message within the timeout; it was withdrawn',
	ERR_STALE_EPOCH: 'an owner of an older epoch was refused',
	ERR_STAGE_TIMEOUT: 'a stage of a pipeline took longer for an element than it may, or no element came in time',
	ERR_START_FAILED: 'the constructor or onStart failed; the cause is what it threw',
	ERR_STASH_FULL: 'more messages were stashed than the stash holds',
	ERR_STOPPED: 'the actor stopped before it took the message',
	ERR_SYSTEM_STOPPED: 'the actor system has been stopped',
	ERR_TOO_LARGE: 'a message beyond the largest that can be sent',
} as const;

/** The codes of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What an error may say besides its message: the actor or node concerned, and the cause. */
export interface ErrorDetail {
	readonly cause?: unknown;
	readonly actor?: string;
	readonly node?: string;
}

/** A failure of the runtime. Tell them apart by `code`; use {@link isTroupeError} rather than `instanceof`. */
export class TroupeError extends Error {
	readonly code: ErrorCode;
	/** The ID of the actor concerned. */
	declare readonly actor?: string;
	/** The node concerned. */
	declare readonly node?: string;
	readonly [ERROR_BRAND] = true;

	constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
		super(message, 'cause' in detail ? { cause: detail.cause } : undefined);
		this.code = code;
		if (detail.actor !== undefined) this.actor = detail.actor;
		if (detail.node !== undefined) this.node = detail.node;
	}

	static {
		Object.defineProperty(TroupeError.prototype, 'name', { value: 'TroupeError', configurable: true, writable: true });
	}
}

/** Whether `value` is an error of this runtime, from this or another copy of the package, local or from the wire. */
export function isTroupeError(value: unknown): value is TroupeError {
	return hasBrand(value, ERROR_BRAND);
}

const REJECTION_BRAND: unique symbol = Symbol.for('troupe.rejection') as never;

/**
 * An answer that says no. Thrown by a handler it reaches the asker as it is, and the actor lives on: it is part of
 * the protocol, not a crash.
 */
export class Rejection extends Error {
	/** The application's own code, such as `'OUT_OF_STOCK'`. */
	readonly code: string;
	/** Anything encodable that the asker may want to know. */
	declare readonly data?: unknown;
	readonly [REJECTION_BRAND] = true;

	constructor(
		code: string,
		message: string = code,
		options: { readonly cause?: unknown; readonly data?: unknown } = {},
	) {
		super(message, 'cause' in options ? { cause: options.cause } : undefined);
		this.code = code;
		if ('data' in options) this.data = options.data;
	}

	static {
		Object.defineProperty(Rejection.prototype, 'name', { value: 'Rejection', configurable: true, writable: true });
	}
}

/** Whether `value` is a {@link Rejection}, of this or another copy of the package. */
export function isRejection(value: unknown): value is Rejection {
	return hasBrand(value, REJECTION_BRAND);
}

/** Anything can be thrown, a proxy too whose traps throw. */
function hasBrand(value: unknown, brand: symbol): boolean {
	try {
		return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
	} catch {
		return false;
	}
}

/** What a thrown value says of itself. It may be anything, and must not throw again. */
export function messageOf(thrown: unknown): string {
	try {
		return thrown instanceof Error ? `${thrown.message}` : String(thrown);
	} catch {
		return 'something that cannot be shown';
	}
}
