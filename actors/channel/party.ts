/** Who takes part in a channel: its ends, as its home knows them, and the steps and values of theirs that are in hand. */

import { isTroupeError } from '../../runtime/core/errors.ts';
import type { ActorRef } from '../../runtime/core/protocol.ts';
import type { ChannelEnd } from './channel-end.ts';
import type { Line, Standing } from './line.ts';
import type { Refusal, Settled } from './steps.ts';

/** Answers in one message. */
const BATCH = 512;

/** A step that waits, or a value that is held. */
export class Entry implements Standing<Entry> {
	/** Whose step it is; of a value that was held at once, nobody's. */
	readonly party: Party;
	readonly number: number;
	readonly value: unknown;
	readonly choice: string | undefined;
	/** Its end wanted it back while a lock was asked for. */
	regretted = false;
	/** The number of its value in the log of a durable channel; 0 for one that is not there. */
	stored = 0;
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

/** Whoever is told what becomes of steps. */
export interface Told {
	/** A send's value has been taken, or a close or abort is done. */
	accepted(number: number): void;
	/** A receive has got a value. */
	got(number: number, value: unknown): void;
	refused(number: number, why: Refusal): void;
}

/** An end, and what is to be said to it. */
export class Party implements Told {
	readonly end: ActorRef<ChannelEnd>;
	/** Its steps that wait, by their numbers. */
	readonly waiting = new Map<number, Entry>();
	/** Values that it has got and not confirmed, by the numbers of the receives. Only where they are given again. */
	readonly unconfirmed = new Map<number, Entry>();
	/** Values that it has been given ahead of those who will take them, by the numbers of the receives. */
	readonly ahead = new Map<number, readonly Entry[]>();
	/** What it is still to be told. */
	readonly #accepted: number[] = [];
	readonly #got: number[] = [];
	readonly #values: unknown[] = [];
	readonly #refused: number[] = [];
	readonly #why: Refusal[] = [];
	readonly #recalled: number[] = [];
	#telling = false;

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

	/** What it was given ahead to that receive is wanted back. In line with the rest, as it may not have got it yet. */
	recall(number: number): void {
		this.#recalled.push(number);
	}

	/** Tells the end, in one message at a time: what comes meanwhile goes with the next, and none outruns its node. */
	tell(reason: unknown): void {
		if (this.#telling) return;
		const count = this.#accepted.length + this.#got.length + this.#refused.length + this.#recalled.length;
		if (count === 0) return;
		this.#telling = true;
		const done = (): void => {
			this.#telling = false;
			this.tell(reason);
		};
		// A node that is gone is told nothing; that it is gone, the watch says.
		this.#send(this.#next(reason)).then(done, done);
	}

	#next(reason: unknown): Settled {
		return {
			accepted: this.#accepted.splice(0),
			got: this.#got.splice(0, BATCH),
			values: this.#values.splice(0, BATCH),
			refused: this.#refused.splice(0),
			why: this.#why.splice(0),
			// Behind all values, as it is about some of them.
			recalled: this.#got.length > 0 ? [] : this.#recalled.splice(0),
			...(reason !== undefined && { reason }),
		};
	}

	/** Values may be too large together. */
	#send(settled: Settled): Promise<void> {
		return this.end.send.settled(settled).catch((error) => {
			const { got, values } = settled;
			if (!isTroupeError(error) || error.code !== 'ERR_TOO_LARGE' || got.length < 2) throw error;
			const half = got.length >> 1;
			const first = { ...NOTHING, got: got.slice(0, half), values: values.slice(0, half) };
			const rest = { ...settled, got: got.slice(half), values: values.slice(half) };
			return this.#send(first).then(() => this.#send(rest));
		});
	}
}

const NOTHING: Settled = { accepted: [], got: [], values: [], refused: [], why: [], recalled: [] };
