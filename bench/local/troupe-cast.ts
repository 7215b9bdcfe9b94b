/** Troupe's actors. Each counts the messages that it handles. */

import { Actor, type ActorRef } from 'troupe';
import type { Latch } from './latch.ts';

interface Counting {
	readonly latch: Latch;
}

export class Counter extends Actor<Counting> {
	static readonly kind = 'counter';
	readonly #latch = this.args.latch;
	#total = 0;

	add(by: number) {
		this.#total += by;
		this.#latch.count(by);
		return this.#total;
	}
}

const resolved = Promise.resolve();

export class AsyncCounter extends Actor<Counting> {
	static readonly kind = 'async-counter';
	readonly #latch = this.args.latch;

	async add(by: number) {
		await resolved;
		this.#latch.count(by);
	}
}

export class Sender extends Actor<{ readonly to: ActorRef<Counter> }> {
	static readonly kind = 'sender';
	readonly #to = this.args.to;

	start(count: number) {
		for (let i = 0; i < count; i++) this.#to.tell.add(1);
	}
}

export class Link extends Actor<Counting> {
	static readonly kind = 'link';
	readonly #latch = this.args.latch;
	#next: ActorRef<Link> | undefined;

	join(next: ActorRef<Link>) {
		this.#next = next;
	}

	hop(left: number) {
		this.#latch.count(1);
		if (left > 1) this.#next?.tell.hop(left - 1);
	}
}

export class Blank extends Actor<Counting> {
	static readonly kind = 'blank';

	mark() {
		this.args.latch.count(1);
	}
}
