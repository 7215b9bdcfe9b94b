/** The sends that wait for room at a full mailbox, longest first. Who gives up is passed over, not searched for. */

import { Fifo } from '../mailbox/fifo.ts';
import type { Envelope, ReplyTo } from './envelope.ts';

/** One full mailbox's line. */
export class WaitingLine {
	readonly #line = new Fifo<Envelope>();
	readonly #withdrawn = new Set<Envelope>();

	/** Sends in the line whose senders still wait. */
	get waiting(): number {
		return this.#line.length - this.#withdrawn.size;
	}

	/** Places in the line, which a sender that has given up still takes. */
	get length(): number {
		return this.#line.length;
	}

	/** Takes a send in; `withdrawn` is called if its sender gives up while it is in the line. */
	join(envelope: Envelope, replyTo: ReplyTo, withdrawn: () => void): void {
		this.#line.push(envelope);
		replyTo.withdraw = () => {
			this.#withdrawn.add(envelope);
			withdrawn();
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
