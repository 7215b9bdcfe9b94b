/** The actor that takes the traffic of a soak. */

import { Actor, type ActorRef } from 'troupe';
import { check, payloads, proofOf, type Value } from '../remote/payloads.ts';
import type { Count } from './tally.ts';

/** Counts what it handles; its tells have to come in order. */
export class Sink extends Actor<Count> {
	static readonly kind = 'soak-sink';
	#taken = 0;

	take(value: Value): void {
		check(payloads.reading, value, this.#taken++);
		this.args.handled++;
	}

	/** How many it has been told of. */
	taken(): number {
		this.args.handled++;
		return this.#taken;
	}

	answer(value: Value): number {
		this.args.handled++;
		return proofOf(value);
	}
}

export type SinkRef = ActorRef<Sink>;
