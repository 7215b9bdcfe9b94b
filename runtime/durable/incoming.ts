/**
 * What a durable mailbox gives its actor: one message at a time, in the order of the stream. What comes of it decides:
 *
 * | the attempt | the message | recorded before the actor goes on |
 * |---|---|---|
 * | answered | has been handled; the next | when its value has been read to the end, by removing that: one removal is under way at a time |
 * | failed | is tried again after a wait; what came later waits | the failure |
 * | failed for the last time | is a dead letter; the next | the failure, then the dead letter, then the place |
 * | returned | stays, for whoever has the actor next | the place, at the end |
 *
 * A node that dies has not recorded what it did since; the next owner counts an attempt when it finds the very message at
 * which the one before it began.
 */

import type { LastingStream } from '../cluster/lasting-stream.ts';
import type { StreamEntry } from '../cluster/stream.ts';
import { isTroupeError, messageOf, TroupeError } from '../core/errors.ts';
import type { DeadLetterReason } from '../core/events.ts';
import type { Cell } from '../kernel/cell.ts';
import { errorOf } from '../kernel/dead-letters.ts';
import { Handler } from '../kernel/handler.ts';
import { Mail } from '../mailbox/mail.ts';
import type { DurableTerms } from '../mailbox/mailbox-spec.ts';
import { Delivery, isFinal, type Outcome } from './delivery.ts';
import {
	type Failure,
	failed,
	fresh,
	type Inheritance,
	type Journal,
	type Place,
	START,
	Superseded,
} from './journal.ts';
import { type Letter, lettersIn } from './letter.ts';

/** Between attempts at what the store has not answered, in ms. */
const AGAIN = 250;
/** How long a value that is said to be there is looked for in copies of the stream that may be behind, in ms. */
const BEHIND = 2_000;
const LOOK_AGAIN = 20;
/** Within a value of many messages the place is recorded after so much work, in ms: that much may be done twice. */
const UNRECORDED = 200;
/** How long the end of an actor waits for the store, in ms. */
const LAST_WORDS = 2_000;
/** Characters of an error that are kept with a message. */
const REMEMBERED = 1_000;

/** What the mailboxes of a node share. */
export interface Desk {
	readonly mail: LastingStream;
	/** Keeps a dead letter. Rejects when the store cannot be reached. */
	bury(letter: DeadLetter): Promise<void>;
	/** Tells whoever asked. */
	answer(letter: Letter, failed: boolean, value: unknown, actor: string): void;
}

/** A message that was given up. */
export interface DeadLetter {
	readonly actor: Cell;
	readonly letter: Letter;
	/** Names the message, so that it is kept once. */
	readonly name: string;
	/** How often it was tried, and what came of the last attempts. */
	readonly attempts: number;
	readonly failures: readonly Failure[];
}

/** The mailbox of one actor, while this node owns it. */
export class Incoming {
	readonly key: string;
	/** Messages that were answered, attempts that failed, and messages that were given up, since this owner began. */
	readonly figures = { handled: 0, failed: 0, dead: 0 };
	readonly #cell: Cell;
	readonly #terms: DurableTerms;
	readonly #desk: Desk;
	readonly #journal: Journal;
	#place: Place = START;
	/** Which life of the stream the place is in. */
	#life = Number.NaN;
	/** Where to read on. */
	#from = 0;
	/** A value with this number has been stored. */
	#known = 0;
	#recorded = 0;
	/** Who waits until somebody calls. */
	#idle: (() => void) | undefined;
	#called = false;
	/** Who waits for a time; the end ends that. */
	readonly #pauses = new Set<() => void>();
	#removing: Promise<void> = Promise.resolve();
	/** A value that has been handled could not be removed. */
	#left = false;
	#closed = false;
	readonly #over: Promise<void>;

	constructor(cell: Cell, key: string, terms: DurableTerms, desk: Desk, journal: Journal) {
		this.#cell = cell;
		this.key = key;
		this.#terms = terms;
		this.#desk = desk;
		this.#journal = journal;
		this.#over = this.#run();
	}

	/** There is something, with that number if it is known. */
	look(sequence = 0): void {
		this.#known = Math.max(this.#known, sequence);
		this.#called = true;
		this.#idle?.();
	}

	/** Gives nothing more. */
	pause(): void {
		this.#closed = true;
		this.#idle?.();
		for (const end of [...this.#pauses]) end();
	}

	/** The actor has come to its end: records the place. Never rejects. */
	async close(): Promise<void> {
		this.pause();
		const { clock } = this.#cell.kernel;
		let cancel = (): void => {};
		const late = new Promise<void>((resolve) => {
			cancel = clock.after(LAST_WORDS, resolve);
		});
		await Promise.race([this.#finish(), late]);
		cancel();
	}

	async #finish(): Promise<void> {
		await this.#over;
		await this.#removing;
		const { index, attempts } = this.#place;
		const unfinished = index > 0 || attempts > 0 || this.#left;
		if (!Number.isNaN(this.#life))
			await this.#journal.end(this.#life, unfinished ? this.#place : undefined).catch(() => {});
	}

	async #run(): Promise<void> {
		while (!this.#closed) {
			try {
				await this.#takeOver();
				while (!this.#closed) {
					const entry = await this.#next();
					if (entry && !(await this.#open(entry))) await this.#pause(AGAIN);
				}
			} catch (error) {
				this.#explain(error);
			}
		}
	}

	/** Only what others have written, or lost, ends in an error here: it is looked at again, by whoever still owns the actor. */
	#explain(error: unknown): void {
		if (error instanceof Lost) return;
		const { kernel, id, tenure } = this.#cell;
		const stale = error instanceof Superseded;
		kernel.warn(stale ? 'STALE_JOURNAL' : 'MAILBOX_FAILED', messageOf(error), { actor: id, error });
		if (!stale || tenure?.holds() === false) this.#closed = true;
	}

	/** Finds the place, and makes what any earlier owner has to say of it void. */
	async #takeOver(): Promise<void> {
		const { mail } = this.#desk;
		for (;;) {
			const taken = await this.#surely(async () => {
				const life = mail.created;
				const last = await this.#journal.read(life);
				const entry = await this.#first(last?.sequence ?? 0, life);
				if (mail.created !== life) return false;
				const same = entry !== undefined && entry.sequence === last?.sequence;
				this.#life = life;
				this.#from = entry?.sequence ?? last?.sequence ?? 0;
				this.#place = same ? placeOf(last) : fresh(entry?.sequence ?? 0, 0);
				if (same && this.#diedOver(last)) this.#place = failed(this.#place, died(last.node, this.#now));
				return this.#journal.begin(life, this.#place);
			});
			if (taken || this.#closed) break;
			// What was read may be old, and will be for a while.
			await this.#pause(LOOK_AGAIN);
		}
		this.#recorded = this.#cell.kernel.clock.now();
	}

	/** Whether the last owner ended with its node, and perhaps by what was in hand. */
	#diedOver({ unclean, node }: Inheritance): boolean {
		return unclean && node !== this.#cell.kernel.node;
	}

	/** The first value that has not been handled. One before that was, and its removal has come to nothing. */
	async #first(from: number, life: number): Promise<StreamEntry | undefined> {
		const { mail } = this.#desk;
		for (;;) {
			const entry = await mail.next(this.key, 0, true);
			if (!entry || entry.sequence >= from || !(await mail.remove(this.key, entry.sequence, life))) return entry;
		}
	}

	/** The next value; `undefined` when somebody has called, or the end has come. */
	async #next(): Promise<StreamEntry | undefined> {
		const { mail } = this.#desk;
		const { clock } = this.#cell.kernel;
		const patience = clock.now() + BEHIND;
		for (;;) {
			this.#called = false;
			const entry = await this.#surely(() => mail.next(this.key, this.#from));
			if (this.#closed) return undefined;
			if (mail.created !== this.#life) throw new Lost();
			if (entry) return entry;
			if (this.#called) continue;
			// Of a value that does not turn up there will be word again, if there is one.
			if (clock.now() > patience) this.#known = 0;
			if (this.#known < this.#from) break;
			await this.#pause(LOOK_AGAIN);
			await mail.lookAgain().catch(() => {});
		}
		await new Promise<void>((resolve) => {
			this.#idle = resolve;
			if (this.#called || this.#closed) resolve();
		});
		this.#idle = undefined;
		return undefined;
	}

	/** Hands over what is in the value; `false` when the actor takes nothing. */
	async #open({ sequence, value }: StreamEntry): Promise<boolean> {
		const { kernel } = this.#cell;
		let letters: readonly (Letter | TroupeError)[];
		try {
			letters = lettersIn(kernel.codec, value);
		} catch (error) {
			letters = [error as TroupeError];
		}
		if (this.#place.sequence !== sequence) this.#place = fresh(sequence, 0);
		for (let { index } = this.#place; index < letters.length; index++) {
			if (index > 0 && kernel.clock.now() > this.#recorded + UNRECORDED) await this.#record();
			if (this.#closed) return true;
			const letter = letters[index] as Letter | TroupeError;
			if (isTroupeError(letter)) this.#unreadable(letter);
			else if (!(await this.#handle(letter))) return false;
			this.#place = fresh(sequence, index + 1);
		}
		this.#from = sequence + 1;
		await this.#removing;
		this.#place = fresh(this.#from, 0);
		this.#removing = this.#remove(sequence);
		return true;
	}

	/** Attempt after attempt, until the message is done with; `false` when the actor is, here. */
	async #handle(letter: Letter): Promise<boolean> {
		const { maxDeliver, backoff } = this.#terms;
		for (;;) {
			const { attempts, failures } = this.#place;
			if (attempts >= maxDeliver)
				return this.#giveUp(letter, { kind: 'failed', reason: 'crashed', error: last(failures) });
			if (attempts > 0) await this.#pause(backoff[Math.min(attempts, backoff.length) - 1]);
			if (this.#closed) return false;
			const outcome = await this.#give(letter);
			if (outcome.kind === 'returned') return false;
			if (outcome.kind === 'answered') {
				this.figures.handled++;
				if (letter.reply) this.#desk.answer(letter, outcome.failed, outcome.value, this.#cell.id);
				return true;
			}
			this.figures.failed++;
			this.#place = failed(this.#place, this.#failure(outcome.error));
			await this.#record();
			if (this.#closed) return false;
			if (isFinal(outcome.reason) || this.#place.attempts >= maxDeliver) return this.#giveUp(letter, outcome);
		}
	}

	#give(letter: Letter): Promise<Outcome> {
		const cell = this.#cell;
		const { name, args, sender } = letter;
		return new Promise((resolve) => {
			const { ledger } = cell.kernel;
			ledger.sent++;
			const delivery = new Delivery(cell, this.#terms.ackWait, name, (outcome) => {
				// What was not answered is in the mailbox still, where it stands in no books.
				if (outcome.kind !== 'answered') ledger.sent--;
				resolve(outcome);
			});
			cell.deliver(this.#handlerOf(letter), args, sender, delivery);
		});
	}

	async #giveUp(letter: Letter, { reason, error }: Outcome & { readonly kind: 'failed' }): Promise<boolean> {
		const cell = this.#cell;
		const { sequence, index, attempts, failures } = this.#place;
		if (this.#terms.deadLetters) {
			const name = `${this.#life}-${sequence}-${index}`;
			await this.#surely(() => this.#desk.bury({ actor: cell, letter, name, attempts, failures }));
		}
		if (this.#closed) return false;
		this.figures.dead++;
		cell.kernel.ledger.sent++;
		cell.kernel.refuse(new Mail(this.#handlerOf(letter), letter.args, letter.sender, undefined), cell, reason, error);
		if (letter.reply) this.#desk.answer(letter, true, refusal(letter, cell, reason, error), cell.id);
		return true;
	}

	#handlerOf({ name }: Letter): Handler {
		return (this.#cell.definition.handlers.get(name) ?? new Handler(name)).listed;
	}

	#unreadable(error: TroupeError): void {
		const { kernel } = this.#cell;
		kernel.ledger.sent++;
		kernel.lose('malformed', 1, error);
	}

	async #remove(sequence: number): Promise<void> {
		this.#left = (await this.#surely(() => this.#desk.mail.remove(this.key, sequence, this.#life), true)) === undefined;
	}

	async #record(): Promise<void> {
		await this.#surely(() => this.#journal.write(this.#life, this.#place));
		this.#recorded = this.#cell.kernel.clock.now();
	}

	/** Until the store has answered, or the end has come. */
	async #surely<T>(operate: () => Promise<T>, toTheEnd = false): Promise<T | undefined> {
		for (let tried = false; !this.#closed || (toTheEnd && !tried); tried = true) {
			try {
				return await operate();
			} catch (error) {
				if (error instanceof Superseded) throw error;
				await this.#pause(AGAIN);
			}
		}
		return undefined;
	}

	/** For `delay` ms, or until the end. */
	#pause(delay = 0): Promise<void> {
		if (this.#closed) return Promise.resolve();
		return new Promise((resolve) => {
			const end = (): void => {
				cancel();
				this.#pauses.delete(end);
				resolve();
			};
			const cancel = this.#cell.kernel.clock.after(delay, end);
			this.#pauses.add(end);
		});
	}

	#failure(error: unknown): Failure {
		const code = isTroupeError(error) ? error.code : error instanceof Error ? error.name : 'Error';
		return { at: this.#now, node: this.#cell.kernel.node, code, message: messageOf(error).slice(0, REMEMBERED) };
	}

	get #now(): number {
		return this.#cell.kernel.clock.wall();
	}
}

/** The stream has another life: what this one knew of it is gone. */
class Lost extends Error {}

function placeOf({ sequence, index, attempts, failures }: Inheritance): Place {
	return { sequence, index, attempts, failures };
}

function died(node: string, at: number): Failure {
	return { at, node, code: 'ERR_NODE_DOWN', message: `node ${node} ended while it may have handled the message` };
}

function last(failures: readonly Failure[]): TroupeError {
	const failure = failures.at(-1);
	return new TroupeError('ERR_ACTOR_CRASHED', failure?.message ?? 'it was tried too often');
}

/** What whoever asked is told. */
function refusal({ name }: Letter, { id }: Cell, reason: DeadLetterReason, error: unknown): TroupeError {
	if (reason === 'invalid-message' && isTroupeError(error)) return error as TroupeError;
	return errorOf(reason, `'${name}' to ${id}`, id, error);
}
