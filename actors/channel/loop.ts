/**
 * `for await` over a channel. A loop that has the channel for itself is given values ahead, so that on another node than
 * the channel's it does not wait for a round trip each time. They stay the channel's until the loop comes for them: when
 * somebody else wants a value, they are called back first.
 */

import type { Endpoint } from './endpoint.ts';
import { Operation, type Unconfirmed } from './operation.ts';
import { Step } from './steps.ts';

/** Values given ahead at most: enough for 600,000 a second at a round trip of 200 µs, and what dies with a loop's node. */
const MOST_AHEAD = 128;

type Next<T> = IteratorResult<T, undefined>;

/** Receives each value for good. */
export class Loop<T> implements AsyncIterator<T, undefined, undefined> {
	readonly #endpoint: Endpoint;
	/** Values given ahead, and how many of them the loop has come for. */
	#ahead: T[] = [];
	#taken = 0;
	/** The receive that brought them, or is to. */
	#receive: Operation | undefined;
	/** How many are asked for next time. */
	#most = 0;
	#left = false;

	constructor(endpoint: Endpoint) {
		this.#endpoint = endpoint;
	}

	next(): Promise<Next<T>> {
		if (this.#taken < this.#ahead.length) {
			const value = this.#ahead[this.#taken++] as T;
			if (this.#taken === this.#ahead.length) this.giveBack();
			return Promise.resolve({ done: false, value });
		}
		if (this.#left) return Promise.resolve({ done: true, value: undefined });
		return this.#more();
	}

	/** The loop is left. */
	return(): Promise<Next<T>> {
		this.#left = true;
		this.giveBack();
		if (this.#receive?.over === false) this.#receive.leave();
		return Promise.resolve({ done: true, value: undefined });
	}

	#more(): Promise<Next<T>> {
		const held = this.#endpoint.unholdNow();
		if (held) return Promise.resolve({ done: false, value: held.value as T });
		const most = Math.min(this.#most, this.#endpoint.capacity >> 1);
		const kind = most > 0 ? Step.RECEIVE_MANY : Step.RECEIVE;
		const receive = new Operation(this.#endpoint, kind, most, undefined, asNext);
		this.#receive = receive;
		if (most > 0) receive.loop = this;
		this.#most = Math.min(MOST_AHEAD, 2 * most + 1);
		this.#endpoint.submit(receive);
		return receive.promise as Promise<Next<T>>;
	}

	/** One more, ahead. */
	given(value: unknown): void {
		this.#ahead.push(value as T);
	}

	/** Says how many of those given ahead have been taken; the others are not wanted any more. */
	giveBack(): void {
		const number = this.#receive?.number;
		if (this.#ahead.length > 0 && number !== undefined) this.#endpoint.took(number, this.#taken);
		this.#ahead = [];
		this.#taken = 0;
	}
}

/** Receives each value until it is confirmed, by coming for the next. */
export class ConfirmedLoop<T> implements AsyncIterator<T, undefined, undefined> {
	readonly #endpoint: Endpoint;
	readonly #unconfirmed: Unconfirmed = [];
	#receive: Operation | undefined;

	constructor(endpoint: Endpoint) {
		this.#endpoint = endpoint;
	}

	next(): Promise<Next<T>> {
		this.#endpoint.confirm(this.#unconfirmed.splice(0));
		const receive = new Operation(this.#endpoint, Step.RECEIVE, undefined, this.#unconfirmed, asNext);
		this.#receive = receive;
		this.#endpoint.submit(receive);
		return receive.promise as Promise<Next<T>>;
	}

	return(): Promise<Next<T>> {
		this.#endpoint.giveBack(this.#unconfirmed.splice(0));
		if (this.#receive?.over === false) this.#receive.leave();
		return Promise.resolve({ done: true, value: undefined });
	}
}

function asNext(value: unknown, ok: boolean): Next<unknown> {
	return ok ? { done: false, value } : { done: true, value: undefined };
}
