/** Who takes part in a channel: its ends, as its home knows them, and the steps and values of theirs that are in hand. */

import type { ActorRef } from '../../runtime/core/protocol.ts';
import type { ChannelEnd } from './channel-end.ts';
import type { Line, Standing } from './line.ts';
import type { Refusal } from './steps.ts';

/** A step that waits, or a value that is held. */
export class Entry implements Standing<Entry> {
	/** Whose step it is; of a value that was held at once, nobody's. */
	readonly party: Party;
	readonly number: number;
	readonly value: unknown;
	readonly choice: string | undefined;
	line: Line<Entry> | undefined = undefined;
	before: Entry | undefined = undefined;
	after: Entry | undefined = undefined;

	constructor(party: Party, number: number, value: unknown, choice: string | undefined) {
		this.party = party;
		this.number = number;
		this.value = value;
		this.choice = choice;
	}
}

/** An end, and what is to be said to it at the end of the turn. */
export class Party {
	readonly end: ActorRef<ChannelEnd>;
	/** Its steps that wait, by their numbers. */
	readonly waiting = new Map<number, Entry>();
	/** Values that it has got and not confirmed, by the numbers of the receives. Only where they are given again. */
	readonly unconfirmed = new Map<number, Entry>();
	/** Values that it has been given ahead of those who will take them, by the numbers of the receives. */
	readonly ahead = new Map<number, readonly Entry[]>();
	#accepted: number[] = [];
	#got: number[] = [];
	#values: unknown[] = [];
	#refused: number[] = [];
	#why: Refusal[] = [];

	constructor(end: ActorRef<ChannelEnd>) {
		this.end = end;
	}

	accepted(number: number): void {
		this.#accepted.push(number);
	}

	got(number: number, value: unknown): void {
		this.#got.push(number);
		this.#values.push(value);
	}

	refused(number: number, why: Refusal): void {
		this.#refused.push(number);
		this.#why.push(why);
	}

	/** Tells the end what has become of its steps. */
	tell(reason: unknown): void {
		const settled = {
			accepted: this.#accepted,
			got: this.#got,
			values: this.#values,
			refused: this.#refused,
			why: this.#why,
		};
		this.#accepted = [];
		this.#got = [];
		this.#values = [];
		this.#refused = [];
		this.#why = [];
		this.end.tell.settled(reason === undefined ? settled : { ...settled, reason });
	}
}
