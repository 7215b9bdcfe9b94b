/** Values through a channel: as many sent as received at a time, and a loop that takes what is sent. */

import { Latch } from './latch.ts';
import { flow } from './measure.ts';

/** What the drivers need of a channel. */
export interface Pipe {
	send(value: number): Promise<unknown>;
	receive(): Promise<number | undefined>;
}

/** Room in the channel, and values at a time. */
export const ROOM = 1_000;

/** Sends and receives, 1,000 each at a time. */
export function batches(pipe: Pipe) {
	const latch = new Latch();
	return flow(latch, async (count) => {
		const sends: Promise<unknown>[] = [];
		const receives: Promise<number | undefined>[] = [];
		for (let n = 0; n < count; n++) sends.push(pipe.send(n));
		for (let n = 0; n < count; n++) receives.push(pipe.receive());
		await Promise.all(sends);
		for (const value of await Promise.all(receives)) if (value !== undefined) latch.count(1);
	});
}

/** Sends, 1,000 at a time, to whoever takes them and tells the latch. */
export function toLoop(latch: Latch, pipe: Pick<Pipe, 'send'>) {
	return flow(latch, (count) => {
		const sends: Promise<unknown>[] = [];
		for (let n = 0; n < count; n++) sends.push(pipe.send(n));
		return Promise.all(sends);
	});
}
