/**
 * What a channel holds, and who waits for room or for a value. What happens follows from four lines, tried until none
 * applies:
 *
 * | there is | and | so |
 * |---|---|---|
 * | a receive | a value held | the oldest value goes to the oldest receive |
 * | a send | room | its value is held |
 * | a send | a receive | its value goes to the receive (nothing is held, or there is no room at all) |
 * | a receive | the end, and nothing held or to be given back | the receive ends |
 *
 * A step that is one of several of which only one may happen (a *choice*) is locked before: its end grants the lock to
 * one home at a time. Until a lock is answered nothing else happens here; the answer comes from the memory of
 * the end's process, or its death.
 */

import { Ahead } from './ahead.ts';
import type { ChannelLog, Contents } from './channel-log.ts';
import { Line } from './line.ts';
import { Match } from './match.ts';
import { Entry, type Party } from './party.ts';
import { CHOICE, type ChannelStat, hasValue, type Refusal, Step, type Steps } from './steps.ts';
import { Tellings } from './tellings.ts';

/** What a channel is made with. */
export interface ChannelTerms {
	readonly capacity: number;
	readonly redeliver: boolean;
	/** What it holds is kept in JetStream. */
	readonly durable: boolean;
}

/** The inside of a channel. */
export class ChannelState {
	readonly #terms: ChannelTerms;
	readonly #held = new Line<Entry>();
	readonly #sends = new Line<Entry>();
	readonly #receives = new Line<Entry>();
	/** Steps that must not wait, and do as long as a lock is asked for. */
	readonly #tries: Entry[] = [];
	readonly #tellings = new Tellings();
	#match: Match | undefined;
	#locks = 0;
	#closed = false;
	#aborted = false;
	#reason: unknown;
	readonly #ahead = new Ahead();
	/** Values got and not confirmed. */
	#unconfirmed = 0;
	#lost = 0;
	#sent = 0;
	#received = 0;
	/** Of a durable channel: nobody is told anything that is not in there. */
	#log: ChannelLog | undefined;

	constructor(terms: ChannelTerms) {
		this.#terms = terms;
	}

	/** From now on it is as its log has it, and what happens is written there. `party` is nobody's. */
	restore(log: ChannelLog, { values, end, reason }: Contents, party: Party): void {
		this.#log = this.#tellings.log = log;
		for (const [stored, value] of values) {
			const entry = new Entry(party, 0, value, undefined);
			entry.stored = stored;
			this.#held.add(entry);
		}
		this.#sent = values.length;
		this.#closed = end !== undefined;
		this.#aborted = end === 'aborted';
		this.#reason = reason;
	}

	/** Steps of an end. */
	act(party: Party, { first, kinds, values, choices }: Steps): void {
		let value = 0;
		let choice = 0;
		for (let n = 0; n < kinds.length; n++) {
			const kind = kinds[n] as number;
			const said = hasValue(kind & ~CHOICE) ? values[value++] : undefined;
			if (!this.#takeAtOnce(kind, party, first + n, said))
				this.#take(kind & ~CHOICE, new Entry(party, first + n, said, kind & CHOICE ? choices[choice++] : undefined));
		}
		this.#settle();
	}

	/** An end takes a step back, if it still waits. */
	withdraw(party: Party, number: number): void {
		const entry = party.waiting.get(number);
		if (!entry) return; // settled
		if (this.#isLocking(entry)) entry.regretted = true;
		else this.#refuse(entry, 'withdrawn');
		this.#settle();
	}

	/** The answer to a lock that this channel has asked for. */
	locked(lock: number, granted: boolean): void {
		const match = this.#match;
		const entry = match?.asked(lock);
		if (!match || !entry) return;
		if (!granted) this.#miss(match, entry);
		else if (match.granted()) return match.ask(++this.#locks);
		else {
			this.#match = undefined;
			this.#commit(match.send, match.receive);
			this.#pump();
		}
		this.#settle();
	}

	/** An end is done with values that it has got. */
	confirm(party: Party, numbers: readonly number[]): void {
		for (const number of numbers) {
			const entry = party.unconfirmed.get(number);
			if (!entry) continue;
			party.unconfirmed.delete(number);
			this.#unconfirmed--;
			this.#log?.drop(entry);
		}
		this.#pump();
		this.#settle();
	}

	/** An end gives back values that it has got: they are given to others, before all that are held. */
	giveBack(party: Party, numbers: readonly number[]): void {
		const values = numbers.flatMap((number) => party.unconfirmed.get(number) ?? []);
		for (const number of numbers) party.unconfirmed.delete(number);
		this.#unconfirmed -= values.length;
		this.#holdAgain(values);
		this.#settle();
	}

	/** Of the values that an end was given ahead, so many have been taken, and the others are not going to be. */
	took(party: Party, number: number, count: number): void {
		const ahead = this.#ahead.end(party, number);
		if (!ahead) return;
		this.#received += Math.min(count, ahead.length);
		this.#holdAgain(ahead.slice(count));
		this.#settle();
	}

	stat(): ChannelStat {
		return {
			capacity: this.#terms.capacity,
			length: this.length,
			closed: this.#closed,
			aborted: this.#aborted,
			sent: this.#sent,
			received: this.#received,
			lost: this.#lost,
			waiting: { sends: this.#sends.length, receives: this.#receives.length },
		};
	}

	/** An end is gone. What it waited for is off; what it had not confirmed goes to others. */
	depart(party: Party): void {
		const locking = [...party.waiting.values()].filter((entry) => this.#isLocking(entry));
		for (const entry of party.waiting.values()) if (!locking.includes(entry)) this.#leave(entry);
		for (const entry of locking) this.#miss(this.#match, entry);
		// Nobody knows which of those given ahead have been taken: they are nobody else's.
		this.#lost += this.#ahead.lose(party);
		const unconfirmed = [...party.unconfirmed.values()];
		this.#unconfirmed -= unconfirmed.length;
		this.#holdAgain(unconfirmed);
		this.#tellings.forget(party);
		this.#settle();
	}

	/** Values that would be lost now. */
	get length(): number {
		return this.#held.length + this.#ahead.count;
	}

	/** Nothing will ever be received any more. */
	get drained(): boolean {
		return this.#closed && this.length === 0 && this.#unconfirmed === 0;
	}

	/**
	 * For an end in the same process: takes a value at once, when no other sender has to be told of it. What is done so can be
	 * undone within the same turn. Who waits to receive is to be given it by {@link ChannelState.serve}.
	 */
	holdNow(party: Party, value: unknown): Entry | undefined {
		if (this.#log || this.#match || this.#closed || this.#sends.length > 0) return undefined;
		if (this.#held.length + this.#ahead.count >= this.#terms.capacity) return undefined;
		const entry = new Entry(party, 0, value, undefined);
		this.#held.add(entry);
		this.#sent++;
		return entry;
	}

	/** The same for a receive. */
	unholdNow(): Entry | undefined {
		if (
			this.#log ||
			this.#match ||
			this.#ahead.count > 0 ||
			this.#terms.redeliver ||
			this.#receives.length > 0 ||
			this.#sends.length > 0
		)
			return undefined;
		const entry = this.#unheld();
		if (entry) this.#received++;
		return entry;
	}

	/** Whether somebody waits to receive. */
	get awaited(): boolean {
		return this.#receives.length > 0;
	}

	/** Gives what is held to those who wait. */
	serve(): void {
		this.#pump();
		this.#settle();
	}

	/** It is not to have happened; false when it is too late for that. */
	undo(entry: Entry, was: 'held' | 'unheld'): boolean {
		if ((was === 'held') !== (entry.line === this.#held)) return false;
		if (was === 'held') {
			this.#held.remove(entry);
			this.#sent--;
		} else {
			this.#held.addFirst(entry);
			this.#received--;
		}
		return true;
	}

	/** What happens to most steps: a value is held, or handed on, and nobody waits. */
	#takeAtOnce(kind: number, party: Party, number: number, value: unknown): boolean {
		if (this.#log || this.#match || this.#closed) return false;
		const held = this.#held.length;
		if (kind === Step.SEND) {
			const receive = this.#receives.first;
			if (
				receive
					? receive.choice !== undefined || held + this.#ahead.count > 0
					: held + this.#ahead.count >= this.#terms.capacity
			)
				return false;
			if (this.#sends.length > 0) return false;
			this.#sent++;
			const entry = new Entry(party, number, value, undefined);
			this.#tellings.to(party).accepted(number);
			if (receive) this.#give(receive, entry);
			else this.#held.add(entry);
			return true;
		}
		if (
			kind !== Step.RECEIVE ||
			held === 0 ||
			this.#ahead.count > 0 ||
			this.#receives.length > 0 ||
			this.#terms.redeliver
		)
			return false;
		this.#received++;
		this.#tellings.to(party).got(number, (this.#unheld() as Entry).value);
		if (this.#sends.length > 0) this.#pump();
		return true;
	}

	#take(step: number, entry: Entry): void {
		if (step === Step.CLOSE || step === Step.ABORT) return this.#end(step === Step.ABORT, entry);
		const sends = step === Step.SEND || step === Step.TRY_SEND;
		if (this.#aborted) this.#refuse(entry, 'aborted');
		else if (sends && this.#closed) this.#refuse(entry, 'closed');
		else {
			entry.party.waiting.set(entry.number, entry);
			(sends ? this.#sends : this.#receives).add(entry);
			if (step === Step.TRY_SEND || step === Step.TRY_RECEIVE) this.#tries.push(entry);
			this.#pump();
		}
	}

	#end(abort: boolean, entry: Entry): void {
		if (abort && !this.#aborted) {
			this.#reason = entry.value;
			this.#aborted = true;
			this.#log?.end('aborted', entry.value);
			this.#lost += this.#held.length;
			for (const held of this.#held) this.#held.remove(held);
			this.#ahead.recall((party) => this.#tellings.touch(party));
			for (const receive of this.#receives) if (!this.#isLocking(receive)) this.#refuse(receive, 'aborted');
		}
		if (!abort && !this.#closed) this.#log?.end('closed', undefined);
		this.#closed = true;
		for (const send of this.#sends) if (!this.#isLocking(send)) this.#refuse(send, abort ? 'aborted' : 'closed');
		this.#tellings.to(entry.party).accepted(entry.number);
		this.#pump();
	}

	/** Does all that the table at the head of this file says. */
	#pump(): void {
		while (!this.#match && this.#meet());
		if (this.#match || this.#ahead.recalled || this.#tries.length === 0) return;
		for (const entry of this.#tries.splice(0)) if (this.#waits(entry)) this.#refuse(entry, 'not-now');
	}

	/** A send that was accepted stands in another line: its value is held. */
	#waits({ line }: Entry): boolean {
		return line === this.#sends || line === this.#receives;
	}

	/** One line of the table; whether it applied. */
	#meet(): boolean {
		const send = this.#sends.first;
		const receive = this.#receives.first;
		if (receive && this.#ahead.count > 0) {
			// It comes before all that is held, so it has to be back, or taken, first.
			this.#ahead.recall((party) => this.#tellings.touch(party));
			return false;
		}
		if (receive && this.#held.length > 0) return this.#agree(undefined, receive);
		if (send && this.#held.length + this.#ahead.count < this.#terms.capacity) return this.#agree(send, undefined);
		if (send && receive) return this.#introduce();
		// What may still be given back is still to come.
		const drained = this.#closed && this.#unconfirmed === 0;
		return receive !== undefined && drained && this.#agree(undefined, receive);
	}

	/** The oldest two that may meet: a choice does not meet itself. */
	#introduce(): boolean {
		for (const send of this.#sends) {
			for (const receive of this.#receives) {
				if (send.choice === undefined || send.choice !== receive.choice) return this.#agree(send, receive);
			}
		}
		return false;
	}

	#agree(send: Entry | undefined, receive: Entry | undefined): true {
		if (send?.choice === undefined && receive?.choice === undefined) this.#commit(send, receive);
		else {
			this.#match = new Match(send, receive);
			this.#match.ask(++this.#locks);
		}
		return true;
	}

	#isLocking(entry: Entry): boolean {
		return this.#match?.has(entry) === true;
	}

	/** One side of a match was not to be had any more. */
	#miss(match: Match | undefined, gone: Entry): void {
		this.#refuse(gone, 'withdrawn');
		if (!match) return;
		this.#match = undefined;
		match.release(gone);
		for (const entry of [match.send, match.receive]) {
			if (!entry || entry === gone) continue;
			if (entry.regretted) this.#refuse(entry, 'withdrawn');
			else if (this.#aborted) this.#refuse(entry, 'aborted');
			else if (this.#closed && entry === match.send) this.#refuse(entry, 'closed');
		}
		this.#pump();
	}

	#commit(send: Entry | undefined, receive: Entry | undefined): void {
		// While it was locked.
		if (this.#aborted) return void [send, receive].map((entry) => entry && this.#refuse(entry, 'aborted'));
		if (send) {
			this.#leave(send);
			this.#tellings.to(send.party).accepted(send.number);
			this.#sent++;
			if (!receive) {
				this.#log?.hold(send);
				return this.#held.add(send);
			}
		}
		this.#give(receive as Entry, send ?? this.#unheld());
	}

	#unheld(): Entry | undefined {
		const held = this.#held.first;
		if (held) this.#held.remove(held);
		return held;
	}

	#give(receive: Entry, sent: Entry | undefined): void {
		const { party, number } = receive;
		if (!sent) return this.#refuse(receive, 'ended');
		this.#leave(receive);
		this.#tellings.to(party).got(number, sent.value);
		this.#received++;
		if (this.#log && !this.#terms.redeliver && sent.stored > 0) this.#log.drop(sent);
		if (this.#log && this.#terms.redeliver && sent.stored === 0) this.#log.hold(sent);
		if (receive.value === undefined) this.#ahead.interrupt();
		if (this.#terms.redeliver) {
			party.unconfirmed.set(number, sent);
			this.#unconfirmed++;
		} else if (receive.value !== undefined && !this.#log && this.#ahead.mayBeGiven(party))
			this.#giveAhead(party, number, receive.value as number);
	}

	/** What is held goes along, if nobody else waits for it: half of the room at most, so that senders go on meanwhile. */
	#giveAhead(party: Party, number: number, most: number): void {
		const ahead: Entry[] = [];
		const room = Math.min(most, this.#terms.capacity >> 1);
		while (ahead.length < room && this.#receives.length === 0 && this.#held.length > 0) {
			const entry = this.#unheld() as Entry;
			ahead.push(entry);
			party.got(number, entry.value);
		}
		this.#ahead.give(party, number, ahead);
	}

	/** Values come back, and are the first again, in their order. */
	#holdAgain(values: readonly Entry[]): void {
		if (this.#aborted) this.#lost += values.length;
		else for (const entry of values.toReversed()) this.#held.addFirst(entry);
		this.#pump();
	}

	#refuse(entry: Entry, why: Refusal): void {
		this.#leave(entry);
		this.#tellings.to(entry.party).refused(entry.number, why);
	}

	/** Waits no more. */
	#leave(entry: Entry): void {
		entry.party.waiting.delete(entry.number);
		entry.line?.remove(entry);
	}

	#settle(): void {
		this.#tellings.send(this.#reason);
	}
}
