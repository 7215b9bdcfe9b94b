/**
 * What a durable channel holds, in JetStream: a log of one record for each moment in which anything was taken in or went
 * out for good. A record stays until all values that came with it have gone, and all records from which it took some. Each is
 * appended after the one before, and after no other: a home that is superseded, asleep as it may be, adds nothing.
 */

import { messageOf, TroupeError } from '../../runtime/core/errors.ts';
import type { Logbook } from '../../runtime/service-door.ts';
import type { Entry } from './party.ts';

/** How a channel has ended. */
export type End = 'closed' | 'aborted';

/** What a channel was, as its log has it. */
export interface Contents {
	readonly values: readonly (readonly [stored: number, value: unknown])[];
	readonly end: End | undefined;
	readonly reason: unknown;
}

/** Of one moment; values are encoded, each by itself. */
interface Moment {
	/** `undefined` in the place of one that has gone in the same moment. */
	readonly holds: (readonly [stored: number, value: Uint8Array] | undefined)[];
	readonly drops: number[];
	end: End | undefined;
	reason: unknown;
}

/** A record that is in the log. */
interface Kept {
	/** Values that came with it and have not gone. */
	live: number;
	/** Records from which it took some, and which are there still. */
	readonly takesFrom: Set<number>;
}

/** The log of one channel, for one home. */
export class ChannelLog {
	readonly #store: Logbook;
	readonly #name: string;
	readonly #superseded: () => void;
	/** By sequence number. */
	readonly #kept = new Map<number, Kept>();
	/** Which record each value came with. */
	readonly #cameWith = new Map<number, number>();
	#last = 0;
	#values = 0;
	#moment: Moment = moment();
	#dirty = false;
	/** The last append that has been asked for, and the last removal. */
	#storing: Promise<void> = Promise.resolve();
	#removing: Promise<void> = Promise.resolve();

	/** `superseded` is called when another home goes on with the channel. */
	constructor(store: Logbook, name: string, superseded: () => void) {
		this.#store = store;
		this.#name = name;
		this.#superseded = superseded;
	}

	/** What the channel was; from now on, it is this home's. */
	async open(): Promise<Contents> {
		for (;;) {
			this.#kept.clear();
			this.#cameWith.clear();
			this.#last = 0;
			const values = new Map<number, unknown>();
			let end: End | undefined;
			let reason: unknown;
			for (const [sequence, record] of await this.#store.read()) {
				const { holds, drops, ...said } = recordIn(record);
				for (const [stored, value] of holds.filter((hold) => hold !== undefined))
					values.set(stored, this.#store.codec.decode(value));
				for (const stored of drops) values.delete(stored);
				this.#last = sequence;
				this.#note(sequence, holds, drops, said.end);
				end = said.end ?? end;
				reason = said.reason ?? reason;
			}
			if (end === 'aborted') values.clear();
			this.#values = Math.max(0, ...this.#cameWith.keys(), ...values.keys());
			// The first word of this home, after which no other's counts.
			if (!(await this.#append(moment()))) continue;
			return { values: [...values], end, reason };
		}
	}

	/** A value is the channel's from now on. */
	hold(entry: Entry): void {
		entry.stored = ++this.#values;
		this.#moment.holds.push([entry.stored, this.#store.codec.encode(entry.value)]);
		this.#dirty = true;
	}

	/** It is somebody's for good, or nobody's. */
	drop({ stored }: Entry): void {
		const { holds, drops } = this.#moment;
		const at = stored - 1 - (this.#values - holds.length);
		if (at >= 0) holds[at] = undefined;
		else drops.push(stored);
		this.#dirty = true;
	}

	end(end: End, reason: unknown): void {
		this.#moment.end = end;
		this.#moment.reason = portable(reason, this.#store);
		this.#dirty = true;
	}

	/** Resolves when all that was said until now is stored. Rejects when another home goes on with the channel. */
	stored(): Promise<void> {
		if (this.#dirty) {
			this.#dirty = false;
			this.#storing = this.#storing.then(() => this.#storeNow());
			this.#storing.catch(this.#superseded);
		}
		return this.#storing;
	}

	/** The home has come to its end; with `done`, nobody will want to know of the channel. */
	async close(done: boolean): Promise<void> {
		try {
			await this.stored();
			await this.#removing;
			if (done) for (const sequence of this.#kept.keys()) await this.#store.remove(sequence);
		} catch {
			// Another home sees to the rest.
		}
	}

	/** What has been said meanwhile goes along. What does not fit into one record goes into several. */
	async #storeNow(): Promise<void> {
		const { drops, end, reason } = this.#moment;
		const holds = this.#moment.holds.filter((hold) => hold !== undefined);
		this.#moment = moment();
		if (holds.length + drops.length === 0 && end === undefined) return;
		const most = this.#store.maxBytes >> 1;
		let part: Moment['holds'] = [];
		let bytes = 0;
		for (const hold of holds) {
			bytes += hold[1].length;
			if (part.length > 0 && bytes > most) {
				await this.#appendOwn({ ...moment(), holds: part });
				[part, bytes] = [[], hold[1].length];
			}
			part.push(hold);
		}
		await this.#appendOwn({ holds: part, drops, end, reason });
	}

	async #appendOwn(said: Moment): Promise<void> {
		if (await this.#append(said)) return;
		throw new TroupeError('ERR_STALE_EPOCH', `another home goes on with channel '${this.#name}'`);
	}

	async #append(said: Moment): Promise<boolean> {
		const { holds, drops, end, reason } = said;
		const sequence = await this.#store.append([holds, drops, end ?? null, reason ?? null], this.#last);
		if (sequence === undefined) return false;
		this.#last = sequence;
		this.#note(sequence, holds, drops, end);
		this.#sweep();
		return true;
	}

	#note(sequence: number, holds: Moment['holds'], drops: readonly number[], end: End | undefined): void {
		for (const [stored] of holds.filter((hold) => hold !== undefined)) this.#cameWith.set(stored, sequence);
		// That it has ended is never out of date.
		const kept: Kept = { live: holds.length + (end ? 1 : 0), takesFrom: new Set() };
		this.#kept.set(sequence, kept);
		for (const stored of drops) {
			const from = this.#cameWith.get(stored);
			if (from === undefined) continue;
			this.#cameWith.delete(stored);
			const source = this.#kept.get(from);
			if (source) source.live--;
			if (from !== sequence) kept.takesFrom.add(from);
		}
	}

	/** Removes the records that say nothing any more, but for the last: the next is to come after it. */
	#sweep(): void {
		for (const [sequence, { live, takesFrom }] of this.#kept) {
			for (const from of takesFrom) if (!this.#kept.has(from)) takesFrom.delete(from);
			if (live > 0 || takesFrom.size > 0 || sequence === this.#last) continue;
			this.#kept.delete(sequence);
			// One after the other: what took from a record that is still there has to stay as well.
			this.#removing = this.#removing.then(() => this.#store.remove(sequence));
			this.#removing.catch(() => {}); // what stays is swept by the next home
		}
	}
}

function moment(): Moment {
	return { holds: [], drops: [], end: undefined, reason: undefined };
}

/** The reason as it is, or what can be said of it. */
function portable(reason: unknown, { codec }: Logbook): unknown {
	try {
		codec.encode(reason);
		return reason;
	} catch {
		return new TroupeError('ERR_ABORTED', messageOf(reason));
	}
}

/** Others may have written anything. */
function recordIn(record: unknown): Moment {
	const [holds, drops, end, reason] = Array.isArray(record) ? record : [];
	return {
		holds: Array.isArray(holds) ? holds.filter((pair) => pair?.[1] instanceof Uint8Array) : [],
		drops: Array.isArray(drops) ? drops : [],
		end: end === 'closed' || end === 'aborted' ? end : undefined,
		reason: reason ?? undefined,
	};
}
