/**
 * How to spawn an actor again when its node is gone: one recipe per ID of an actor with failover, in a bucket of its own.
 * It is written when the ID has been claimed, names the node that has the actor, and is removed when the actor ends for
 * good; so a recipe whose node is gone is an actor that somebody has to spawn. Each write is a compare-and-set.
 */

import { v7 as uuid } from 'uuid';
import type { Codec } from '../codec/codec.ts';
import { decodeToken, encodeToken } from '../core/address.ts';
import { MAX_RECIPE } from '../core/config.ts';
import { TroupeError } from '../core/errors.ts';
import type { SpawnOptions } from '../kernel/spawn-options.ts';
import type { KvEntry } from './kv.ts';
import type { LastingBucket } from './lasting-bucket.ts';
import { type Placement, placementOf } from './placement.ts';

/** What to spawn, and where it may be. */
export interface Plan {
	readonly kind: string;
	/** As in `system.spawn`. */
	readonly on: Placement | undefined;
	/** Without the ID. */
	readonly options: SpawnOptions;
}

/** A plan, as it stands in the bucket. */
export interface Recipe extends Plan {
	readonly id: string;
	/** The node that has the actor. */
	readonly node: string;
	readonly revision: number;
}

/** The table of recipes. The bucket is opened when it is first needed: most clusters have no actor with failover. */
export class Recipes {
	readonly #open: () => Promise<LastingBucket>;
	readonly #codec: Codec;
	#bucket: Promise<LastingBucket> | undefined;

	constructor(open: () => Promise<LastingBucket>, codec: Codec) {
		this.#open = open;
		this.#codec = codec;
	}

	/** `ERR_NOT_ENCODABLE` or `ERR_TOO_LARGE` when the plan cannot travel. */
	check(id: string, plan: Plan): void {
		this.#encode(id, plan, '');
	}

	/**
	 * Enters the node that has the actor, whatever is there or, with `over`, only in the place of that revision. Resolves to
	 * the revision, or `undefined` when something else is there.
	 */
	async write(id: string, plan: Plan, node: string, over?: number): Promise<number | undefined> {
		const bucket = await this.#opened();
		const key = encodeToken(id);
		const value = this.#encode(id, plan, node);
		try {
			if (over !== undefined) return await bucket.update(key, value, over);
			for (;;) {
				const entry = await bucket.get(key);
				const revision = await (entry ? bucket.update(key, value, entry.revision) : bucket.create(key, value));
				if (revision !== undefined) return revision;
			}
		} catch (unknown) {
			const entry = await bucket.get(key).catch(() => undefined);
			if (entry && Buffer.compare(entry.value, value) === 0) return entry.revision;
			throw unknown;
		}
	}

	/** The recipe of an ID. */
	async find(id: string): Promise<Recipe | undefined> {
		const entry = await (await this.#opened()).get(encodeToken(id));
		return entry && this.#read(entry);
	}

	/** All of them. */
	async all(): Promise<Recipe[]> {
		const entries = await (await this.#opened()).entries();
		return entries.flatMap((entry) => this.#read(entry) ?? []);
	}

	/** Removes the recipe of that revision, if it still is; with 0, of whatever revision, if it is that node's. */
	async remove(id: string, node: string, revision: number): Promise<void> {
		const own = revision > 0 ? { node, revision } : await this.find(id);
		if (own?.node === node) await (await this.#opened()).remove(encodeToken(id), own.revision);
	}

	/** Moves on to the bucket's new life, if it has one: what is read in the old one is nothing. */
	async lookAgain(): Promise<void> {
		await (await this.#bucket)?.lookAgain();
	}

	#opened(): Promise<LastingBucket> {
		this.#bucket ??= this.#open().catch((error) => {
			this.#bucket = undefined;
			throw error;
		});
		return this.#bucket;
	}

	/** With a token, so that a write whose answer was lost can be told from one of somebody else. */
	#encode(id: string, { kind, on, options }: Plan, node: string): Uint8Array {
		const value = this.#codec.encode([node, kind, on ?? null, uuid(), options]);
		if (value.length <= MAX_RECIPE) return value;
		throw new TroupeError(
			'ERR_TOO_LARGE',
			`the options of '${id}' have ${value.length} bytes: with failover at most ${MAX_RECIPE} are allowed; keep what is large elsewhere and give its name`,
			{ actor: id },
		);
	}

	/** `undefined` for what is no recipe: nobody can spawn anything by it. */
	#read({ key, value, revision }: KvEntry): Recipe | undefined {
		try {
			const [node, kind, on, , options] = this.#codec.decode(value) as unknown[];
			if (typeof node !== 'string' || typeof kind !== 'string' || typeof options !== 'object' || options === null)
				return undefined;
			const where = on === null ? undefined : (on as Placement);
			placementOf(where);
			return { id: decodeToken(key), node, kind, on: where, options, revision };
		} catch {
			return undefined;
		}
	}
}
