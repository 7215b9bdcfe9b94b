/**
 * Who spawns an actor with failover again when its node is gone. Every node that hosts its class and that its `on` means
 * reads the recipes, and ranks itself; the first tries at once, the next waits two seconds for each before it. Nobody has
 * to agree: the claim of the ID decides, and the recipe, taken over by compare-and-set after the claim, says that the
 * actor had not ended meanwhile.
 *
 * | the recipe | the ID | |
 * |---|---|---|
 * | names a living node | | nothing to do |
 * | names a node that is gone | nobody's, or its | claim, take the recipe over, start |
 * | names a node that is gone | a successor's, which has not yet entered itself | look again |
 * | names a node that is gone | an actor's without failover | the recipe is of no use any more |
 */

import type { Clock } from '../core/clock.ts';
import { isTroupeError } from '../core/errors.ts';
import type { NodeInfo } from '../core/node-info.ts';
import { placementOf, preferred } from './placement.ts';
import type { Plan, Recipe, Recipes } from './recipes.ts';
import type { Registry } from './registry.ts';

/** How long each of those before it in the ranking has, in ms. */
const STEP = 2_000;
/** First and longest wait after a failed attempt, in ms. */
const FIRST_RETRY = 500;
const LONGEST_RETRY = 5_000;
/** Between attempts to read the recipes, in ms. */
const READ_AGAIN = 1_000;
/** Actors without a host that have been told of; of more than these, some may be told of again. */
const TOLD = 1_024;

/** What it needs to know of its node and the cluster. */
export interface FailoverParts {
	readonly clock: Clock;
	readonly recipes: Recipes;
	readonly registry: Registry;
	/** This node's incarnation. */
	readonly self: string;
	readonly members: () => readonly NodeInfo[];
	/** Whether this node hosts any class. */
	readonly hosting: boolean;
	/** Whether an actor of this node has the ID. */
	readonly has: (id: string) => boolean;
	/** Spawns the actor here, in the place of the one of the recipe. */
	readonly revive: (recipe: Recipe) => Promise<void>;
	/** An attempt has failed, and there will be another. */
	readonly failed: (recipe: Recipe, error: unknown) => void;
	/** The actor's node is gone, and no member may have it. */
	readonly unhosted: (recipe: Recipe) => void;
}

/** An actor that this node is after. */
interface Pursuit {
	/** A living node that gives it up. */
	from: string | undefined;
	/** Ends the present wait. */
	hurry: () => void;
}

/** One node's part in the failover of all. */
export class Failover {
	readonly #parts: FailoverParts;
	/** By the IDs that this node is after. */
	readonly #pursuits = new Map<string, Pursuit>();
	/** IDs of actors that no member may have, as far as they have been told of. */
	readonly #unhosted = new Set<string>();
	#looking = false;
	#lookAgain = false;
	#closed = false;

	constructor(parts: FailoverParts) {
		this.#parts = parts;
	}

	/** The nodes that may have the actor, in the order in which they try to. */
	candidates({ kind, on }: Plan, id: string): readonly NodeInfo[] {
		const among = placementOf(on);
		const able = this.#parts.members().filter((node) => node.kinds.includes(kind) && among(node));
		return preferred(able, id);
	}

	/** A node has gone, or this one has come: looks for actors that have none. Never rejects. */
	async look(): Promise<void> {
		this.#lookAgain = true;
		if (this.#looking || !this.#parts.hosting) return;
		this.#looking = true;
		while (this.#lookAgain && !this.#closed) {
			this.#lookAgain = false;
			try {
				await this.#lookOnce();
			} catch {
				this.#lookAgain = true;
				await this.#wait(READ_AGAIN);
			}
		}
		this.#looking = false;
	}

	/** The node that has the actor leaves, and asks this one to go on with it; `false` when it cannot. */
	adopt(id: string, from: string): boolean {
		if (this.#closed || !this.#parts.hosting) return false;
		void this.#pursue(id, 0, from);
		return true;
	}

	/** Takes nothing over any more. */
	close(): void {
		this.#closed = true;
		for (const { hurry } of this.#pursuits.values()) hurry();
	}

	async #lookOnce(): Promise<void> {
		const { recipes, registry, self } = this.#parts;
		const alive = new Map<string, boolean>();
		for (const recipe of await recipes.all()) {
			const { id, node } = recipe;
			if (!alive.has(node)) alive.set(node, await registry.alive(node));
			if (alive.get(node)) continue;
			const able = this.candidates(recipe, id);
			const rank = able.findIndex((one) => one.id === self);
			if (rank >= 0) void this.#pursue(id, rank * STEP);
			if (able.length > 0) this.#unhosted.delete(id);
			else if (this.#speaks()) this.#tell(recipe);
		}
	}

	/** One of those who read the recipes tells of what is in them. */
	#speaks(): boolean {
		const { members, self } = this.#parts;
		return members().every(({ id, kinds }) => kinds.length === 0 || id >= self);
	}

	#tell(recipe: Recipe): void {
		if (this.#unhosted.has(recipe.id)) return;
		if (this.#unhosted.size === TOLD) this.#unhosted.clear();
		this.#unhosted.add(recipe.id);
		this.#parts.unhosted(recipe);
	}

	/** Tries until the actor has a node, whoever it is. */
	async #pursue(id: string, wait: number, from?: string): Promise<void> {
		const known = this.#pursuits.get(id);
		if (known) {
			known.from ??= from;
			if (wait === 0) known.hurry();
			return;
		}
		const pursuit: Pursuit = { from, hurry() {} };
		this.#pursuits.set(id, pursuit);
		if (wait > 0) await this.#wait(wait, pursuit);
		for (let delay = FIRST_RETRY; !this.#closed; delay = Math.min(delay * 2, LONGEST_RETRY)) {
			if (await this.#attempt(id, pursuit)) break;
			await this.#wait(delay, pursuit);
		}
		this.#pursuits.delete(id);
	}

	/** Whether there is nothing more to do. */
	async #attempt(id: string, pursuit: Pursuit): Promise<boolean> {
		const { recipes, registry, revive, failed, self } = this.#parts;
		let recipe: Recipe | undefined;
		try {
			recipe = await recipes.find(id);
			if (!recipe || this.#closed) return true;
			if (!this.candidates(recipe, id).some((node) => node.id === self)) return true;
			const forsaken = recipe.node === pursuit.from || (recipe.node === self && !this.#parts.has(id));
			if (!forsaken && (await registry.alive(recipe.node))) return true;
			await revive(recipe);
			return true;
		} catch (error) {
			if (!recipe) return false;
			if (isTroupeError(error) && error.code === 'ERR_ID_TAKEN') return this.#obsolete(recipe);
			if (!this.#closed) failed(recipe, error);
			return false;
		}
	}

	/** The ID is taken. By an actor without failover: then the one of the recipe has been given up. */
	async #obsolete(recipe: Recipe): Promise<boolean> {
		const { recipes, registry } = this.#parts;
		try {
			const holder = await registry.find(recipe.id);
			if (!holder || holder.failover || !(await registry.alive(holder.node))) return false;
			await recipes.remove(recipe.id, recipe.node, recipe.revision);
			return true;
		} catch {
			return false;
		}
	}

	#wait(delay: number, pursuit?: Pursuit): Promise<void> {
		return new Promise((resolve) => {
			const cancel = this.#parts.clock.after(delay, resolve, true);
			if (!pursuit) return;
			pursuit.hurry = () => {
				cancel();
				resolve();
			};
		});
	}
}
