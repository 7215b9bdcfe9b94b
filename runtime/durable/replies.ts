/**
 * Results of messages from durable mailboxes. An ask waits here by its number, on the node that has asked; the result
 * comes from whichever node has handled the message, and the first one counts.
 */

import { randomInt } from 'node:crypto';
import type { ReplyTo } from '../kernel/envelope.ts';

/** The largest range that Node draws numbers from: no two of some millions are the same. */
const MOST = 2 ** 48 - 1;

/** The asks of one node that wait. Each has a deadline of its own, and is withdrawn at it. */
export class Replies {
	readonly #waiting = new Map<number, ReplyTo>();

	/** A number for an ask that is about to be stored; nobody can guess it who cannot read the mailbox. */
	number(): number {
		return randomInt(MOST);
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
