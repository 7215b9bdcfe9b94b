/**
 * Who owns which ID. One record per ID, made by compare-and-set and owned under its node's lease, so that nothing is
 * done per actor to keep it alive. Reads are hints. A record is removed by its exact revision and leaves no marker.
 *
 * An epoch is the record's revision in a bucket that lasts: it rises with every claim, and goes on rising when JetStream's
 * state is lost. An ID without a record is free in a life of the bucket that is settled, and nobody's to give before.
 */

import { v7 as uuid } from 'uuid';
import type { Codec } from '../codec/codec.ts';
import { decodeToken, encodeToken } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import type { KvEntry } from './kv.ts';
import type { LastingBucket } from './lasting-bucket.ts';
import type { Life, Settlement } from './settlement.ts';

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
/** Between looks for claims that came too late, in ms. */
const RETRY = 1_000;
/** So many looks that worked settle the matter: a write that is not there by then was dropped. */
const LOOKS = 3;
/** Claims to look for at a time; the oldest beyond that stay, if they are there, until this node claims the ID again or goes. */
const DOUBTS = 4_096;
/** Between looks whether an ID is free in a life of the registry that is not settled, in ms. */
const SETTLING = 250;

/** The table of IDs. */
export class Registry {
	readonly #bucket: LastingBucket;
	readonly #settlement: Settlement;
	readonly #codec: Codec;
	readonly #clock: Clock;
	readonly #living: Living;
	/** Tokens of claims whose outcome is not known, by key, and how often each has been looked for. */
	readonly #doubts = new Map<string, { readonly key: string; looks: number }>();
	#looking = false;
	#closed = false;

	constructor(bucket: LastingBucket, settlement: Settlement, codec: Codec, clock: Clock, living: Living) {
		this.#bucket = bucket;
		this.#settlement = settlement;
		this.#codec = codec;
		this.#clock = clock;
		this.#living = living;
	}

	/**
	 * Claims an ID for `node`. A dead holder is replaced; a living one means `ERR_ID_TAKEN`. Where the registry has been
	 * lost, this waits until holders have entered what they hold again. An attempt whose outcome is not known is resolved
	 * by reading back its token. `failover`: another node is to spawn the actor again. `wanted`: otherwise it is given up.
	 */
	claim(id: string, kind: string, node: string, failover = false, wanted = (): boolean => true): Promise<Claim> {
		return this.#claim(id, kind, node, failover, () => {
			if (this.#closed || !wanted()) throw givenUp(id);
			return this.#settlement.free();
		});
	}

	/** Enters in that life of the registry what the node has held since an earlier one. Otherwise as a claim. */
	claimAgain({ id, kind }: Claim, node: string, failover: boolean, life: number): Promise<Claim> {
		return this.#claim(id, kind, node, failover, async () => {
			if (this.#bucket.created === life) return life;
			throw new TroupeError('ERR_CLAIM_UNAVAILABLE', `the registry was lost once more: '${id}' is not in it yet`);
		});
	}

	async #claim(
		id: string,
		kind: string,
		node: string,
		failover: boolean,
		free: () => Promise<number | undefined>,
	): Promise<Claim> {
		const key = encodeToken(id);
		const token = uuid();
		const value = this.#codec.encode(failover ? [node, kind, token, true] : [node, kind, token]);
		for (;;) {
			const life = await free();
			if (life !== undefined) {
				const epoch = await this.#attempt(key, token, () => this.#bucket.create(key, value, life), life);
				if (epoch !== undefined) return { id, kind, epoch };
			}
			const entry = await this.#bucket.get(key);
			if (!entry) {
				if (life === undefined) await this.#pause(SETTLING);
				continue;
			}
			const holder = this.#read(entry);
			if (holder && holder.node !== node && !(await this.#dead(holder.node)))
				throw new TroupeError(
					'ERR_ID_TAKEN',
					`'${id}' is taken by a ${holder.kind} on node ${holder.node}: stop it there or choose another ID (if that node has died: its IDs are free once it is declared dead, in seconds)`,
					{ actor: id, node: holder.node },
				);
			// Our own record without an actor is left over from a release that never got through.
			const epoch = await this.#attempt(key, token, () => this.#bucket.update(key, value, entry.revision));
			if (epoch !== undefined) return { id, kind, epoch };
		}
	}

	/** The present life. Rejects when the store is out of reach. */
	look(): Promise<Life> {
		return this.#settlement.look();
	}

	/** Whether an ID without a record is nobody's: otherwise who held it may not have entered it again. */
	async settled(): Promise<boolean> {
		await this.#settlement.look();
		return (await this.#settlement.free()) !== undefined;
	}

	/** The present life, as far as is known. */
	get life(): number {
		return this.#bucket.created;
	}

	/** Whether a claim is of the present life; otherwise the registry has been lost since. */
	current({ epoch }: Claim): boolean {
		return this.#bucket.current(epoch);
	}

	/** What is known of an ID. */
	async find(id: string): Promise<Record | undefined> {
		const entry = await this.#bucket.get(encodeToken(id));
		const stored = entry && this.#read(entry);
		if (!stored) return undefined;
		const { node, kind, failover } = stored;
		return { node, kind, epoch: entry.revision, failover };
	}

	/** Ends what goes on in the background. */
	close(): void {
		this.#closed = true;
	}

	/** Gives an ID back; `false` when somebody else has taken it over. */
	release(claim: Claim): Promise<boolean> {
		return this.#bucket.remove(encodeToken(claim.id), claim.epoch);
	}

	/** Leaves an ID to whoever is first to claim it; until then it counts as an actor's that moves. `false` as above. */
	async vacate({ id, kind, epoch }: Claim): Promise<boolean> {
		const value = this.#codec.encode([NOBODY, kind, uuid(), true]);
		return (await this.#bucket.update(encodeToken(id), value, epoch)) !== undefined;
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
			return stored && id !== undefined ? [{ id, node: stored.node, kind: stored.kind, epoch: entry.revision }] : [];
		});
		const living = new Map<string, boolean>();
		for (const { node } of records) if (!living.has(node)) living.set(node, await this.alive(node));
		return records.filter(({ node }) => living.get(node));
	}

	async #dead(node: string): Promise<boolean> {
		return node === NOBODY || (await this.#living.dead(node));
	}

	/** A write whose outcome is not known has happened if its token is there to be read. With its `life` it is over for good. */
	async #attempt(
		key: string,
		token: string,
		write: () => Promise<number | undefined>,
		life?: number,
	): Promise<number | undefined> {
		try {
			return await write();
		} catch (unknown) {
			const entry = await this.#bucket.get(key).catch(() => undefined);
			if (entry && this.#read(entry)?.token === token) return entry.revision;
			if (life !== undefined && life !== this.#bucket.created && !this.#closed) return undefined;
			this.#doubt(key, token);
			throw unknown;
		}
	}

	/** The write may still arrive after its claimant has given up, and nobody must hold an ID without an actor. */
	#doubt(key: string, token: string): void {
		const [oldest] = this.#doubts.keys();
		if (oldest !== undefined && this.#doubts.size >= DOUBTS) this.#doubts.delete(oldest);
		this.#doubts.set(token, { key, looks: 0 });
		if (!this.#looking) void this.#disown();
	}

	async #disown(): Promise<void> {
		this.#looking = true;
		while (this.#doubts.size > 0) {
			await this.#pause(RETRY);
			for (const [token, doubt] of [...this.#doubts]) {
				// What an unreachable store holds in our name ends with our lease.
				if (this.#closed) return;
				try {
					const entry = await this.#bucket.get(doubt.key);
					const late = entry && this.#read(entry)?.token === token;
					if (late) await this.#bucket.remove(doubt.key, entry.revision);
					if (late || ++doubt.looks === LOOKS) this.#doubts.delete(token);
				} catch {
					// Out of reach, and so are the others.
					break;
				}
			}
		}
		this.#looking = false;
	}

	#pause(delay: number): Promise<void> {
		return new Promise((resolve) => void this.#clock.after(delay, resolve, true));
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

function givenUp(id: string): TroupeError {
	const message = `'${id}' was stopped, or this node left or was evicted, while it waited for the ID`;
	return new TroupeError('ERR_CLAIM_UNAVAILABLE', message, { actor: id });
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
