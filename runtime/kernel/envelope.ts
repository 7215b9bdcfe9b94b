/** A message with its sender, and those who want to know what becomes of it. */

import type { DeadLetterReason, Message } from '../core/events.ts';
import type { Mail } from '../mailbox/mail.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Handler } from './handler.ts';
import type { Ref } from './ref.ts';

/**
 * Who wants to know what becomes of a message. Exactly one of `replied` and `failed` is called for each message that
 * carries one; `accepted` may be called before. A tell within a node has none.
 */
export interface ReplyTo {
	/** Whether the message waits for room at a full mailbox. */
	readonly patient: boolean;
	/** Whether anybody waits for what the handler returns. */
	readonly asks: boolean;
	/** Of a message with a name: that is taken once. Only durable mailboxes know names. */
	readonly messageId?: string | undefined;
	/** Set by whoever holds the message: gives up the wait for it. */
	withdraw: (() => void) | undefined;
	/** The message is in the mailbox. `afterIo`: whoever waits for that goes on when the event loop has had its turn. */
	accepted(afterIo?: boolean): void;
	/** The handler returned. */
	replied(value: unknown): void;
	/** The message was refused, lost, rejected by its handler, or crashed it. */
	failed(error: unknown): void;
	/**
	 * Only of a message from a durable mailbox, which takes it back: then it is no dead letter, whatever the reason is why
	 * this actor has not handled it now.
	 */
	returned?(reason: DeadLetterReason, error: unknown): void;
}

/** A message outside of a mailbox. */
export type Envelope = Mail<Handler, Ref | undefined, ReplyTo | undefined>;

/** A mailbox of such messages. */
export type Letters = Mailbox<Handler, Ref | undefined, ReplyTo | undefined>;

/** A message as users see it: its name and its arguments. */
export function messageIn(envelope: Envelope): Message {
	return { name: envelope.handler.name, args: argumentsOf(envelope) };
}

/** The arguments of a message as a list. */
export function argumentsOf({ handler, payload }: Envelope): readonly unknown[] {
	return handler.argumentsIn(payload);
}

/** Puts other arguments in the place of a message's own. */
export function setArguments(envelope: Envelope, args: readonly unknown[]): void {
	envelope.handler = envelope.handler.listed;
	envelope.payload = args;
}
