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
	sources: number;
	/** Records that took some from it. */
	readonly takers: number[];
}

/** What a value takes in a record beside itself, in bytes. */
const FRAME = 16;
/** Records that may wait to be removed before the next is stored. */
const BEHIND = 1_024;

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
	#toRemove = 0;

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
			this.#values = 0;
			let end: End | undefined;
			let reason: unknown;
			for (const [sequence, record] of await this.#store.read()) {
				const { holds, drops, ...said } = this.#recordIn(record);
				for (const [stored, value] of holds) {
					this.#values = Math.max(this.#values, stored);
					values.set(stored, value);
				}
				for (const stored of drops) values.delete(stored);
				this.#last = sequence;
				this.#note(sequence, holds, drops, said.end);
				end = said.end ?? end;
				reason = said.reason ?? reason;
			}
			if (end === 'aborted') values.clear();
			// The first word of this home, after which no other's counts.
			if (!(await this.#append(moment()))) continue;
			for (const sequence of [...this.#kept.keys()]) this.#settle(sequence);
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
		if (this.#toRemove > BEHIND) await this.#removing.catch(() => {});
		const { drops, end, reason } = this.#moment;
		const holds = this.#moment.holds.filter((hold) => hold !== undefined);
		this.#moment = moment();
		if (holds.length + drops.length === 0 && end === undefined) return;
		const most = this.#store.maxBytes >> 1;
		let part: Moment['holds'] = [];
		let bytes = 0;
		for (const hold of holds) {
			bytes += hold[1].length + FRAME;
			if (part.length > 0 && bytes > most) {
				await this.#appendOwn({ ...moment(), holds: part });
				[part, bytes] = [[], hold[1].length + FRAME];
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
		const before = this.#last;
		this.#last = sequence;
		for (const from of this.#note(sequence, holds, drops, end)) this.#settle(from);
		this.#settle(before);
		return true;
	}

	/** Returns the records from which it took values. */
	#note(
		sequence: number,
		holds: readonly (readonly [stored: number, value: unknown] | undefined)[],
		drops: readonly number[],
		end: End | undefined,
	): ReadonlySet<number> {
		for (const [stored] of holds.filter((hold) => hold !== undefined)) this.#cameWith.set(stored, sequence);
		// That it has ended is never out of date.
		const kept: Kept = { live: holds.length + (end ? 1 : 0), sources: 0, takers: [] };
		this.#kept.set(sequence, kept);
		const sources = new Set<number>();
		for (const stored of drops) {
			const from = this.#cameWith.get(stored);
			const source = from === undefined ? undefined : this.#kept.get(from);
			this.#cameWith.delete(stored);
			if (from === undefined || !source) continue;
			source.live--;
			if (from === sequence || sources.has(from)) continue;
			sources.add(from);
			source.takers.push(sequence);
			kept.sources++;
		}
		return sources;
	}

	/** Removes a record that says nothing any more, and those that said nothing else; never the last: the next is to come after it. */
	#settle(sequence: number): void {
		for (const due = [sequence]; due.length > 0; ) {
			const at = due.pop() as number;
			const kept = this.#kept.get(at);
			if (!kept || kept.live > 0 || kept.sources > 0 || at === this.#last) continue;
			this.#kept.delete(at);
			this.#removeSoon(at);
			for (const taker of kept.takers) {
				const by = this.#kept.get(taker);
				if (by) by.sources--;
				due.push(taker);
			}
		}
	}

	/** One after the other: what took from a record that is still there has to stay as well. */
	#removeSoon(sequence: number): void {
		this.#toRemove++;
		this.#removing = this.#removing.then(async () => {
			await this.#store.remove(sequence);
			this.#toRemove--;
		});
		this.#removing.catch(() => {}); // what stays is removed by the next home
	}

	/** Others may have written anything: what cannot be read is passed over. */
	#recordIn(record: unknown): Omit<Moment, 'holds'> & { readonly holds: readonly (readonly [number, unknown])[] } {
		const [holds, drops, end, reason] = Array.isArray(record) ? record : [];
		return {
			holds: Array.isArray(holds) ? holds.flatMap((pair) => this.#holdIn(pair)) : [],
			drops: Array.isArray(drops) ? drops : [],
			end: end === 'closed' || end === 'aborted' ? end : undefined,
			reason: reason ?? undefined,
		};
	}

	#holdIn(pair: unknown): (readonly [number, unknown])[] {
		const [stored, bytes] = Array.isArray(pair) ? pair : [];
		if (!Number.isSafeInteger(stored) || !(bytes instanceof Uint8Array)) return [];
		try {
			return [[stored, this.#store.codec.decode(bytes)]];
		} catch {
			return [];
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
