/**
 * Actors that live for a moment, and those who receive and watch them. A mayfly visits the host of the other node and is
 * visited upon the host of its own; either watches it and makes it a gift. It ends only when it has both gifts, so that
 * no message and no watch ever comes too late.
 */

import { Actor, type ActorRef, type AnyRef, type Termination } from 'troupe';
import type { Count } from './tally.ts';

/** Hosts that each mayfly gets a gift of. */
export const GIFTS = 2;

/** What a mayfly is born with. */
export interface Cradle {
	readonly count: Count;
	/** Called when it has all its gifts. */
	readonly gifted: () => void;
}

export class Mayfly extends Actor<Cradle> {
	static readonly kind = 'soak-mayfly';
	#gifts = 0;

	async visit(host: ActorRef<Host>): Promise<void> {
		const { count } = this.args;
		count.handled++;
		count.sent++;
		await host.ask.welcome(this.self);
	}

	gift(): void {
		this.args.count.handled++;
		if (++this.#gifts === GIFTS) this.args.gifted();
	}
}

/** One on each node, for the mayflies of both. */
export class Host extends Actor<Count> {
	static readonly kind = 'soak-host';
	#watching = 0;

	welcome(guest: ActorRef<Mayfly>): void {
		this.args.handled++;
		this.watch(guest);
		this.#watching++;
		this.args.sent++;
		guest.tell.gift();
	}

	/** Watches of which no end has been told. */
	watching(): number {
		this.args.handled++;
		return this.#watching;
	}

	protected override onTerminated({ id }: AnyRef, { reason }: Termination): void {
		if (reason !== 'stopped') throw new Error(`${id} ended as ${reason}`);
		this.#watching--;
	}
}
