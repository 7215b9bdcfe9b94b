/** What the floor's programs cost with what Troupe promises for each message: see `duties-actor.ts`. */

import type { Driver } from '../workload.ts';
import { DutifulActor } from './duties-actor.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';

class Counter extends DutifulActor {
	readonly #latch: Latch;
	#total = 0;

	constructor(latch: Latch) {
		super();
		this.#latch = latch;
	}

	add(by: number) {
		this.#total += by;
		this.#latch.count(by);
		return this.#total;
	}
}

class Sender extends DutifulActor {
	readonly #to: Counter;

	constructor(to: Counter) {
		super();
		this.#to = to;
	}

	start(count: number) {
		for (let i = 0; i < count; i++) this.#to.tell(add, 1);
	}
}

const { add } = Counter.prototype;
const { start } = Sender.prototype;

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: () => {
		const latch = new Latch();
		const counter = new Counter(latch);
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.tell(add, 1);
		});
	},
	'fan-in': () => {
		const latch = new Latch();
		const counter = new Counter(latch);
		const senders = Array.from({ length: 100 }, () => new Sender(counter));
		const begin = (count: number): void => {
			for (const sender of senders) sender.tell(start, count / 100);
		};
		return flow(latch, begin, 10_000);
	},
};
