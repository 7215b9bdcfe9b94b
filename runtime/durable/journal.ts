/**
 * How far one durable mailbox has been handled, on record where every owner of the actor finds it. Each write is a
 * compare-and-set on the one before, and whoever takes the actor over writes first: so what an earlier owner still has to
 * say, asleep as it may have been, is refused.
 */

import type { LastingBucket } from '../cluster/lasting-bucket.ts';
import { TroupeError } from '../core/errors.ts';

/** An attempt that came to nothing. */
export interface Failure {
	/** In milliseconds since the Unix epoch, by the clock of its node. */
	readonly at: number;
	readonly node: string;
	readonly code: string;
	readonly message: string;
}

/** Which message is next, and what became of it so far. */
export interface Place {
	/** The value of the stream... */
	readonly sequence: number;
	/** ...the message in it... */
	readonly index: number;
	/** ...how many attempts it has failed... */
	readonly attempts: number;
	/** ...and the last of them. */
	readonly failures: readonly Failure[];
}

/** What the last owner has left. */
export interface Inheritance extends Place {
	/** It was not seen to its end: what was in hand then may have been the end of it. */
	readonly unclean: boolean;
	/** The node that it acted on. */
	readonly node: string;
}

/** Failures that are kept with a message: a record has to fit into one message of NATS, however often it is tried. */
const REMEMBERED = 16;

interface Record {
	/** Of the stream that the place is in. */
	readonly life: number;
	readonly place: Place;
	readonly node: string;
	readonly open: boolean;
}

/** The beginning. */
export const START: Place = fresh(0, 0);

/** A message that nobody has tried yet. */
export function fresh(sequence: number, index: number): Place {
	return { sequence, index, attempts: 0, failures: [] };
}

/** The message after another attempt. */
export function failed({ attempts, failures, ...at }: Place, failure: Failure): Place {
	return { ...at, attempts: attempts + 1, failures: [...failures, failure].slice(-REMEMBERED) };
}

/** Somebody else owns the actor by now. */
export class Superseded extends TroupeError {
	constructor(actor: string) {
		super('ERR_STALE_EPOCH', `another owner acts for '${actor}': what this one has to say of its mailbox is refused`, {
			actor,
		});
	}
}

/** The record of one mailbox, for one owner. */
export class Journal {
	readonly #bucket: LastingBucket;
	readonly #key: string;
	readonly #actor: string;
	readonly #node: string;
	#revision = 0;

	constructor(bucket: LastingBucket, key: string, actor: string, node: string) {
		this.#bucket = bucket;
		this.#key = key;
		this.#actor = actor;
		this.#node = node;
	}

	/** What is on record of a stream with that life. */
	async read(life: number): Promise<Inheritance | undefined> {
		const entry = await this.#bucket.get(this.#key);
		this.#revision = entry?.revision ?? 0;
		const record = entry && parsed(entry.value);
		if (record?.life !== life) return undefined;
		return { ...record.place, unclean: record.open, node: record.node };
	}

	/** Takes over, with what has been {@link read}; `false` when that has changed since: read again. */
	async begin(life: number, place: Place): Promise<boolean> {
		return this.#put({ life, place, node: this.#node, open: true });
	}

	/** @throws Superseded when another has taken over. */
	async write(life: number, place: Place): Promise<void> {
		if (!(await this.#put({ life, place, node: this.#node, open: true }))) throw new Superseded(this.#actor);
	}

	/** The owner comes to its end: the next one begins at that place, or, where nothing is to be said, at what it finds. */
	async end(life: number, place: Place | undefined): Promise<void> {
		if (place) await this.#put({ life, place, node: this.#node, open: false });
		else await this.#bucket.remove(this.#key, this.#revision);
	}

	async #put(record: Record): Promise<boolean> {
		const value = Buffer.from(JSON.stringify(record));
		let revision = await this.#write(value);
		// A write whose answer was lost is refused the second time; then it is there.
		if (revision === undefined) {
			const entry = await this.#bucket.get(this.#key);
			if (entry && Buffer.compare(entry.value, value) === 0) revision = entry.revision;
		}
		if (revision === undefined) return false;
		this.#revision = revision;
		return true;
	}

	#write(value: Uint8Array): Promise<number | undefined> {
		return this.#revision === 0
			? this.#bucket.create(this.#key, value)
			: this.#bucket.update(this.#key, value, this.#revision);
	}
}

/** What others have written may be anything. */
function parsed(value: Uint8Array): Record | undefined {
	try {
		const record = JSON.parse(Buffer.from(value).toString()) as Record;
		const { sequence, index, attempts, failures } = record.place;
		const sound = [sequence, index, attempts].every(Number.isSafeInteger) && Array.isArray(failures);
		return sound && typeof record.life === 'number' ? record : undefined;
	} catch {
		return undefined;
	}
}
