/** The actors of Troupe's drivers. */

import { Actor, type ActorRef } from 'troupe';
import { type Payload, proofOf, type Value } from './payloads.ts';

/** What a sink is given: where to count. */
export interface Counter {
	take(value: Value): void;
	count(): void;
}

/** Takes what it is told and answers what it is asked. */
export class Sink extends Actor<Counter> {
	static readonly kind = 'sink';

	/** One of a single stream, which has to be in order. */
	take(value: Value): void {
		this.args.take(value);
	}

	/** One of many streams. */
	count(_value: Value): void {
		this.args.count();
	}

	answer(value: Value): number {
		return proofOf(value);
	}
}

/** The channel of `remote-channel`. */
export const CHANNEL = { name: 'readings', capacity: 10_000 } as const;

/** The ID of the `n`th sink of a driver. */
export function sinkId(n: number): string {
	return `sink-${n}`;
}

/** Tells sinks in turn. */
export class Teller extends Actor<{ readonly sinks: readonly ActorRef<Sink>[]; readonly payload: Payload }> {
	static readonly kind = 'teller';
	#next = 0;

	tell(count: number): void {
		const { sinks, payload } = this.args;
		for (let i = 0; i < count; i++) {
			const n = this.#next++;
			(sinks[n % sinks.length] as ActorRef<Sink>).tell.count(payload.make(n));
		}
	}
}
