/** The groups that a node knows, by name. */

import type { Cancel } from '../../runtime/core/clock.ts';
import type { AnyRef } from '../../runtime/core/protocol.ts';
import { clockOf, gauge } from '../../runtime/service-door.ts';
import type { ActorSystem } from '../../runtime/system.ts';
import { Members } from './members.ts';

const all = new WeakMap<ActorSystem, Groups>();

/** Those of a system. */
export function groupsOf(system: ActorSystem): Groups {
	let groups = all.get(system);
	if (!groups) all.set(system, (groups = new Groups(system)));
	return groups;
}

/** The groups of one node. */
export class Groups {
	readonly #system: ActorSystem;
	readonly #members = new Map<string, Members>();
	/** Groups that are called here. */
	readonly #held = new Set<string>();
	readonly #gauges = new Map<string, Cancel>();
	readonly #waiting = new Set<() => void>();
	#known = false;

	constructor(system: ActorSystem) {
		this.#system = system;
	}

	/** The members of a group, of whatever node. */
	members(name: string): Members {
		const known = this.#members.get(name);
		if (known) return known;
		const members = new Members(clockOf(this.#system));
		this.#members.set(name, members);
		this.#gauges.set(
			name,
			gauge(this.#system, 'group', name, () => ({ members: members.length })),
		);
		return members;
	}

	/** The members of a group that this node calls: the list is the same as long as the system lives, or until it is forgotten. */
	hold(name: string): Members {
		this.#held.add(name);
		return this.members(name);
	}

	/** A node has it as a member no more. A group that is empty and that nobody calls here is none. */
	remove(name: string, ref: AnyRef, node: string): void {
		const members = this.members(name);
		members.remove(ref, node);
		if (members.length === 0 && !this.#held.has(name)) this.forget(name);
	}

	/** See {@link Members.refresh}. */
	refresh(): void {
		for (const members of this.#members.values()) members.refresh();
	}

	/** A group that nobody will call any more. */
	forget(name: string): void {
		this.#held.delete(name);
		this.#members.delete(name);
		this.#gauges.get(name)?.();
		this.#gauges.delete(name);
	}

	/** Whether the other nodes have said who is with them. */
	get complete(): boolean {
		return this.#known;
	}

	known(): void {
		this.#known = true;
		for (const tell of this.#waiting) tell();
		this.#waiting.clear();
	}

	/** Calls `tell` when that is so. */
	whenKnown(tell: () => void): void {
		if (this.#known) tell();
		else this.#waiting.add(tell);
	}
}
