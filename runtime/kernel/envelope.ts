/**
 * One message on its way. There is one of these for every message sent, and nothing else: most messages have a single
 * argument, which is kept as it is, so that a tell costs one object of 64 bytes and no list.
 */

import type { Handler, Method } from './handler.ts';
import type { Ref } from './ref.ts';

/**
 * Who wants to know what becomes of a message. Exactly one of `replied` and `failed` is called for each message that
 * carries one; `accepted` may be called before. A tell within a node has none.
 */
export interface ReplyTo {
	/** Whether the message waits for room at a full mailbox. */
	readonly patient: boolean;
	/** Set by whoever holds the message: gives up the wait for it. */
	withdraw: (() => void) | undefined;
	/** The message is in the mailbox. */
	accepted(): void;
	/** The handler returned. */
	replied(value: unknown): void;
	/** The message was refused, lost, rejected by its handler, or crashed it. */
	failed(error: unknown): void;
}

/** A message and what goes with it. */
export class Envelope {
	/** Replaced at the door by the receiving class's own handler of that name. */
	handler: Handler;
	/** Whether there is one argument. */
	#single: boolean;
	/** That argument, or the list of them. */
	#payload: unknown;
	readonly sender: Ref | undefined;
	readonly replyTo: ReplyTo | undefined;

	/** `payload` is the one argument when `single`, and otherwise the list of arguments. */
	constructor(
		handler: Handler,
		single: boolean,
		payload: unknown,
		sender: Ref | undefined,
		replyTo: ReplyTo | undefined,
	) {
		this.handler = handler;
		this.#single = single;
		this.#payload = payload;
		this.sender = sender;
		this.replyTo = replyTo;
	}

	/** The arguments as a list. */
	get args(): readonly unknown[] {
		return this.#single ? [this.#payload] : (this.#payload as readonly unknown[]);
	}

	/** Replaced at the door by what the class's schema made of them. */
	set args(args: readonly unknown[]) {
		this.#single = false;
		this.#payload = args;
	}

	/** Calls `method` on `instance` with the arguments. */
	call(method: Method, instance: object): unknown {
		return this.#single
			? method.call(instance, this.#payload as never)
			: method.apply(instance, this.#payload as never[]);
	}
}
