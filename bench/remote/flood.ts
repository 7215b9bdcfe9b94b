/** A stream of messages as fast as it goes, with a bound on what is on its way: how many a second arrive. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Receivers } from './far.ts';
import type { Pace } from './payloads.ts';

/** Long enough for the compilers, which see some functions once a frame only, and for the windows of TCP; in ms. */
export const WARM_UP = 800;
/** How long is measured, in ms. */
export const MEASURED = 1_000;

/** Sends `count` messages of a stream, the first of them the `from`th. */
export type SendTurn = (from: number, count: number) => void;

/** A turn of messages that are sent one by one. */
export function each(send: (n: number) => void): SendTurn {
	return (from, count) => {
		for (let n = from; n < from + count; n++) send(n);
	};
}

/** A stream to receivers that report. */
export class Flood {
	readonly #receivers: Receivers;
	readonly #pace: Pace;
	readonly #send: SendTurn;
	#sent: number;

	constructor(receivers: Receivers, pace: Pace, send: SendTurn) {
		this.#receivers = receivers;
		this.#pace = pace;
		this.#send = send;
		this.#sent = receivers.taken;
	}

	/** Sends for `ms`, and until what was sent is a multiple of `round`; resolves when all of it has arrived, to messages per second. */
	async pour(ms: number, round = this.#pace.perTurn): Promise<number> {
		const { perTurn, inFlight } = this.#pace;
		const receivers = this.#receivers;
		const [start, before] = [performance.now(), this.#sent];
		while (performance.now() - start < ms || (this.#sent - before) % round !== 0) {
			this.#send(this.#sent, perTurn);
			this.#sent += perTurn;
			await nextTurn();
			while (this.#sent - receivers.taken > inFlight - perTurn) await receivers.progress();
		}
		while (receivers.taken < this.#sent) await receivers.progress();
		const seconds = (performance.now() - start) / 1_000;
		await receivers.settle(this.#sent);
		return (this.#sent - before) / seconds;
	}
}

/** The rate of a stream, after a warm-up. */
export async function flood(receivers: Receivers, pace: Pace, send: SendTurn): Promise<{ rate: number }> {
	const stream = new Flood(receivers, pace, send);
	await stream.pour(WARM_UP);
	return { rate: await stream.pour(MEASURED) };
}
