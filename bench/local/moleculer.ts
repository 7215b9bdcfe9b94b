/**
 * Moleculer 0.15 without a transporter, silent. Its services have no mailboxes: an event is handled when it is emitted, so
 * that there is nothing to burst into, and a ping-pong of events overflows the stack after some 900.
 */

import { type Context, ServiceBroker } from 'moleculer';
import type { Driver } from '../workload.ts';
import { concurrentAsks, sequentialAsks } from './asking.ts';
import { Latch } from './latch.ts';
import { flow } from './measure.ts';

/** What each driver answers. */
export const drivers: Readonly<Record<string, Driver>> = {
	tell: async () => {
		const { broker, latch } = await startCounter();
		return flow(latch, (count) => {
			for (let i = 0; i < count; i++) broker.emit('counter.add', { by: 1 });
		});
	},
	ask: async () => {
		const { broker } = await startCounter();
		return sequentialAsks(() => broker.call<number, { by: number }>('counter.add', { by: 1 }));
	},
	'ask-1000': async () => {
		const { broker } = await startCounter();
		return concurrentAsks(() => broker.call<number, { by: number }>('counter.add', { by: 1 }));
	},
};

async function startCounter() {
	const latch = new Latch();
	let total = 0;
	const add = ({ params: { by } }: Context<{ by: number }>): number => {
		total += by;
		latch.count(by);
		return total;
	};
	const added = (context: Context<{ by: number }>): void => {
		add(context);
	};
	const broker = new ServiceBroker({ logger: false });
	broker.createService({ name: 'counter', actions: { add }, events: { 'counter.add': added } });
	await broker.start();
	return { broker, latch };
}
