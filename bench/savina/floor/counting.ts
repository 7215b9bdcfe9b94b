/** Counting by hand: the count is asked for with a message that says where to put it. */

import { FloorActor } from '../../local/floor-actor.ts';
import { INCREMENTS, counting as problem } from '../problems/counting.ts';
import { driverOf } from './driver.ts';

type Count = { readonly type: 'increment' } | { readonly type: 'count'; readonly reply: (count: number) => void };

class Counter extends FloorActor<Count> {
	#count = 0;

	protected receive(message: Count): void {
		if (message.type === 'increment') this.#count++;
		else message.reply(this.#count);
	}
}

interface Produce {
	readonly counter: Counter;
	readonly reply: (count: number) => void;
}

class Producer extends FloorActor<Produce> {
	protected receive({ counter, reply }: Produce): void {
		for (let i = 0; i < INCREMENTS; i++) counter.tell({ type: 'increment' });
		counter.tell({ type: 'count', reply });
	}
}

export const counting = driverOf(problem, (settle) => {
	const counter = new Counter();
	const producer = new Producer();
	return () => producer.tell({ counter, reply: settle });
});
