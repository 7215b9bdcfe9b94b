/** The sends that wait for room at a full mailbox, longest first. Who gives up is passed over, not searched for. */

import { Fifo } from '../mailbox/fifo.ts';
import type { Envelope, ReplyTo } from './envelope.ts';
import type { Target } from './ref.ts';

/** One full mailbox's line. */
export class WaitingLine {
	readonly #line = new Fifo<Envelope>();
	readonly #withdrawn = new Set<Envelope>();
	readonly #target: Target;

	/** `target` has the mailbox. */
	constructor(target: Target) {
		this.#target = target;
	}

	/** Sends in the line whose senders still wait. */
	get waiting(): number {
		return this.#line.length - this.#withdrawn.size;
	}

	/** Places in the line, which a sender that has given up still takes. */
	get length(): number {
		return this.#line.length;
	}

	/** Takes a send in, until its turn comes or its sender gives up. */
	join(envelope: Envelope, replyTo: ReplyTo): void {
		this.#line.push(envelope);
		replyTo.withdraw = () => {
			this.#withdrawn.add(envelope);
			this.#target.kernel.refuse(envelope, this.#target, 'withdrawn');
		};
	}

	/** Takes out who has waited longest. */
	next(): Envelope | undefined {
		let envelope = this.#line.shift();
		while (envelope && this.#withdrawn.delete(envelope)) envelope = this.#line.shift();
		if (envelope?.replyTo) envelope.replyTo.withdraw = undefined;
		return envelope;
	}
}
