/** A channel as one writes it for one process: a queue with room, those who wait for a value, and those who wait for room. */

import { Fifo } from './fifo.ts';

interface Waiting<T> {
	readonly value: T;
	readonly resolve: () => void;
}

export class Channel<T> {
	readonly #capacity: number;
	readonly #held = new Fifo<T>();
	readonly #sends = new Fifo<Waiting<T>>();
	readonly #receives = new Fifo<(value: T) => void>();

	constructor(capacity: number) {
		this.#capacity = capacity;
	}

	send(value: T): Promise<void> {
		const receive = this.#receives.shift();
		if (receive) receive(value);
		else if (this.#held.length < this.#capacity) this.#held.push(value);
		else return new Promise((resolve) => this.#sends.push({ value, resolve }));
		return Promise.resolve();
	}

	receive(): Promise<T> {
		const send = this.#sends.shift();
		if (send) {
			this.#held.push(send.value);
			send.resolve();
		}
		if (this.#held.length > 0) return Promise.resolve(this.#held.shift() as T);
		return new Promise((resolve) => this.#receives.push(resolve));
	}
}
