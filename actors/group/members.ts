/** The members of a group, or the workers of a pool, and whose turn it is. */

import type { Clock } from '../../runtime/core/clock.ts';
import type { AnyRef } from '../../runtime/core/protocol.ts';
import { Cell } from '../../runtime/kernel/cell.ts';
import type { Ref, Target } from '../../runtime/kernel/ref.ts';
import { BadOption } from '../../supervisor/bad-option.ts';
import { ring } from './ring.ts';

/** A member. */
export interface Member {
	readonly ref: AnyRef;
	/** Where it joined, by the node's ID. */
	readonly node: string;
}

/** Which member gets a message. `hash` makes the key of a message from its arguments. */
export type Route =
	| 'round-robin'
	| 'random'
	| 'least-loaded'
	| { readonly hash: (...args: never[]) => string | number };

/** A member as routes see it. */
export interface Routee extends Member {
	readonly target: Target;
	/** Nodes that say that it is a member. */
	readonly owners: Set<string>;
	/** The actor itself, where it is on this node. */
	readonly cell: Cell | undefined;
	/** What was last said to wait at it. */
	told: number;
	/** That, and what has been sent there since. */
	depth: number;
}

/** A list that changes seldom and is asked often. */
export class Members {
	readonly #clock: Clock;
	readonly #all: Routee[] = [];
	/** The same; an ID may have had several lives. */
	readonly #byId = new Map<string, readonly Routee[]>();
	readonly #listeners = new Set<() => void>();
	#turn = -1;
	#ring: ((key: string) => Routee) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	get length(): number {
		return this.#all.length;
	}

	get all(): readonly Routee[] {
		return this.#all;
	}

	/** A node says that it is a member; several may. */
	add({ ref, node }: Member): Routee {
		const known = this.find(ref);
		if (known) {
			known.owners.add(node);
			return known;
		}
		const { target } = ref as unknown as Ref;
		const cell = target instanceof Cell ? target : target.kernel.registered(target.id);
		const member = { ref, node, owners: new Set([node]), target, cell, told: 0, depth: 0 };
		this.#all.push(member);
		this.#byId.set(ref.id, [...(this.#byId.get(ref.id) ?? []), member]);
		this.#changed();
		return member;
	}

	/** That node says so no more. */
	remove(ref: AnyRef, node: string): void {
		const member = this.find(ref);
		if (!member?.owners.delete(node) || member.owners.size > 0) return;
		this.#all.splice(this.#all.indexOf(member), 1);
		const others = this.#byId.get(ref.id)?.filter((other) => other !== member) ?? [];
		if (others.length > 0) this.#byId.set(ref.id, others);
		else this.#byId.delete(ref.id);
		this.#changed();
	}

	/** What was sent lately has been handled, or will be told of. */
	refresh(): void {
		for (const member of this.#all) member.depth = member.told;
	}

	/** Calls `changed` whenever a member comes or goes. Returns an end of it. */
	onChange(changed: () => void): () => void {
		this.#listeners.add(changed);
		return () => this.#listeners.delete(changed);
	}

	next(): Routee {
		this.#turn = this.#turn + 1 < this.#all.length ? this.#turn + 1 : 0;
		return this.#all[this.#turn] as Routee;
	}

	byChance(): Routee {
		return this.#all[Math.floor(this.#clock.random() * this.#all.length)] as Routee;
	}

	/** The better of the next two: nearly as good as the best of all, and no dearer with many (Mitzenmacher, 2001). */
	idlest(): Routee {
		const one = this.next();
		const depth = depthOf(one);
		if (depth > 0 && this.#all.length > 1) {
			const other = this.#all[this.#turn + 1] ?? (this.#all[0] as Routee);
			if (depthOf(other) < depth) {
				other.depth++;
				return other;
			}
		}
		one.depth++;
		return one;
	}

	/** The one that the key belongs to: few keys have another when a member comes or goes. */
	of(key: string): Routee {
		this.#ring ??= ring(this.#all, ({ ref }) => ref.id);
		return this.#ring(key);
	}

	/** The member of that address. */
	find(ref: AnyRef): Routee | undefined {
		return this.#byId.get(ref.id)?.find((member) => member.ref.equals(ref));
	}

	#changed(): void {
		this.#ring = undefined;
		for (const listener of [...this.#listeners]) listener();
	}
}

/** What waits at a member: on this node, as it is; on another, as it was said to be. */
export function depthOf({ cell, depth }: Routee): number {
	return cell === undefined ? depth : cell.pending;
}

/** `ERR_BAD_OPTION` for what is no route. */
export function checkRoute(route: Route, option = 'route'): Route {
	if (route === 'round-robin' || route === 'random' || route === 'least-loaded') return route;
	if (typeof route === 'object' && route !== null && typeof route.hash === 'function') return route;
	throw new BadOption(option, route, "'round-robin', 'random', 'least-loaded' or { hash: (message) => key }");
}
