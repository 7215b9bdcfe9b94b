/** One message on its way: four fields and nothing else, because there is one of these for every message sent. */

import type { Handler } from './handler.ts';
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
	/** Replaced at the door by what the class's schema made of them. */
	args: readonly unknown[];
	readonly sender: Ref | undefined;
	readonly replyTo: ReplyTo | undefined;

	constructor(handler: Handler, args: readonly unknown[], sender: Ref | undefined, replyTo: ReplyTo | undefined) {
		this.handler = handler;
		this.args = args;
		this.sender = sender;
		this.replyTo = replyTo;
	}
}
