/**
 * The server inside a memory bus: routes messages between the clients of one process, asynchronously and in order per
 * pair of clients, and loses, delays, doubles or cuts them off on request. Chance and time come from the receiver's
 * clock, so that a run with virtual clocks is the same for the same seeds.
 */

import { BadOption } from '../../supervisor/bad-option.ts';
import type { Clock } from '../core/clock.ts';
import { SubjectTable } from './memory-subjects.ts';
import type { Receive } from './transport.ts';

/** What goes wrong on a memory bus. Anything left out does not. */
export interface Faults {
	/** The chance, from 0 to 1, that a message is lost on its way to one receiver. */
	readonly loss?: number;
	/** Milliseconds that a message is under way, or the least and the most. Messages of one pair never overtake. */
	readonly delay?: number | readonly [least: number, most: number];
	/** The chance, from 0 to 1, that a message arrives twice. */
	readonly duplicate?: number;
	/**
	 * The chance, from 0 to 1, that a request to the store gets no answer. Half of those requests were carried out,
	 * which is what a caller whose write timed out has to reckon with.
	 */
	readonly storeSilence?: number;
}

/**
 * What ails a connection that its client takes for whole: nothing that the client sends arrives (`mute`), nothing arrives
 * that it should get (`deaf`), or neither, since the server has given it up with all its subscriptions (`forgotten`).
 */
export type Ailment = 'mute' | 'deaf' | 'forgotten';

/** One connection, as the broker knows it. */
export interface Client {
	readonly name: string;
	readonly clock: Clock;
	/** Whether it takes itself for connected. */
	readonly connected: boolean;
	/** What ails the connection, if anything does. */
	readonly ailment: Ailment | undefined;
	/** Resolves when nothing ails it any more; never, if the connection is lost instead. */
	healed(): Promise<void>;
	/** Rises with each disconnect; what was under way to an earlier session is lost. */
	readonly session: number;
	/** Looks again whether the broker is there. */
	refresh(): void;
	problem(thrown: unknown): void;
	close(): Promise<void>;
}

interface Subscription {
	readonly owner: Client;
	readonly receive: Receive;
	active: boolean;
}

interface Delivery {
	readonly from: string;
	readonly to: Subscription;
	readonly session: number;
	readonly subject: string;
	readonly data: Uint8Array;
	readonly replyTo: string | undefined;
}

/** Deliveries delayed between one pair of clients, first in first out. */
interface Lane {
	due: number;
	readonly waiting: Delivery[];
}

/** The name by which a partition can cut clients off from the store. */
export const STORE = '$store';

/** Deliveries in one go before the event loop gets its turn: enough to amortise, few enough not to starve timers. */
const TURN = 1024;

/** Routes messages between its clients. */
export class Broker {
	readonly clients = new Set<Client>();
	readonly #subscriptions = new SubjectTable<Subscription>();
	readonly #lanes = new Map<Client, Map<Client, Lane>>();
	#running = true;
	#faults: Faults = {};
	#cuts: (readonly [ReadonlySet<string>, ReadonlySet<string>])[] = [];
	#queue: Delivery[] = [];
	#head = 0;
	#draining = false;
	#names = 0;

	get running(): boolean {
		return this.#running;
	}

	/** A token that no other call on this broker returns. */
	uniqueName(): string {
		return String(++this.#names);
	}

	run(running: boolean): void {
		this.#running = running;
		for (const client of [...this.clients]) client.refresh();
	}

	disturb(faults: Faults): void {
		for (const name of ['loss', 'duplicate', 'storeSilence'] as const) {
			const chance = faults[name] ?? 0;
			if (!(chance >= 0 && chance <= 1)) throw new BadOption(name, chance, 'a number from 0 to 1');
		}
		const [least, most] = range(faults.delay);
		if (!(least >= 0 && most >= least && most < Number.POSITIVE_INFINITY))
			throw new BadOption('delay', faults.delay, 'milliseconds, or [least, most]');
		this.#faults = faults;
	}

	cut(one: readonly string[], other: readonly string[]): void {
		this.#cuts.push([new Set(one), new Set(other)]);
	}

	heal(): void {
		this.#cuts = [];
	}

	/** Whether a partition lies between two names. */
	apart(one: string, other: string): boolean {
		return this.#cuts.some(([a, b]) => (a.has(one) && b.has(other)) || (a.has(other) && b.has(one)));
	}

	subscribe(owner: Client, subject: string, receive: Receive): () => void {
		const subscription: Subscription = { owner, receive, active: true };
		const remove = this.#subscriptions.add(subject, subscription);
		return () => {
			subscription.active = false;
			remove();
		};
	}

	/** Whether a connected client listens on `subject`, on whichever side of a partition. */
	interested(subject: string): boolean {
		return this.#subscriptions.match(subject).some(({ owner }) => isThere(owner));
	}

	publish(from: Client, subject: string, data: Uint8Array, replyTo?: string): void {
		if (isMute(from)) return;
		const copy = new Uint8Array(data);
		for (const to of this.#subscriptions.match(subject)) {
			const { owner } = to;
			if (!isThere(owner) || this.#unlucky(owner, this.#faults.loss) || this.apart(from.name, owner.name)) continue;
			const delivery = { from: from.name, to, session: owner.session, subject, data: copy, replyTo };
			this.#send(from, delivery);
			if (this.#unlucky(owner, this.#faults.duplicate)) this.#send(from, delivery);
		}
	}

	/** Resolves when the broker has answered the client: over a connection that ails, when that is over. */
	async answer(client: Client): Promise<void> {
		await pause(client.clock, this.#delay(client));
		if (isMute(client)) await client.healed();
		await pause(client.clock, this.#delay(client));
		if (isDeaf(client)) await client.healed();
	}

	/**
	 * Carries out `operate` for a client and brings back its result, as a request to a store behind the broker would.
	 * Rejects when the client is or gets disconnected, and after `timeout` milliseconds when no answer comes.
	 */
	async request<T>(client: Client, operate: () => T, timeout: number): Promise<T> {
		const { session, clock } = client;
		const check = (when: string) => {
			if (!client.connected || client.session !== session) throw new Error(`disconnected ${when}`);
		};
		check('before the request was sent');
		const cut = this.apart(client.name, STORE);
		const silent = this.#unlucky(client, this.#faults.storeSilence);
		const [there, back] = [this.#delay(client), this.#delay(client)];
		const arrives = !cut && !(silent && clock.random() < 0.5);
		const carryOut = (): { readonly value: T } | undefined => {
			check('on the way');
			return isMute(client) ? undefined : { value: operate() };
		};
		const result = arrives ? pause(clock, there).then(carryOut) : undefined;
		const noAnswer = async (within: number): Promise<never> => {
			await pause(clock, within);
			throw new Error(`no answer within ${timeout} ms`);
		};
		if (!result || silent || there + back >= timeout) {
			result?.catch(() => {});
			return noAnswer(timeout);
		}
		const answer = await result;
		await pause(clock, back);
		check('before the answer came');
		return answer && !isDeaf(client) ? answer.value : noAnswer(timeout - there - back);
	}

	#send(from: Client, delivery: Delivery): void {
		const { owner } = delivery.to;
		const lanes = this.#lanes.get(owner) ?? new Map<Client, Lane>();
		const delay = this.#delay(owner);
		const busy = lanes.get(from);
		if (delay === 0 && !busy) {
			this.#enqueue(delivery);
			return;
		}
		const now = owner.clock.now();
		const lane = busy ?? { due: now, waiting: [] };
		lane.due = Math.max(lane.due, now + delay);
		lane.waiting.push(delivery);
		this.#lanes.set(owner, lanes.set(from, lane));
		// Whichever alarm rings first takes the oldest, so that no timer can reorder the messages of a pair.
		owner.clock.after(lane.due - now, () => {
			const oldest = lane.waiting.shift();
			if (lane.waiting.length === 0) lanes.delete(from);
			if (lanes.size === 0) this.#lanes.delete(owner);
			if (oldest) this.#enqueue(oldest);
		});
	}

	#enqueue(delivery: Delivery): void {
		this.#queue.push(delivery);
		if (this.#draining) return;
		this.#draining = true;
		queueMicrotask(() => this.#drain());
	}

	/** Microtasks first, so that a chain of messages settles before virtual time moves on. */
	#drain(): void {
		for (let left = TURN; left > 0 && this.#head < this.#queue.length; left--) {
			const delivery = this.#queue[this.#head++];
			if (delivery) this.#deliver(delivery);
		}
		if (this.#head < this.#queue.length) {
			this.#queue = this.#queue.slice(this.#head);
			this.#head = 0;
			setImmediate(() => this.#drain());
			return;
		}
		this.#queue = [];
		this.#head = 0;
		this.#draining = false;
	}

	#deliver({ from, to, session, subject, data, replyTo }: Delivery): void {
		const { owner } = to;
		if (!to.active || !isThere(owner) || isDeaf(owner)) return;
		if (owner.session !== session || this.apart(from, owner.name)) return;
		try {
			to.receive(data, subject, replyTo);
		} catch (error) {
			owner.problem(error);
		}
	}

	#unlucky(client: Client, chance = 0): boolean {
		return chance > 0 && client.clock.random() < chance;
	}

	#delay(client: Client): number {
		const [least, most] = range(this.#faults.delay);
		return most > least ? least + (most - least) * client.clock.random() : least;
	}
}

/** Whether the broker knows the client, and what it listens to. */
function isThere({ connected, ailment }: Client): boolean {
	return connected && ailment !== 'forgotten';
}

function isMute({ ailment }: Client): boolean {
	return ailment === 'mute' || ailment === 'forgotten';
}

function isDeaf({ ailment }: Client): boolean {
	return ailment === 'deaf' || ailment === 'forgotten';
}

function range(delay: Faults['delay'] = 0): readonly [number, number] {
	return typeof delay === 'number' ? [delay, delay] : delay;
}

function pause(clock: Clock, delay: number): Promise<void> {
	return delay > 0 ? new Promise((resolve) => void clock.after(delay, resolve)) : Promise.resolve();
}
