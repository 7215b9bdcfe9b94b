/** Questions and answers: one by one, many at once, and now and then beside a stream. All answers are checked. */

import { MEASURED, WARM_UP } from './flood.ts';
import type { Payload, Value } from './payloads.ts';

/** Asks a contender. */
export type Ask = (value: Value) => Promise<unknown>;

/** In microseconds. */
export type Latency = Readonly<Record<'p50' | 'p99', number>>;

/** Questions at once to warm up with: one by one, it would be seconds before the compilers have seen enough of them. */
const CROWD = 64;

/** One question after the other. */
export async function oneByOne(payload: Payload, ask: Ask): Promise<Latency & Readonly<Record<'rate', number>>> {
	await rush(CROWD, payload, ask, WARM_UP);
	await inTurn(payload, ask, WARM_UP);
	const start = performance.now();
	const times = await inTurn(payload, ask, MEASURED);
	const seconds = (performance.now() - start) / 1_000;
	return { ...latencyOf(times), rate: times.length / seconds };
}

/** So many questions at any time: answers per second. */
export async function atOnce(count: number, payload: Payload, ask: Ask): Promise<{ rate: number }> {
	await rush(count, payload, ask, WARM_UP);
	return { rate: await rush(count, payload, ask, MEASURED) };
}

/** Answers per second. */
async function rush(count: number, payload: Payload, ask: Ask, ms: number): Promise<number> {
	let open = true;
	let asked = 0;
	const one = async (): Promise<void> => {
		while (open) {
			const n = asked++;
			check(payload, n, await ask(payload.make(n)));
		}
	};
	const start = performance.now();
	setTimeout(() => (open = false), ms);
	await Promise.all(Array.from({ length: count }, one));
	return (asked * 1_000) / (performance.now() - start);
}

/** A question every `pause` ms for as long as `meanwhile` takes, whether the one before has been answered or not. */
export async function nowAndThen<T>(
	pause: number,
	payload: Payload,
	ask: Ask,
	meanwhile: () => Promise<T>,
): Promise<{ readonly latency: Latency; readonly outcome: T }> {
	const times: number[] = [];
	const asked: Promise<void>[] = [];
	const one = async (n: number): Promise<void> => {
		const start = performance.now();
		const answer = await ask(payload.make(n));
		times.push(performance.now() - start);
		check(payload, n, answer);
	};
	const timer = setInterval(() => asked.push(one(asked.length)), pause);
	const outcome = await meanwhile().finally(() => clearInterval(timer));
	await Promise.all(asked);
	return { latency: latencyOf(times), outcome };
}

/** Returns how long each took, in ms. */
async function inTurn(payload: Payload, ask: Ask, ms: number): Promise<number[]> {
	const times: number[] = [];
	for (let [now, end] = [performance.now(), performance.now() + ms]; now < end; ) {
		const answer = await ask(payload.make(times.length));
		const then = now;
		now = performance.now();
		check(payload, times.length, answer);
		times.push(now - then);
	}
	return times;
}

function check(payload: Payload, n: number, answer: unknown): void {
	if (answer !== payload.proof(n)) throw new Error(`ask ${n} was answered with ${answer}`);
}

function latencyOf(times: number[]): Latency {
	if (times.length === 0) throw new Error('nothing was answered');
	times.sort((one, other) => one - other);
	const at = (part: number): number => (times[Math.floor(times.length * part)] as number) * 1_000;
	return { p50: at(0.5), p99: at(0.99) };
}
