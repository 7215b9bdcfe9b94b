/**
 * What one incarnation of this node holds: IDs, claimed in the registry, and for actors with failover the recipes by which
 * others can spawn them. What becomes of an ID and its recipe when the actor ends here:
 *
 * | the actor | its ID | its recipe |
 * |---|---|---|
 * | has no failover | is free | |
 * | never started | is free | is removed |
 * | never started, and was to go on for another | waits for a successor | stays |
 * | has come to its end | is free | is removed |
 * | stops because its node leaves | waits for a successor | stays |
 * | is expelled, as its node was evicted | is another's, or soon will be | stays, or is the other's |
 */

import { isTroupeError, TroupeError } from '../core/errors.ts';
import type { Cell } from '../kernel/cell.ts';
import { STOPPED } from '../kernel/cell-state.ts';
import { expel } from '../kernel/ending.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { OwnLease } from './own-lease.ts';
import type { Plan, Recipes } from './recipes.ts';
import type { Claim, Registry } from './registry.ts';

const RELEASE_AGAIN = 500;

/** What the holdings are made of. */
export interface HoldingsParts {
	readonly kernel: Kernel;
	readonly registry: Registry;
	readonly recipes: Recipes;
	readonly lease: OwnLease;
	/** This node's incarnation. */
	readonly self: string;
}

/** An ID of an actor of this node. */
interface Holding {
	claim: Claim;
	/** Of an actor with failover. */
	readonly plan: Plan | undefined;
	/** The recipe's revision; 0 when nobody knows whether it was written. */
	recipe: number;
	/** It goes on for an actor of another node. */
	heir: boolean;
	started: boolean;
}

/** The IDs of one incarnation. */
export class Holdings {
	readonly #parts: HoldingsParts;
	readonly #holdings = new Map<Cell, Holding>();
	/** By ID: the end of the claim that was made last. */
	readonly #claiming = new Map<string, Promise<void>>();
	/** The life of the registry that everything here is entered in... */
	#entered: number;
	/** ...and one in which nothing here can be somebody else's already. */
	#rightful = Number.NaN;
	/** The life of which everybody here knows. */
	#told = Number.NaN;
	#leaving = false;
	#evicted = false;
	#closed = false;

	constructor(parts: HoldingsParts) {
		this.#parts = parts;
		this.#entered = parts.registry.life;
	}

	/**
	 * Claims the cell's ID for it; with a `plan`, for an actor with failover. `over` is the revision of the recipe of an actor
	 * that it is to go on for: if that has changed, somebody was faster, or there is nothing to go on with.
	 */
	async claim(cell: Cell, plan?: Plan, over?: number): Promise<void> {
		// Of two cells with one ID the former was stopped while it waited. What it is still given is not the other's.
		const before = this.#claiming.get(cell.id);
		const claiming = before ? before.then(() => this.#claim(cell, plan, over)) : this.#claim(cell, plan, over);
		const done = claiming.then(ignore, ignore);
		this.#claiming.set(cell.id, done);
		try {
			await claiming;
		} finally {
			if (this.#claiming.get(cell.id) === done) this.#claiming.delete(cell.id);
		}
	}

	async #claim(cell: Cell, plan: Plan | undefined, over: number | undefined): Promise<void> {
		const { registry, recipes, self, lease } = this.#parts;
		const wanted = (): boolean => cell.state !== STOPPED;
		if (plan) recipes.check(cell.id, plan);
		const granted = async (): Promise<Claim> => {
			try {
				return await registry.claim(cell.id, cell.kind, self, plan !== undefined, wanted);
			} catch (error) {
				throw wanted() ? error : stopped(cell);
			}
		};
		const holding: Holding = { claim: await granted(), plan, recipe: 0, heir: over !== undefined, started: false };
		for (;;) {
			if (plan) await this.#enter(holding, plan, over);
			if (this.#evicted)
				throw new TroupeError('ERR_EVICTED', `this node was evicted while it claimed '${cell.id}': try again`);
			// Somebody has stopped it, and did not have the patience to wait for its start.
			if (!wanted()) {
				await this.#giveBack(holding).catch(() => void this.#giveBackLater(holding));
				throw stopped(cell);
			}
			if (registry.current(holding.claim)) break;
			// Lost with the registry before it was of any use: to claim it again may take a while, and somebody else may have it.
			holding.claim = await granted();
		}
		this.#holdings.set(cell, holding);
		cell.tenure = lease;
	}

	/** The actor has started: from now on, others go on with it when this node is gone. */
	started(cell: Cell): void {
		const holding = this.#holdings.get(cell);
		if (holding) holding.started = true;
	}

	/** The actors with failover, and their plans. */
	lasting(): [Cell, Plan][] {
		return [...this.#holdings].flatMap(([cell, { plan }]) => (plan ? [[cell, plan]] : []));
	}

	/** The actor has ended. Never rejects. */
	async release(cell: Cell): Promise<void> {
		const holding = this.#holdings.get(cell);
		this.#holdings.delete(cell);
		if (!holding) return;
		try {
			await this.#giveBack(holding);
		} catch {
			void this.#giveBackLater(holding);
		}
	}

	/** This node takes leave: from now on, who ends here goes on elsewhere. */
	leaving(): void {
		this.#leaving = true;
	}

	/** Ends what goes on in the background. */
	close(): void {
		this.#closed = true;
	}

	/** The others have given this incarnation up: nothing is its own any more. Returns whose IDs it had. */
	forfeit(): Cell[] {
		this.#evicted = true;
		this.#closed = true;
		const cells = [...this.#holdings.keys()];
		this.#holdings.clear();
		return cells;
	}

	/**
	 * Makes sure that what lives here is in the registry as it now is, and resolves to the life that this is: before each
	 * renewal of the lease, since an ID that is not may be given to somebody else. When the registry has been lost with
	 * JetStream's state, what lives here is entered again; somebody who was faster has the ID.
	 *
	 * Rejects when this cannot be done, or not yet: whose lease does not hold may have been evicted in
	 * what was lost, and lets all others enter what they have first. Who comes later than that has nothing any more:
	 * `ERR_EVICTED`. So has who was asleep for a lease, as those who evicted him may have gone with what was lost.
	 * `lost` is called before anything is entered.
	 */
	async enter(lease: Pick<OwnLease, 'holds' | 'look'>, lost: () => Promise<void>): Promise<number> {
		const { kernel, registry } = this.#parts;
		const { life, settled, until } = await registry.look();
		if (life === this.#entered) return life;
		// Whoever was not evicted in what was lost is not any more.
		if (lease.holds()) this.#rightful = life;
		else if (lease.look()) throw tooLate();
		const inTime = (): boolean => this.#rightful === life || kernel.clock.now() < until;
		if (settled && !inTime()) throw tooLate();
		if (this.#told !== life) await lost();
		this.#told = life;
		if (!settled && this.#rightful !== life)
			throw new TroupeError('ERR_CLAIM_UNAVAILABLE', 'the registry was lost, and others may still act');
		await this.#enterAll(life);
		if (!inTime()) throw tooLate();
		if (registry.life !== life)
			throw new TroupeError('ERR_CLAIM_UNAVAILABLE', 'the registry was lost once more: try again');
		this.#entered = life;
		return life;
	}

	async #enterAll(life: number): Promise<void> {
		const { kernel, registry } = this.#parts;
		let failure: unknown;
		await Promise.all(
			[...this.#holdings].map(async ([cell, holding]) => {
				if (registry.current(holding.claim) && (!holding.plan || holding.recipe > 0)) return;
				try {
					await this.#again(cell, holding, life);
				} catch (error) {
					if (!isTroupeError(error) || error.code !== 'ERR_ID_TAKEN') {
						failure = error;
						return;
					}
					if (!this.#holdings.delete(cell)) return;
					const message = `'${cell.id}' stops here: when the registry was lost, somebody else was given its ID`;
					kernel.warn('ID_LOST', message, { actor: cell.id, error });
					void expel(cell);
				}
			}),
		);
		if (failure) throw failure;
	}

	async #again(cell: Cell, holding: Holding, life: number): Promise<void> {
		const { registry, recipes, self } = this.#parts;
		const { plan } = holding;
		holding.recipe = 0;
		if (!registry.current(holding.claim)) {
			const claim = await registry.claimAgain(holding.claim, self, plan !== undefined, life);
			holding.claim = claim;
			// It has ended meanwhile, and what it gave back was lost before.
			if (!this.#holdings.has(cell)) return this.#giveBack(holding);
		}
		if (plan) holding.recipe = (await recipes.write(cell.id, plan, self)) ?? 0;
	}

	/** Writes the recipe of what has been claimed; when that fails, the claim is given back. */
	async #enter(holding: Holding, plan: Plan, over: number | undefined): Promise<void> {
		const { recipes, self } = this.#parts;
		const { id } = holding.claim;
		try {
			const revision = await recipes.write(id, plan, self, over);
			if (revision === undefined)
				throw new TroupeError('ERR_ID_TAKEN', `another node goes on with '${id}', or it has ended`, { actor: id });
			holding.recipe = revision;
		} catch (error) {
			// What has a recipe is to be spawned by somebody; what has none has ended.
			if (holding.heir) holding.heir = await recipes.find(id).then(Boolean, () => true);
			if (!this.#evicted) await this.#giveBack(holding).catch(() => this.#giveBackLater(holding));
			throw error;
		}
	}

	async #giveBack({ claim, plan, recipe, heir, started }: Holding): Promise<void> {
		const { registry, recipes, self } = this.#parts;
		if (plan && (started ? this.#leaving : heir)) {
			await registry.vacate(claim);
			return;
		}
		// First the recipe: if this node dies in between, nobody spawns what has ended.
		if (plan) await recipes.remove(claim.id, self, recipe);
		await registry.release(claim);
	}

	async #giveBackLater(holding: Holding): Promise<void> {
		while (!this.#closed) {
			await new Promise<void>((resolve) => this.#parts.kernel.clock.after(RELEASE_AGAIN, resolve));
			try {
				return await this.#giveBack(holding);
			} catch {
				// Until then the ID is held by a living node without an actor; messages to it come back as "not here".
			}
		}
	}
}

function tooLate(): TroupeError {
	return new TroupeError(
		'ERR_EVICTED',
		'this node was asleep, or away, when the registry was lost, or for a lease after that',
	);
}

function stopped({ id }: Cell): TroupeError {
	return new TroupeError('ERR_STOPPED', `'${id}' was stopped before it started`, { actor: id });
}

function ignore(): void {}
