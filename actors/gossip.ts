/**
 * What each node has, known on all of them: the base of residents that keep a table in common. A node changes only its own
 * entries and tells the others; nobody agrees on anything, so a table may be old by the time that a message takes.
 *
 * | what happens | what is said |
 * |---|---|
 * | a node is there that was not, or this one begins | `hello`, with all its entries, and the other's come back |
 * | an entry of its own changes | `changed`, to all that have said hello |
 * | a node is gone | nothing: what it had is forgotten |
 */

import type { Cancel } from '../runtime/core/clock.ts';
import type { ActorRef, AnyRef } from '../runtime/core/protocol.ts';
import { QUIET } from '../runtime/kernel/definition.ts';
import { residentOf } from '../runtime/service-door.ts';
import { resume } from '../supervisor/directive.ts';
import { Actor } from './actor.ts';

/** How long others are waited for before a table counts as complete, in ms: one that hangs must not keep all from theirs. */
const PATIENCE = 1_000;

/** A resident with entries that those of the other nodes know. */
export abstract class Gossip<Entry> extends Actor {
	/** What a stranger's message breaks is that message: what it knows, it keeps. */
	static readonly supervision = resume();
	static readonly [QUIET] = true;
	readonly #own = new Map<string, Entry>();
	readonly #peers = new Map<string, ActorRef<Gossip<Entry>>>();
	readonly #entries = new Map<string, Map<string, Entry>>();
	readonly #awaited = new Set<string>();
	#complete = false;
	readonly #off: Cancel[] = [];

	/** A node has an entry, or has it no more. This node's own come by, too. */
	protected abstract learned(node: string, key: string, entry: Entry): void;
	protected abstract forgot(node: string, key: string, entry: Entry): void;
	/** All nodes that were there at the beginning have said what they have. */
	protected abstract complete(): void;

	protected override onStart(): void {
		const { events } = this.system;
		this.#off.push(
			events.on('nodeUp', ({ node }) => {
				this.#forgetStrangers();
				this.#meet(node);
			}),
		);
		this.#off.push(events.on('nodeDown', ({ node }) => this.#lose(node)));
		for (const { id } of this.system.nodes()) if (id !== this.system.node.id) this.#meet(id, true);
		this.#settled();
		if (!this.#complete) this.timers.once(PATIENCE, () => this.#awaitedNoMore());
	}

	protected override onStop(): void {
		for (const off of this.#off) off();
	}

	/** Another node's resident introduces itself. */
	hello(node: string, peer: AnyRef, entries: readonly (readonly [string, Entry])[], answer: boolean): void {
		this.#forgetStrangers();
		this.#peers.set(node, peer as never);
		const [before, now] = [this.#entries.get(node) ?? new Map<string, Entry>(), new Map(entries)];
		this.#entries.set(node, now);
		for (const [key, entry] of before) if (!now.has(key)) this.forgot(node, key, entry);
		for (const [key, entry] of now) if (!before.has(key)) this.learned(node, key, entry);
		if (answer) this.#introduce(peer as never, false);
		this.#awaited.delete(node);
		this.#settled();
	}

	/** Another node has an entry now, or has it no more. */
	changed(node: string, key: string, entry?: Entry): void {
		const entries = this.#entries.get(node);
		const before = entries?.get(key);
		if (!entries) return;
		if (before !== undefined) this.forgot(node, key, before);
		entries.delete(key);
		if (entry === undefined) return;
		entries.set(key, entry);
		this.learned(node, key, entry);
	}

	/** Answers when all that was said before has been heard. */
	heard(): void {}

	/** The residents of all other nodes, as addresses. */
	others(): readonly AnyRef[] {
		return [...this.#peers.values()] as unknown as AnyRef[];
	}

	/** An entry of this node's own. */
	protected put(key: string, entry: Entry): void {
		const before = this.#own.get(key);
		if (before !== undefined) this.forgot(this.system.node.id, key, before);
		this.#own.set(key, entry);
		this.learned(this.system.node.id, key, entry);
		this.#tell(key, entry);
	}

	protected drop(key: string): void {
		const entry = this.#own.get(key);
		if (entry === undefined) return;
		this.#own.delete(key);
		this.forgot(this.system.node.id, key, entry);
		this.#tell(key, undefined);
	}

	protected get own(): ReadonlyMap<string, Entry> {
		return this.#own;
	}

	/** The residents of the other nodes, by their nodes. */
	protected get peers(): ReadonlyMap<string, ActorRef<Gossip<Entry>>> {
		return this.#peers;
	}

	#tell(key: string, entry: Entry | undefined): void {
		const { id } = this.system.node;
		for (const peer of this.#peers.values()) {
			if (entry === undefined) peer.tell.changed(id, key);
			else peer.tell.changed(id, key, entry as never);
		}
	}

	#meet(node: string, awaited = false): void {
		if (awaited) this.#awaited.add(node);
		residentOf(this.system, this.constructor as never, node).then(
			(peer) => this.#introduce(peer as never, true),
			() => {
				this.#awaited.delete(node);
				this.#settled();
			},
		);
	}

	#introduce(peer: ActorRef<Gossip<Entry>>, answer: boolean): void {
		peer.tell.hello(this.system.node.id, this.self, [...this.#own] as never, answer);
	}

	#lose(node: string): void {
		const entries = this.#entries.get(node);
		this.#entries.delete(node);
		this.#peers.delete(node);
		for (const [key, entry] of entries ?? []) this.forgot(node, key, entry);
		this.#awaited.delete(node);
		this.#settled();
	}

	/** Who was evicted is not told of those who have gone meanwhile. */
	#forgetStrangers(): void {
		const members = new Set(this.system.nodes().map(({ id }) => id));
		for (const node of [...this.#entries.keys()]) if (!members.has(node)) this.#lose(node);
	}

	#awaitedNoMore(): void {
		this.#awaited.clear();
		this.#settled();
	}

	#settled(): void {
		if (this.#complete || this.#awaited.size > 0) return;
		this.#complete = true;
		this.complete();
	}
}

/** Resolves when the other nodes know what a resident has told them by now; a node that is gone, or hangs, is not waited for. */
export async function heardByAll(resident: ActorRef<Pick<Gossip<never>, 'others'>>): Promise<void> {
	const others = (await resident.ask.others()) as readonly ActorRef<Pick<Gossip<never>, 'heard'>>[];
	await Promise.allSettled(others.map((other) => other.with({ timeout: PATIENCE }).ask.heard()));
}
