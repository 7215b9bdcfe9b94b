/** What a node knows of topics: who has subscribed here, which other nodes have subscribers, and what it has published itself. */

import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import { Fifo } from '../../runtime/mailbox/fifo.ts';
import { clockOf } from '../../runtime/service-door.ts';
import type { ActorSystem } from '../../runtime/system.ts';
import { heardByAll } from '../gossip.ts';
import { matches } from './pattern.ts';
import type { Issue, Subscription } from './subscription.ts';
import type { Relay, TopicRelay } from './topic-relay.ts';

const all = new WeakMap<ActorSystem, Topics>();

/** The topics of a system's node. */
export function topicsOf(system: ActorSystem): Topics {
	let topics = all.get(system);
	if (!topics) all.set(system, (topics = new Topics(system)));
	return topics;
}

/** Values that wait until the other nodes have said what they want, in the first moments of a node. */
const MOST_EARLY = 65_536;
/** Subjects whose subscribers are remembered. */
const MOST_SUBJECTS = 10_000;

/** Who gets the values of a subject. */
interface Audience {
	readonly here: readonly Subscription<unknown>[];
	readonly nodes: readonly ActorRef<Relay>[];
}

/** Topics, as one node has them. */
export class Topics {
	readonly #system: ActorSystem;
	readonly #subscriptions = new Set<Subscription<unknown>>();
	readonly #byActor = new Map<AnyRef, Set<Subscription<unknown>>>();
	readonly #nodes = new Map<string, { readonly relay: ActorRef<Relay>; readonly patterns: Set<string> }>();
	readonly #audiences = new Map<string, Audience>();
	readonly #kept = new Map<string, { most: number; readonly issues: Fifo<Issue> }>();
	readonly #waiting: (() => void)[] = [];
	/** The node's own relay. */
	#relay: ActorRef<TopicRelay> | undefined;
	#known = false;
	#number = 0;
	/** Values that were published here, and given to subscribers here. */
	published = 0;
	delivered = 0;

	constructor(system: ActorSystem) {
		this.#system = system;
	}

	/** Through whom it hears from other nodes, and they from it. */
	connect(relay: ActorRef<TopicRelay>): void {
		this.#relay = relay;
	}

	// ------------------------------------------------------------------------------------------------------ publishing

	/** From now on, the last values of the subject are kept. */
	keep(subject: string, most: number): void {
		const kept = this.#kept.get(subject);
		if (kept) kept.most = Math.max(kept.most, most);
		else if (most > 0) this.#kept.set(subject, { most, issues: new Fifo() });
	}

	/** Gives a value to all who have subscribed, on any node; the promises, if wanted, are that their nodes have it. */
	publish(subject: string, value: unknown, root: string, waits: Promise<void>[] | undefined): void {
		if (!this.#known && this.#waiting.length < MOST_EARLY)
			return void this.#waiting.push(() => this.publish(subject, value, root, waits));
		const clock = clockOf(this.#system);
		const issue: Issue = { subject, value, node: this.#system.node.id, number: ++this.#number, at: clock.wall() };
		const kept = this.#kept.get(root);
		if (kept) {
			kept.issues.push(issue);
			if (kept.issues.length > kept.most) kept.issues.shift();
		}
		this.published++;
		const { here, nodes } = this.#audienceOf(subject);
		for (const relay of nodes) {
			if (waits) waits.push(relay.send.publish(subject, value, issue.node, issue.number, issue.at));
			else relay.tell.publish(subject, value, issue.node, issue.number, issue.at);
		}
		this.#giveTo(here, issue);
	}

	/** The last values under a pattern that were published here, oldest first. */
	kept(pattern: string, count: number): readonly Issue[] {
		const issues: Issue[] = [];
		for (const kept of this.#kept.values())
			for (const issue of kept.issues) if (matches(pattern, issue.subject)) issues.push(issue);
		return issues.sort((one, other) => one.number - other.number).slice(-count);
	}

	// ----------------------------------------------------------------------------------------------------- subscribing

	/** Another node's value. */
	give(issue: Issue): void {
		this.#giveTo(this.#audienceOf(issue.subject).here, issue);
	}

	/** Resolves when the other nodes know of it. */
	add(subscription: Subscription<unknown>, last: number, actor: AnyRef | undefined): Promise<void> {
		this.#subscriptions.add(subscription);
		this.#audiences.clear();
		const relay = this.#relay as ActorRef<TopicRelay>;
		relay.tell.want(subscription.pattern);
		if (actor) {
			const own = this.#byActor.get(actor) ?? new Set();
			this.#byActor.set(actor, own.add(subscription));
			relay.tell.mind(actor);
		}
		const known = new Promise<void>((resolve) => this.whenKnown(resolve)).then(() => heardByAll(relay));
		// A system that stops has no others to tell, or to ask.
		const caughtUp = last > 0 ? known.then(() => this.#catchUp(subscription, last)) : known;
		caughtUp.catch(() => subscription.close());
		return known.catch(() => {});
	}

	remove(subscription: Subscription<unknown>): void {
		if (!this.#subscriptions.delete(subscription)) return;
		for (const [actor, own] of this.#byActor)
			if (own.delete(subscription) && own.size === 0) this.#byActor.delete(actor);
		this.#audiences.clear();
		this.#relay?.tell.unwant(subscription.pattern);
	}

	/** The system stops: loops end behind what they have. */
	close(): void {
		for (const subscription of [...this.#subscriptions]) subscription.close();
	}

	/** The actor has ended, and with it its subscriptions. */
	ended(actor: AnyRef): void {
		for (const [ref, own] of this.#byActor) {
			if (!ref.equals(actor)) continue;
			this.#byActor.delete(ref);
			for (const subscription of own) subscription.close();
		}
	}

	/** Whether anybody here has subscribed to that pattern. */
	wants(pattern: string): boolean {
		for (const subscription of this.#subscriptions) if (subscription.pattern === pattern) return true;
		return false;
	}

	get subscribers(): number {
		return this.#subscriptions.size;
	}

	get dropped(): number {
		let dropped = 0;
		for (const subscription of this.#subscriptions) dropped += subscription.dropped;
		return dropped;
	}

	// ------------------------------------------------------------------------------------------------------ other nodes

	learned(node: string, pattern: string, relay: ActorRef<Relay>): void {
		const known = this.#nodes.get(node) ?? { relay, patterns: new Set<string>() };
		known.patterns.add(pattern);
		this.#nodes.set(node, known);
		this.#audiences.clear();
	}

	forgot(node: string, pattern: string): void {
		const known = this.#nodes.get(node);
		known?.patterns.delete(pattern);
		if (known?.patterns.size === 0) this.#nodes.delete(node);
		this.#audiences.clear();
	}

	/** The other nodes have said what they want. */
	known(): void {
		this.#known = true;
		for (const tell of this.#waiting.splice(0)) tell();
	}

	whenKnown(tell: () => void): void {
		if (this.#known) tell();
		else this.#waiting.push(tell);
	}

	async #catchUp(subscription: Subscription<unknown>, last: number): Promise<void> {
		const relay = this.#relay as ActorRef<TopicRelay>;
		// Behind the word that it wants the pattern, so what they do not say now comes by itself.
		const others = (await relay.ask.others()) as unknown as readonly ActorRef<Relay>[];
		const asked = others.map((other) => other.ask.last(subscription.pattern, last).catch(() => []));
		const theirs = (await Promise.all(asked)).flat();
		const kept = [...this.kept(subscription.pattern, last + subscription.length), ...theirs];
		subscription.caughtUp(
			kept.sort((one, other) => one.at - other.at),
			last,
		);
	}

	#giveTo(here: readonly Subscription<unknown>[], issue: Issue): void {
		this.delivered += here.length;
		for (const subscription of here) subscription.give(issue);
	}

	#audienceOf(subject: string): Audience {
		const known = this.#audiences.get(subject);
		if (known) return known;
		if (this.#audiences.size >= MOST_SUBJECTS) this.#audiences.clear();
		const here = [...this.#subscriptions].filter(({ pattern }) => matches(pattern, subject));
		const nodes: ActorRef<Relay>[] = [];
		for (const { relay, patterns } of this.#nodes.values())
			if ([...patterns].some((pattern) => matches(pattern, subject))) nodes.push(relay);
		const audience = { here, nodes };
		this.#audiences.set(subject, audience);
		return audience;
	}
}
