/** Counting with Troupe: the producer tells, and asks at the end. */

import { Actor, type ActorRef } from 'troupe';
import { INCREMENTS, counting as problem } from '../problems/counting.ts';
import { driverOf } from './driver.ts';

class Counter extends Actor {
	static readonly kind = 'counter';
	#count = 0;

	increment() {
		this.#count++;
	}

	count() {
		return this.#count;
	}
}

class Producer extends Actor<{ counter: ActorRef<Counter> }> {
	static readonly kind = 'producer';

	produce() {
		const { counter } = this.args;
		for (let i = 0; i < INCREMENTS; i++) counter.tell.increment();
		return counter.ask.count();
	}
}

export const counting = driverOf(problem, async (system) => {
	const counter = await system.spawn(Counter);
	const producer = await system.spawn(Producer, { args: { counter } });
	return {
		play: () => producer.ask.produce(),
		async close() {
			await producer.stop();
			await counter.stop();
		},
	};
});
