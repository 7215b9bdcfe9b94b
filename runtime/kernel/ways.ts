/**
 * The ways to IDs that anybody on this node knows: one for each ID, however many refs there are to it, so that order
 * does not depend on which of them is used. A holder of an ID on this node keeps the way to it, at no cost; the way to
 * any other ID lives as long as somebody has a ref to it, and is forgotten after that.
 */

import type { Cell } from './cell.ts';
import type { Holders } from './holders.ts';
import type { Kernel } from './kernel.ts';
import { Route } from './route.ts';

/** The routes of a node. */
export class Ways {
	readonly #kernel: Kernel;
	readonly #holders: Holders;
	/** Those that no holder keeps. */
	readonly #routes = new Map<string, WeakRef<Route>>();
	readonly #forgotten = new FinalizationRegistry<string>((id) => {
		if (!this.#routes.get(id)?.deref()) this.#routes.delete(id);
	});

	constructor(kernel: Kernel, holders: Holders) {
		this.#kernel = kernel;
		this.#holders = holders;
	}

	/** The way to an ID, if anybody has a ref to it. */
	known(id: string): Route | undefined {
		return this.#holders.get(id)?.route ?? this.#routes.get(id)?.deref();
	}

	/** The way to an ID, from now on known. */
	to(id: string, kind: string): Route {
		const holder = this.#holders.get(id);
		const known = this.known(id);
		const route = known ?? new Route(this.#kernel, id, kind);
		if (holder) holder.route = route;
		else if (!known) this.#remember(route);
		return route.named(kind);
	}

	/** The cell holds its ID no more: the way to it is remembered by those who use it. */
	release(cell: Cell): void {
		const { route } = cell;
		cell.route = undefined;
		if (route) this.#remember(route);
	}

	[Symbol.iterator](): IterableIterator<Route> {
		const kept = Array.from(this.#holders, ({ route }) => route);
		const remembered = Array.from(this.#routes.values(), (route) => route.deref());
		return new Set([...kept, ...remembered].filter((route) => route !== undefined)).values();
	}

	#remember(route: Route): void {
		const { id } = route;
		if (this.#routes.get(id)?.deref() === route) return;
		this.#routes.set(id, new WeakRef(route));
		this.#forgotten.register(route, id);
	}
}
