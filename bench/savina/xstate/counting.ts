/** Counting with XState. */

import { INCREMENTS, counting as problem } from '../problems/counting.ts';
import { startCallback, startReducer } from './cast.ts';
import { driverOf } from './driver.ts';

type Count = { readonly type: 'increment' } | { readonly type: 'count'; readonly reply: (count: number) => void };

interface Produce {
	readonly type: 'produce';
	readonly reply: (count: number) => void;
}

function count(total: number, message: Count): number {
	if (message.type === 'increment') return total + 1;
	message.reply(total);
	return total;
}

export const counting = driverOf(problem, (settle) => {
	const counter = startReducer(0, count);
	const producer = startCallback<Produce>(({ reply }) => {
		for (let i = 0; i < INCREMENTS; i++) counter.send({ type: 'increment' });
		counter.send({ type: 'count', reply });
	});
	return () => producer.send({ type: 'produce', reply: settle });
});
