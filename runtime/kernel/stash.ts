/**
 * What an actor has set aside, in the order it came. The message in hand may be in it: then its handler's end is not the
 * message's, which goes back to the mailbox some time. One that crashes its actor is set aside no more.
 */

import type { MailboxSpec } from '../mailbox/mailbox-spec.ts';
import type { Envelope } from './envelope.ts';

/** One actor's stash. */
export class Stash {
	readonly #envelopes: Envelope[] = [];
	/** The message in hand, once it is in here. */
	#inHand: Envelope | undefined;

	get length(): number {
		return this.#envelopes.length;
	}

	/** Whether the message in hand is in here. */
	get hasInHand(): boolean {
		return this.#inHand !== undefined;
	}

	/** Why the message in hand cannot be set aside, if it cannot. */
	objection(inHand: boolean, { capacity, durable }: MailboxSpec): string | undefined {
		if (durable)
			return 'has a durable mailbox, which gives one message at a time: throw, to have this one again after a wait';
		if (!inHand || this.hasInHand) return 'has no message to stash: stash() sets aside the one being handled, once';
		if (this.length < capacity) return undefined;
		return `has stashed ${this.length} messages, as many as its mailbox holds`;
	}

	/** Sets the message in hand aside. */
	add(inHand: Envelope): void {
		this.#inHand = inHand;
		this.#envelopes.push(inHand);
	}

	/** No message is in hand any more; `true` when the one that was stays here. */
	letGo(): boolean {
		const stays = this.#inHand !== undefined;
		this.#inHand = undefined;
		return stays;
	}

	/** The message in hand has crashed its actor. */
	crashed(): void {
		if (this.letGo()) this.#envelopes.pop();
	}

	/** Hands over all but the message in hand, last first. That one is set aside no more, and its handler's to finish. */
	empty(take: (envelope: Envelope) => void): void {
		for (let envelope = this.#envelopes.pop(); envelope; envelope = this.#envelopes.pop()) {
			if (envelope === this.#inHand) this.#inHand = undefined;
			else take(envelope);
		}
	}
}
