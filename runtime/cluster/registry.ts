/**
 * Who owns which ID. One record per ID, made by compare-and-set and owned under its node's lease, so that nothing is
 * done per actor to keep it alive. Reads are hints. A record is removed by its exact revision and leaves no marker.
 *
 * An epoch is the bucket's creation time in microseconds plus the record's revision: it rises with every claim, and
 * goes on rising when JetStream's state is lost and the revisions begin again, as no store makes a write a microsecond.
 */

import { v7 as uuid } from 'uuid';
import type { Codec } from '../codec/codec.ts';
import { decodeToken, encodeToken } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import type { Bucket, KvEntry } from './kv.ts';

/** What the registry says of an ID. */
export interface Record {
	readonly node: string;
	readonly kind: string;
	readonly epoch: number;
	/** Another node spawns the actor again when this one is gone. */
	readonly failover: boolean;
}

/** A right to an ID, as granted. */
export interface Claim {
	readonly id: string;
	readonly kind: string;
	readonly revision: number;
	readonly epoch: number;
}

/** What the registry asks of the membership. */
export interface Living {
	/** Whether a node seems to be a member: a hint. */
	alive(node: string): Promise<boolean>;
	/** Whether a node is dead beyond doubt; otherwise its lease must be respected. */
	dead(node: string): Promise<boolean>;
}

interface Stored {
	readonly node: string;
	readonly kind: string;
	readonly token: string;
	readonly failover: boolean;
}

/** The holder of an ID that waits for a successor. It is no node's ID. */
const NOBODY = '';
/** Between looks for a claim that came too late, in ms. */
const RETRY = 1_000;
/** So many looks that worked settle the matter: a write that is not there by then was dropped. */
const LOOKS = 3;

/** The table of IDs. */
export class Registry {
	readonly #bucket: Bucket;
	readonly #codec: Codec;
	readonly #clock: Clock;
	readonly #living: Living;
	#closed = false;

	constructor(bucket: Bucket, codec: Codec, clock: Clock, living: Living) {
		this.#bucket = bucket;
		this.#codec = codec;
		this.#clock = clock;
		this.#living = living;
	}

	/**
	 * Claims an ID for `node`. A dead holder is replaced; a living one means `ERR_ID_TAKEN`. An attempt whose outcome is
	 * not known is resolved by reading back its token. `failover`: another node is to spawn the actor again.
	 */
	async claim(id: string, kind: string, node: string, failover = false): Promise<Claim> {
		const key = encodeToken(id);
		const token = uuid();
		const value = this.#codec.encode(failover ? [node, kind, token, true] : [node, kind, token]);
		for (;;) {
			const revision = await this.#attempt(key, token, () => this.#bucket.create(key, value));
			if (revision !== undefined) return this.#granted(id, kind, revision);
			const entry = await this.#bucket.get(key);
			if (!entry) continue;
			const holder = this.#read(entry);
			if (holder && holder.node !== node && !(await this.#dead(holder.node)))
				throw new TroupeError(
					'ERR_ID_TAKEN',
					`'${id}' is taken by a ${holder.kind} on node ${holder.node}: stop it there or choose another ID (if that node has died: its IDs are free once it is declared dead, in seconds)`,
					{ actor: id, node: holder.node },
				);
			// Our own record without an actor is left over from a release that never got through.
			const taken = await this.#attempt(key, token, () => this.#bucket.update(key, value, entry.revision));
			if (taken !== undefined) return this.#granted(id, kind, taken);
		}
	}

	/** What is known of an ID. */
	async find(id: string): Promise<Record | undefined> {
		const entry = await this.#bucket.get(encodeToken(id));
		const stored = entry && this.#read(entry);
		if (!stored) return undefined;
		const { node, kind, failover } = stored;
		return { node, kind, epoch: this.#epoch(entry.revision), failover };
	}

	/** Ends what goes on in the background. */
	close(): void {
		this.#closed = true;
	}

	/** Gives an ID back; `false` when somebody else has taken it over. */
	release(claim: Claim): Promise<boolean> {
		return this.#bucket.remove(encodeToken(claim.id), claim.revision);
	}

	/** Leaves an ID to whoever is first to claim it; until then it counts as an actor's that moves. `false` as above. */
	async vacate({ id, kind, revision }: Claim): Promise<boolean> {
		const value = this.#codec.encode([NOBODY, kind, uuid(), true]);
		return (await this.#bucket.update(encodeToken(id), value, revision)) !== undefined;
	}

	/** Whether the node of a record seems to be alive: a hint. */
	async alive(node: string): Promise<boolean> {
		return node !== NOBODY && (await this.#living.alive(node));
	}

	/** All records whose nodes are alive, for people. */
	async all(): Promise<(Omit<Record, 'failover'> & { readonly id: string })[]> {
		const entries = await this.#bucket.entries();
		const records = entries.flatMap((entry) => {
			const stored = this.#read(entry);
			const id = idOf(entry);
			return stored && id !== undefined
				? [{ id, node: stored.node, kind: stored.kind, epoch: this.#epoch(entry.revision) }]
				: [];
		});
		const living = new Map<string, boolean>();
		for (const { node } of records) if (!living.has(node)) living.set(node, await this.alive(node));
		return records.filter(({ node }) => living.get(node));
	}

	#granted(id: string, kind: string, revision: number): Claim {
		return { id, kind, revision, epoch: this.#epoch(revision) };
	}

	async #dead(node: string): Promise<boolean> {
		return node === NOBODY || (await this.#living.dead(node));
	}

	#epoch(revision: number): number {
		return Math.round(this.#bucket.created * 1_000) + revision;
	}

	/** A write whose outcome is not known has happened if its token is there to be read. */
	async #attempt(key: string, token: string, write: () => Promise<number | undefined>): Promise<number | undefined> {
		try {
			return await write();
		} catch (unknown) {
			const entry = await this.#bucket.get(key).catch(() => undefined);
			if (entry && this.#read(entry)?.token === token) return entry.revision;
			void this.#disown(key, token);
			throw unknown;
		}
	}

	/** The write may still arrive after its claimant has given up, and nobody must hold an ID without an actor. */
	async #disown(key: string, token: string): Promise<void> {
		for (let looks = 0; looks < LOOKS; ) {
			await new Promise<void>((resolve) => this.#clock.after(RETRY, resolve, true));
			try {
				const entry = await this.#bucket.get(key);
				if (entry && this.#read(entry)?.token === token) await this.#bucket.remove(key, entry.revision);
				looks++;
			} catch {
				// Out of reach: look again. What an unreachable store holds in our name ends with our lease.
				if (this.#closed) return;
			}
		}
	}

	#read(entry: KvEntry): Stored | undefined {
		try {
			const [node, kind, token, failover] = this.#codec.decode(entry.value) as unknown[];
			if (typeof node === 'string' && typeof kind === 'string' && typeof token === 'string')
				return { node, kind, token, failover: failover === true };
		} catch {
			// Not ours: whoever wrote it does not own the ID, and the next claim replaces it.
		}
		return undefined;
	}
}

/** `undefined` for a key that no ID has: somebody else's. */
function idOf({ key }: KvEntry): string | undefined {
	try {
		const id = decodeToken(key);
		return encodeToken(id) === key ? id : undefined;
	} catch {
		return undefined;
	}
}
