/** The actors of a simulated cluster: some hold IDs, and some tell, ask and watch them. */

import { Actor, type AnyRef, bounded, restart, type Termination } from '../../index.ts';
import type { Clock } from '../../runtime/core/clock.ts';
import type { History } from './history.ts';

/** Where actors play, by system and node: an actor that is spawned by another node brings nothing but data along. */
export const places = new Map<string, Place>();

/** Where an actor plays. */
export interface Place {
	readonly history: History;
	/** The node's name. No other ever has it. */
	readonly node: string;
	readonly clock: Clock;
}

/** How a message is sent. */
export const WAYS = ['tell', 'send', 'ask'] as const;
export type Way = (typeof WAYS)[number];

/** What a message asks for. */
export const DEEDS = ['take', 'take', 'take', 'ponder', 'fail'] as const;
export type Deed = (typeof DEEDS)[number];

/** Small, so that it fills. */
export const CAPACITY = 16;

const ASK_TIMEOUT = 5_000;
/** Steps of virtual time, and turns of the event loop, in which a deadline may be noticed. */
const TOLERANCE = 500;

/** Holds an ID. */
export class Holder extends Actor {
	static readonly kind = 'holder';
	static readonly mailbox = bounded({ capacity: CAPACITY });
	static readonly supervision = restart({
		maxRestarts: 10_000,
		within: '1m',
		backoff: { initial: 100, max: 100, jitter: 0 },
	});
	readonly #place = places.get(`${this.system.name} ${this.system.node.name}`) as Place;
	readonly #life = this.#place.history.born(this.self.id, this.#place.node);

	take(stream: string, number: number): number {
		this.#act(stream, number);
		return number;
	}

	async ponder(stream: string, number: number): Promise<number> {
		this.#act(stream, number);
		await new Promise<void>((resolve) => this.#place.clock.after(200, resolve));
		return number;
	}

	fail(stream: string, number: number): number {
		this.#act(stream, number);
		throw new Error(`number ${number}`);
	}

	#act(stream: string, number: number): void {
		this.#place.history.acted(this.self.id, this.#life, this.#place.node, stream, number);
	}
}

/** Tells, asks and watches. */
export class Teller extends Actor<Place> {
	static readonly kind = 'teller';
	readonly #numbers = new Map<string, number>();

	say(way: Way, deed: Deed, id: string): void {
		const { history, node, clock } = this.args;
		const number = (this.#numbers.get(id) ?? 0) + 1;
		this.#numbers.set(id, number);
		const ref = this.system.ref(Holder, id);
		if (way === 'tell') {
			ref.tell[deed](node, number);
			return;
		}
		const due = way === 'ask' ? clock.now() + ASK_TIMEOUT + TOLERANCE : undefined;
		const waiting = { node, what: `${way} ${number} to ${id}`, due };
		if (way === 'ask') history.follow(waiting, ref.ask[deed](node, number), number);
		else history.follow({ ...waiting, sendTo: id }, ref.send[deed](node, number));
	}

	observe(id: string): void {
		const { history, node } = this.args;
		if (history.watches(node, id)) this.watch(this.system.ref(Holder, id));
	}

	protected override onTerminated(ref: AnyRef, why: Termination): void {
		const { history, node } = this.args;
		history.told(node, ref.id, why.reason);
	}
}
