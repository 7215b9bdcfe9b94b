/** Counting with nact. */

import { dispatch, type Ref, spawn } from 'nact';
import { INCREMENTS, counting as problem } from '../problems/counting.ts';
import { driverOf } from './driver.ts';

type Count = { readonly type: 'increment' } | { readonly type: 'count'; readonly reply: Ref<number> };

function count(total: number, message: Count): number {
	if (message.type === 'increment') return total + 1;
	dispatch(message.reply, total);
	return total;
}

export const counting = driverOf<number>(problem, (stage, settle) => {
	const counter = spawn(stage, count, undefined, { initialState: 0 });
	const client = spawn(stage, (_: undefined, total: number) => settle(total));
	const producer = spawn(stage, (_: undefined, reply: Ref<number>) => {
		for (let i = 0; i < INCREMENTS; i++) dispatch(counter, { type: 'increment' });
		dispatch(counter, { type: 'count', reply });
	});
	return () => dispatch(producer, client);
});
