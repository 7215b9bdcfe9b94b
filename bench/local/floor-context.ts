/**
 * The floor of asynchronous handlers that know, after an await, for whom they run: the plain floor, with an async context
 * around each handler. What a runtime cannot be faster than as long as its actors' messages have senders.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Driver } from '../workload.ts';
import { AsyncCounter } from './floor-cast.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';

const contexts = new AsyncLocalStorage<ContextCounter>();

class ContextCounter extends AsyncCounter {
	protected override receive(message: Parameters<AsyncCounter['tell']>[0]): Promise<void> {
		return contexts.run(this, () => super.receive(message));
	}
}

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	async: () => {
		const latch = new Latch();
		const counter = new ContextCounter(latch);
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) counter.tell({ type: 'add', by: 1 });
		});
	},
};
