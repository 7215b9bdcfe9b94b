/**
 * Results of messages from durable mailboxes. An ask waits here by its number, on the node that has asked; the result
 * comes from whichever node has handled the message, and the first one counts.
 */

import type { ReplyTo } from '../kernel/envelope.ts';
import type { ReplyAddress } from './letter.ts';

/** The asks of one node that wait. Each has a deadline of its own, and is withdrawn at it. */
export class Replies {
	readonly #waiting = new Map<number, ReplyTo>();
	#numbers = 0;

	/** A number for an ask that is about to be stored. */
	number(): number {
		return ++this.#numbers;
	}

	/** It has been stored: its result may come. */
	await(number: number, replyTo: ReplyTo): void {
		this.#waiting.set(number, replyTo);
		replyTo.withdraw = () => this.#waiting.delete(number);
	}

	/** The result. Anything may come from the wire. */
	settle(number: unknown, failed: unknown, value: unknown): void {
		const replyTo = this.#waiting.get(number as number);
		if (!replyTo) return;
		this.#waiting.delete(number as number);
		replyTo.withdraw = undefined;
		if (failed === true) replyTo.failed(value);
		else replyTo.replied(value);
	}

	/** Nobody hears any more. */
	close(error: Error): void {
		for (const number of [...this.#waiting.keys()]) this.settle(number, true, error);
	}
}

/** What a handler's outcome is for whoever asked. */
export interface Result {
	readonly reply: ReplyAddress;
	readonly failed: boolean;
	readonly value: unknown;
	/** The actor, to be named when the value cannot travel. */
	readonly actor: string;
	readonly message: string;
}
