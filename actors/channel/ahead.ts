/**
 * Values that have been given to loops before these came for them. They are still the channel's: they stand in the room of
 * others, and are called back before anybody else receives.
 */

import type { Entry, Party } from './party.ts';

/** Loops of one end alone have come so often, so the next is given values ahead. */
const REGULAR = 4;

/** Who has been given what. */
export class Ahead {
	#count = 0;
	readonly #parties = new Set<Party>();
	#recalled = false;
	/** Whose the last receives were, and how many. */
	#regular: Party | undefined;
	#times = 0;

	/** Values that are with loops. */
	get count(): number {
		return this.#count;
	}

	/** Whether they have been called back, and are not all accounted for. */
	get recalled(): boolean {
		return this.#recalled;
	}

	/** A loop receives: whether nobody else has of late. Two who take turns would only call back what the other was given. */
	mayBeGiven(party: Party): boolean {
		this.#times = this.#regular === party ? this.#times + 1 : 0;
		this.#regular = party;
		return this.#times >= REGULAR;
	}

	/** Somebody receives who is no loop. */
	interrupt(): void {
		this.#regular = undefined;
	}

	give(party: Party, number: number, entries: readonly Entry[]): void {
		if (entries.length === 0) return;
		party.ahead.set(number, entries);
		this.#parties.add(party);
		this.#count += entries.length;
	}

	/** What was given to that receive, which is over. */
	end(party: Party, number: number): readonly Entry[] | undefined {
		const entries = party.ahead.get(number);
		party.ahead.delete(number);
		this.#less(party, entries?.length ?? 0);
		return entries;
	}

	/** The end is gone; how many went with it. */
	lose(party: Party): number {
		const lost = [...party.ahead.values()].reduce((sum, { length }) => sum + length, 0);
		party.ahead.clear();
		this.#less(party, lost);
		return lost;
	}

	/** Asks for all of them; `told` is called for each end that is to be told. */
	recall(told: (party: Party) => unknown): void {
		if (this.#recalled || this.#count === 0) return;
		this.#recalled = true;
		for (const party of this.#parties) {
			for (const number of party.ahead.keys()) party.recall(number);
			told(party);
		}
	}

	#less(party: Party, count: number): void {
		this.#count -= count;
		if (party.ahead.size === 0) this.#parties.delete(party);
		if (this.#count === 0) this.#recalled = false;
	}
}
