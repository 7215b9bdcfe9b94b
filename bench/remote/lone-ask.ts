/** What a stream of large messages does to a small question that goes the same way. */

import type { Figures } from '../workload.ts';
import { type Ask, nowAndThen } from './asks.ts';
import type { Receivers } from './far.ts';
import { each, Flood, MEASURED, WARM_UP } from './flood.ts';
import { type Pace, payloads, type Value } from './payloads.ts';

/** The stream: 4 MiB on their way, so that what is measured is not just the length of a queue. */
export const BULK: Pace = { perTurn: 4, inFlight: 64 };
/** Between two questions, in ms. */
const PAUSE = 2;

/** Asks beside a stream of 64 KiB messages, which `send` sends. */
export async function loneAsk(receivers: Receivers, send: (value: Value) => void, ask: Ask): Promise<Figures> {
	const large = payloads['64k'];
	const stream = new Flood(
		receivers,
		BULK,
		each((n) => send(large.make(n))),
	);
	const beside = (ms: number) => nowAndThen(PAUSE, payloads.reading, ask, () => stream.pour(ms));
	await beside(WARM_UP);
	const { latency, outcome } = await beside(MEASURED);
	return { ...latency, bulk: outcome };
}
