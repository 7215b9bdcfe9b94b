/** A topic as its users see it: whoever has subscribed gets what is published, on whatever node. */

import { messageOf } from '../../runtime/core/errors.ts';
import type { ActorRef, AnyRef, MessageName } from '../../runtime/core/protocol.ts';
import { Ref } from '../../runtime/kernel/ref.ts';
import { gauge, ownResident } from '../../runtime/service-door.ts';
import type { ActorSystem } from '../../runtime/system.ts';
import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';
import { checkName, isPattern } from './pattern.ts';
import { type SubscribeOptions, Subscription } from './subscription.ts';
import { TopicRelay } from './topic-relay.ts';
import { type Topics, topicsOf } from './topics.ts';

/** How a node publishes to a topic. */
export interface TopicOptions {
	/** So many of the last values that this node has published are kept for late subscribers. Default 0. */
	readonly retain?: number | undefined;
}

/** What may be said of one value. */
export interface PublishOptions {
	/** More tokens behind the topic's name: `'eur.usd'` to `prices` is published as `prices.eur.usd`. */
	readonly key?: string | undefined;
}

const measured = new WeakSet<Topics>();

/** A topic. `prices` has what is published to it, and to all below it; `prices.*` and `prices.>` are patterns, to subscribe to. */
export class Topic<T> {
	/** Its name, or pattern. */
	readonly name: string;
	readonly #system: ActorSystem;
	readonly #topics: Topics;

	/** Called by the system. */
	constructor(system: ActorSystem, name: string, options: TopicOptions = {}) {
		const { retain = 0, ...others } = optionGroup(options, 'options');
		for (const [key, value] of Object.entries(others)) throw new BadOption(key, value, 'retain');
		this.name = checkName(name);
		this.#system = system;
		const topics = topicsOf(system);
		this.#topics = topics;
		topics.connect(ownResident(system, TopicRelay));
		if (wholeNumber(retain, 'retain') > 0) topics.keep(this.#subject(undefined), retain);
		if (measured.has(topics)) return;
		measured.add(topics);
		gauge(system, 'topic', 'all', () => ({
			published: topics.published,
			delivered: topics.delivered,
			dropped: topics.dropped,
			subscribers: topics.subscribers,
		}));
	}

	/**
	 * Gives the value to all who have subscribed by now. Each node that has any gets it once. `ERR_BAD_OPTION` for a pattern,
	 * `ERR_NOT_ENCODABLE` for what cannot travel, where it has to.
	 */
	publish(value: T, { key }: PublishOptions = {}): void {
		this.#topics.publish(this.#subject(key), value, this.name, undefined);
	}

	/** The same, and resolves when all nodes have it: who awaits that does not outrun them. A node that dies is not waited for. */
	async send(value: T, { key }: PublishOptions = {}): Promise<void> {
		const waits: Promise<void>[] = [];
		await new Promise<void>((resolve) => this.#topics.whenKnown(resolve));
		this.#topics.publish(this.#subject(key), value, this.name, waits);
		await Promise.allSettled(waits);
	}

	/** Values from now on, for a loop: `for await (const price of prices.subscribe())`. */
	subscribe(options?: SubscribeOptions): Subscription<T>;
	/** The same, of what the pattern means below this topic: `subscribe('eur.*')`. */
	subscribe(pattern: string, options?: SubscribeOptions): Subscription<T>;
	/** Calls the function with each value and the name that it was published to. */
	subscribe(listener: (value: T, subject: string) => void, options?: SubscribeOptions): Subscription<T>;
	/** Tells the actor each value, as that message; until it ends. */
	subscribe<A>(actor: ActorRef<A>, message: MessageName<A> | string, options?: SubscribeOptions): Subscription<T>;
	subscribe(first?: unknown, second?: unknown, third: SubscribeOptions = {}): Subscription<T> {
		if (first instanceof Ref) return this.#toActor(first as unknown as AnyRef, second as string, third);
		const options = ((typeof first === 'object' ? first : second) ?? {}) as SubscribeOptions;
		const pattern = typeof first === 'string' ? checkName(`${this.name}.${first}`, 'pattern') : this.name;
		if (typeof first !== 'function') return this.#subscribe(pattern, options, undefined, undefined);
		const failed = (error: unknown): void => {
			const message = `a subscriber of '${this.name}' has failed: ${messageOf(error)}`;
			this.#system.events.emit('warning', { code: 'LISTENER_FAILED', message, error });
		};
		const listen = (value: T, subject: string): void => {
			try {
				const outcome: unknown = first(value, subject);
				if (outcome instanceof Promise) outcome.catch(failed);
			} catch (error) {
				failed(error);
			}
		};
		return this.#subscribe(pattern, options, listen, undefined);
	}

	#toActor(actor: AnyRef, message: string, options: SubscribeOptions): Subscription<T> {
		const tell = (actor.tell as Record<string, ((...args: unknown[]) => void) | undefined>)[message];
		if (!tell) throw new BadOption('message', message, 'the name of a message');
		const face = actor.tell as Record<string, (value: T, subject: string) => void>;
		return this.#subscribe(this.name, options, (value, subject) => face[message]?.(value, subject), actor);
	}

	#subscribe(
		pattern: string,
		options: SubscribeOptions,
		take: ((value: T, subject: string) => void) | undefined,
		actor: AnyRef | undefined,
	): Subscription<T> {
		const subscription = new Subscription<T>(pattern, options, take, (ended) => this.#topics.remove(ended as never));
		subscription.ready = this.#topics.add(subscription as never, options.last ?? 0, actor);
		if (options.signal?.aborted) subscription.close();
		return subscription;
	}

	#subject(key: string | undefined): string {
		const subject = key === undefined ? this.name : checkName(`${this.name}.${key}`, 'key');
		if (isPattern(subject)) throw new BadOption('topic', subject, 'a name without wildcards, to publish to');
		return subject;
	}
}
