/** The answer to a message from another node: it goes back over the link that brought the message. */

import type { ReplyTo } from '../kernel/envelope.ts';
import type { Exchange } from './exchange.ts';
import { ACCEPTED, FAIL, REPLY } from './parcel.ts';

/** Who waits for the outcome of a message from a peer: the peer's books, and for an ask or send, somebody there. */
export class RemoteReply implements ReplyTo {
	readonly patient: boolean;
	readonly message: string;
	readonly actor: string;
	readonly #exchange: Exchange;
	readonly #number: number | undefined;
	readonly #inBooks: boolean;
	#withdraw: (() => void) | undefined;
	#accepted = false;

	constructor(
		exchange: Exchange,
		number: number | undefined,
		inBooks: boolean,
		patient: boolean,
		message = '',
		actor = '',
	) {
		this.message = message;
		this.actor = actor;
		this.#exchange = exchange;
		this.#number = number;
		this.#inBooks = inBooks;
		this.patient = patient;
	}

	get asks(): boolean {
		return this.#number !== undefined && !this.patient;
	}

	get withdraw(): (() => void) | undefined {
		return this.#withdraw;
	}

	set withdraw(withdraw: (() => void) | undefined) {
		this.#withdraw = withdraw;
		if (this.#number !== undefined) this.#exchange.cancellable(this.#number, withdraw && this);
	}

	accepted(): void {
		if (!this.patient || this.#number === undefined) return;
		this.#accepted = true;
		this.#exchange.answer(this.#number, ACCEPTED);
	}

	replied(value: unknown): void {
		this.#finish();
		if (this.#number !== undefined && !this.#accepted) this.#exchange.answer(this.#number, REPLY, value, this);
	}

	failed(error: unknown): void {
		this.#finish();
		if (this.#number !== undefined && !this.#accepted) this.#exchange.answer(this.#number, FAIL, error, this);
	}

	#finish(): void {
		if (this.#inBooks) this.#exchange.finish();
	}
}
