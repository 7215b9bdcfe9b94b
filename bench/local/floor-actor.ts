/**
 * The least that a hand-written program could do: a queue for each actor, drained in a microtask. Order, and one message
 * at a time; no addresses, no failures, no fairness, no end.
 */

import { Fifo } from './fifo.ts';

/** Handles its messages one after the other. */
export abstract class FloorActor<M> {
	#mailbox: M[] = [];
	#scheduled = false;

	/** What becomes of a message. */
	protected abstract receive(message: M): void;

	tell(message: M): void {
		this.#mailbox.push(message);
		if (this.#scheduled) return;
		this.#scheduled = true;
		queueMicrotask(() => this.#drain());
	}

	#drain(): void {
		const messages = this.#mailbox;
		this.#mailbox = [];
		this.#scheduled = false;
		for (const message of messages) this.receive(message);
	}
}

/** The same for handlers that take their time: the next message waits. */
export abstract class AsyncFloorActor<M> {
	readonly #mailbox = new Fifo<M>();
	#running = false;

	protected abstract receive(message: M): Promise<void>;

	tell(message: M): void {
		this.#mailbox.push(message);
		if (!this.#running) this.#run();
	}

	async #run(): Promise<void> {
		this.#running = true;
		await undefined;
		for (let message = this.#mailbox.shift(); message !== undefined; message = this.#mailbox.shift())
			await this.receive(message);
		this.#running = false;
	}
}

/** The same with a limit: a send that finds the mailbox full waits for its turn to enter. */
export abstract class BoundedFloorActor<M> {
	readonly #capacity: number;
	readonly #mailbox = new Fifo<M>();
	readonly #waiting = new Fifo<{ readonly message: M; readonly enter: () => void }>();
	#scheduled = false;

	constructor(capacity: number) {
		this.#capacity = capacity;
	}

	protected abstract receive(message: M): void;

	send(message: M): Promise<void> {
		if (this.#mailbox.length >= this.#capacity)
			return new Promise((enter) => {
				this.#waiting.push({ message, enter });
			});
		this.#mailbox.push(message);
		if (!this.#scheduled) {
			this.#scheduled = true;
			queueMicrotask(() => this.#drain());
		}
		return Promise.resolve();
	}

	#drain(): void {
		for (let message = this.#mailbox.shift(); message !== undefined; message = this.#mailbox.shift()) {
			const next = this.#waiting.shift();
			if (next) {
				this.#mailbox.push(next.message);
				next.enter();
			}
			this.receive(message);
		}
		this.#scheduled = false;
	}
}
