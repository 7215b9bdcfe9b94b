/**
 * Messages between actors that stay: streams of tells, asks, and now and then something large. What is under way is
 * bounded by the lanes that a cycle is repeated in, as each awaits what it has sent.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Payload, type PayloadName, payloads } from '../remote/payloads.ts';
import type { SinkRef } from './sink.ts';
import type { Count } from './tally.ts';
import type { Cycle } from './treadmill.ts';

/** Tells of one cycle; then the sink is asked how many have come. */
export const BATCH = 1_000;
/** Local asks of one cycle, one after the other. */
const ASKS_A_TURN = 100;
/** Every so many batches, something large goes with them. */
const LARGE = { '64k': 16, '4m': 256 } as const satisfies Partial<Record<PayloadName, number>>;

/** A thousand tells, and the proof that these and all before them have come, in order and none twice. */
export function tells(sink: SinkRef, count: Count): Cycle {
	const { make } = payloads.reading;
	let told = 0;
	return async () => {
		for (let n = 0; n < BATCH; n++) sink.tell.take(make(told++));
		const due = told;
		count.sent += BATCH + 1;
		expect('tells', await sink.ask.taken(), due);
	};
}

/** One ask, answered. */
export function asks(sink: SinkRef, count: Count): Cycle {
	const { make, proof } = payloads.reading;
	return async () => {
		const n = count.sent++;
		expect('an answer', await sink.ask.answer(make(n)), proof(n));
	};
}

/** {@link tells} that 64 KiB or 4 MiB join now and then. */
export function tellsAndLarge(cycle: Cycle, sink: SinkRef, count: Count): Cycle {
	let batches = 0;
	const large = async (name: keyof typeof LARGE): Promise<void> => {
		const { make, proof }: Payload = payloads[name];
		const n = count.sent++;
		expect(name, await sink.ask.answer(make(n)), proof(n));
	};
	return () => {
		const batch = ++batches;
		const due = (Object.keys(LARGE) as (keyof typeof LARGE)[]).filter((name) => batch % LARGE[name] === 0);
		return Promise.all([cycle(), ...due.map(large)]);
	};
}

/** Once in a turn of the event loop, so that what is local leaves time for what is remote. */
export function onceATurn(cycle: Cycle, times = 1): Cycle {
	return async () => {
		for (let n = 0; n < times; n++) await cycle();
		await nextTurn();
	};
}

/** Local asks, as many as are worth a turn. */
export function localAsks(sink: SinkRef, count: Count): Cycle {
	return onceATurn(asks(sink, count), ASKS_A_TURN);
}

function expect(what: string, found: number, due: number): void {
	if (found !== due) throw new Error(`${what}: ${found} instead of ${due}`);
}
