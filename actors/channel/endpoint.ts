/**
 * One node's end of a channel, shared by all who use the channel there. It sends the steps they take to the channel's
 * home, those of a moment in one message and one message at a time, and settles them as the home says. When the home is
 * gone, so is the channel; of a durable one that redelivers, another end goes on, and has what waits here.
 */

import { isTroupeError, messageOf, TroupeError } from '../../runtime/core/errors.ts';
import type { ActorRef } from '../../runtime/core/protocol.ts';
import type { CancelTimer } from '../../runtime/kernel/actor-timers.ts';
import type { ChannelHome, NearHome } from './channel-home.ts';
import type { ChannelTerms } from './channel-state.ts';
import { Lane } from './lane.ts';
import type { Loop } from './loop.ts';
import type { Operation } from './operation.ts';
import type { Entry, Party } from './party.ts';
import { CHOICE, type ChannelStat, hasValue, type Refusal, type Settled, Step, type Steps } from './steps.ts';

/** Until an end is told that its home is gone, which it has noticed already, in ms. */
const SOON = 50;
/** Steps that may wait in all, each with a promise that somebody holds. */
const MOST_WAITING = 1_048_576;

/** What the end's actor lends it. */
export interface Stand {
	after(delay: number, run: () => void): CancelTimer;
	/** The ID of the node, to name choices by. */
	readonly node: string;
	/** At least 0, and less than 1. */
	random(): number;
	/** Bytes that a value takes. Throws for what cannot travel. */
	sizeOf(value: unknown): number;
	/** Its steps have numbers from here on. */
	readonly from: number;
	/** Another end, where the channel is by now. Rejects when the system has been stopped. */
	again(): Promise<Endpoint>;
}

/** Where an end stands. */
export interface Membership extends ChannelTerms {
	readonly member: number;
	/** The largest value that it takes, where it is durable, in bytes. */
	readonly mostBytes: number;
}

/** An end of a channel. */
export class Endpoint {
	readonly name: string;
	readonly #stand: Stand;
	readonly #home: ActorRef<ChannelHome>;
	readonly #membership: Membership;
	/** The home, where it is in this process, and this end there. */
	readonly #near: NearHome | undefined;
	readonly #party: Party | undefined;
	readonly #into = new Lane();
	readonly #outOf = new Lane();
	readonly #waiting = new Map<number, Operation>();
	/** Loops that have been given values ahead, by the numbers of the receives. */
	readonly #loops = new Map<number, Loop<unknown>>();
	#numbers: number;
	#scheduled = false;
	#sending = false;
	#serving = false;
	#over: TroupeError | undefined;
	#reason: unknown;
	/** Who goes on for this end, whose home is gone, once that is known; and what waits for it. */
	#successor: Endpoint | undefined;
	#kept: Operation[] | undefined;

	constructor(
		name: string,
		home: ActorRef<ChannelHome>,
		stand: Stand,
		membership: Membership,
		near: NearHome | undefined,
	) {
		this.name = name;
		this.#home = home;
		this.#stand = stand;
		this.#membership = membership;
		this.#numbers = stand.from;
		this.#party = near?.partyOf(membership.member);
		this.#near = this.#party && near;
	}

	get capacity(): number {
		return this.#membership.capacity;
	}

	get redeliver(): boolean {
		return this.#membership.redeliver;
	}

	get durable(): boolean {
		return this.#membership.durable;
	}

	/** Whether it goes on by itself when its home is gone: what was taken is kept, and what was not confirmed comes again anyway. */
	get lasting(): boolean {
		return this.durable && this.redeliver;
	}

	/** The number of its last step. */
	get last(): number {
		return this.#numbers;
	}

	/** Why the channel could not keep a value, if it is to. */
	objection(value: unknown): unknown {
		if (!this.durable) return undefined;
		const { mostBytes } = this.#membership;
		try {
			const bytes = this.#stand.sizeOf(value);
			if (bytes <= mostBytes) return undefined;
			const message = `the value takes ${bytes} bytes, and durable channel '${this.name}' takes ${mostBytes}: send where it is`;
			return new TroupeError('ERR_TOO_LARGE', message);
		} catch (error) {
			return error;
		}
	}

	get node(): string {
		return this.#stand.node;
	}

	random(): number {
		return this.#stand.random();
	}

	/** What its home says of the channel, behind what was asked of it in this turn. */
	async stat(): Promise<ChannelStat> {
		await undefined;
		if (!this.#over) return this.#home.ask.stat().catch((error) => this.#statAgain(error));
		if (this.#kept) return (await this.#stand.again()).stat();
		if (this.#successor) return this.#successor.stat();
		throw this.#over;
	}

	after(delay: number, run: () => void): CancelTimer {
		return this.#stand.after(delay, run);
	}

	/** Sends at once, if the home is here and nobody has to be told. */
	holdNow(value: unknown): Entry | undefined {
		if (this.#near === undefined || !this.#into.idle || this.#sending || !this.#near.mayAct()) return undefined;
		const { state } = this.#near;
		const held = state.holdNow(this.#party as Party, value);
		if (held && state.awaited && !this.#serving) this.#serveSoon();
		return held;
	}

	/** The same for a receive. */
	unholdNow(): Entry | undefined {
		if (this.#near === undefined || !this.#outOf.idle || this.#sending || !this.#near.mayAct()) return undefined;
		return this.#near.state.unholdNow();
	}

	/** What was just done at once is not to have happened; false when it is too late. */
	undo(entry: Entry, was: 'held' | 'unheld'): boolean {
		return this.#near?.state.undo(entry, was) === true;
	}

	/** The home may have gone before this end was told so. */
	async #statAgain(error: unknown): Promise<ChannelStat> {
		if (!this.lasting || !isGone(error)) throw error;
		await new Promise<void>((resolve) => void this.after(SOON, resolve));
		return this.stat();
	}

	/** Takes a step at the end of this turn, in the order of the calls. */
	submit(operation: Operation): void {
		if (this.#over) return this.#pass(operation, this.#over);
		const lane = this.#laneOf(operation);
		if (lane.length + this.#waiting.size >= MOST_WAITING) return operation.fail(this.#fullError());
		lane.add(operation);
		this.#flushSoon();
	}

	#pass(operation: Operation, error: TroupeError): void {
		if (this.#successor) operation.moveTo(this.#successor);
		else if (!this.#kept) operation.fail(error);
		else if (this.#kept.length >= MOST_WAITING) operation.fail(this.#fullError());
		else this.#kept.push(operation);
	}

	#fullError(): TroupeError {
		return new TroupeError(
			'ERR_OUTBOX_FULL',
			`${MOST_WAITING} operations wait at this end of channel '${this.name}': await some before going on`,
		);
	}

	/** Nobody wants it any more. Only the home knows whether it has happened, once it knows of it at all. */
	withdraw(operation: Operation): void {
		if (operation.number === undefined) operation.withdrawn();
		else if (this.#waiting.has(operation.number)) this.#home.tell.withdraw(this.#membership.member, operation.number);
	}

	confirm(numbers: readonly number[]): void {
		if (this.#over) this.#successor?.confirm(numbers.filter((number) => number > this.#numbers));
		else if (numbers.length > 0) this.#home.tell.confirm(this.#membership.member, numbers);
	}

	giveBack(numbers: readonly number[]): void {
		if (this.#over) this.#successor?.giveBack(numbers.filter((number) => number > this.#numbers));
		else if (numbers.length > 0) this.#home.tell.giveBack(this.#membership.member, numbers);
	}

	/** So many of those given ahead to the receive of that number have been taken, and no more will be. */
	took(number: number, count: number): void {
		this.#loops.delete(number);
		this.#home.tell.took(this.#membership.member, number, count);
	}

	/** What the home says has become of steps. */
	settled({ accepted, got, values, refused, why, recalled, reason }: Settled): void {
		this.#reason = reason ?? this.#reason;
		for (let n = 0; n < accepted.length; n++) this.#take(accepted[n] as number)?.succeed(undefined, true);
		let last: Operation | undefined;
		for (let n = 0; n < got.length; n++) {
			if (last && last.number === got[n]) {
				this.#give(last, values[n]);
				continue;
			}
			last = this.#take(got[n] as number);
			last?.unconfirmed?.push(got[n] as number);
			last?.succeed(values[n], true);
		}
		for (let n = 0; n < refused.length; n++) this.#refused(this.#take(refused[n] as number), why[n] as Refusal);
		for (const number of recalled) this.#loops.get(number)?.giveBack();
		this.#flushSoon();
	}

	/** The home could serve a step that is one of a choice. */
	lock(number: number, lock: number): void {
		const operation = this.#waiting.get(number);
		const answer = (granted: boolean): void => this.#home.tell.locked(lock, granted);
		if (operation?.choice) operation.choice.lock(operation, answer);
		else answer(false);
	}

	/** And does not. */
	release(number: number): void {
		const operation = this.#waiting.get(number);
		operation?.choice?.release(operation);
	}

	/** The channel is no more, or this end. */
	end(error: TroupeError): void {
		if (this.#over) return;
		this.#over = error;
		const operations = [...this.#waiting.values(), ...this.#into.clear(), ...this.#outOf.clear()];
		this.#waiting.clear();
		if (!this.lasting || !isGone(error)) {
			for (const operation of operations) operation.fail(error);
			return;
		}
		this.#kept = [];
		for (const operation of operations) {
			operation.number = undefined;
			// What a choice has been told by this home, no other knows.
			if (operation.choice) operation.fail(error);
			else this.#kept.push(operation);
		}
		this.#stand.again().then(
			(successor) => this.#succeeded(successor, error),
			(failure) => this.#succeeded(undefined, failure),
		);
	}

	#succeeded(successor: Endpoint | undefined, error: TroupeError): void {
		const kept = this.#kept ?? [];
		this.#successor = successor;
		this.#kept = undefined;
		for (const operation of kept) this.#pass(operation, error);
	}

	/** At the end of the turn, until which what was sent at once may be undone. */
	#serveSoon(): void {
		this.#serving = true;
		queueMicrotask(() => {
			this.#serving = false;
			if (!this.#over) this.#home.tell.serve();
		});
	}

	#laneOf({ kind }: Operation): Lane {
		return kind === Step.RECEIVE || kind === Step.TRY_RECEIVE || kind === Step.RECEIVE_MANY ? this.#outOf : this.#into;
	}

	#take(number: number): Operation | undefined {
		const operation = this.#waiting.get(number);
		this.#waiting.delete(number);
		if (operation) this.#laneOf(operation).known--;
		return operation;
	}

	#give(receive: Operation, value: unknown): void {
		const { loop, number } = receive;
		if (!loop || number === undefined) return;
		this.#loops.set(number, loop);
		loop.given(value);
	}

	#refused(operation: Operation | undefined, why: Refusal): void {
		if (!operation) return;
		if (why === 'ended') operation.succeed(undefined, false);
		else if (why === 'not-now' && operation.choice) operation.choice.notNow(operation);
		else if (why === 'not-now') operation.succeed(undefined, false);
		else if (why === 'closed') operation.fail(this.#closedError());
		else if (why === 'aborted') operation.fail(this.#abortedError());
		else operation.withdrawn();
	}

	#closedError(): TroupeError {
		return new TroupeError('ERR_CHANNEL_CLOSED', `channel '${this.name}' has been closed: nothing can be sent to it`);
	}

	#abortedError(): TroupeError {
		const cause = this.#reason;
		return new TroupeError('ERR_CHANNEL_ABORTED', `channel '${this.name}' has been aborted: ${messageOf(cause)}`, {
			cause,
		});
	}

	#flushSoon(): void {
		if (this.#scheduled || this.#sending || this.#into.length + this.#outOf.length === 0) return;
		this.#scheduled = true;
		queueMicrotask(() => {
			this.#scheduled = false;
			void this.#flush();
		});
	}

	async #flush(): Promise<void> {
		const batch = [...this.#into.take(), ...this.#outOf.take()];
		if (batch.length === 0) return;
		this.#sending = true;
		const first = this.#numbers + 1;
		for (const operation of batch) {
			operation.number = ++this.#numbers;
			this.#waiting.set(operation.number, operation);
			this.#laneOf(operation).known++;
		}
		await this.#send(first, batch);
		this.#sending = false;
		this.#flushSoon();
	}

	/** What cannot travel is the fault of one value, or of all together: it is looked for by halves. */
	async #send(first: number, batch: readonly Operation[]): Promise<void> {
		try {
			await this.#home.send.act(stepsOf(this.#membership.member, first, batch));
		} catch (error) {
			// The end of the home, of which the watch tells, is the end's to see to.
			if (this.lasting && isGone(error)) return;
			if (batch.length === 1 || !isFaultOfContent(error)) {
				for (const { number } of batch) this.#take(number as number)?.fail(error);
				return;
			}
			const half = batch.length >> 1;
			await this.#send(first, batch.slice(0, half));
			await this.#send(first + half, batch.slice(half));
			// The home has heard of these before it knew them.
			for (const operation of batch) if (operation.regretted) this.withdraw(operation);
		}
	}
}

function stepsOf(member: number, first: number, batch: readonly Operation[]): Steps {
	const kinds: number[] = [];
	const values: unknown[] = [];
	const choices: string[] = [];
	for (const { kind, value, choice } of batch) {
		kinds.push(choice ? kind + CHOICE : kind);
		if (hasValue(kind)) values.push(value);
		if (choice) choices.push(choice.name);
	}
	return { member, first, kinds, values, choices };
}

function isFaultOfContent(error: unknown): boolean {
	return isTroupeError(error) && (error.code === 'ERR_NOT_ENCODABLE' || error.code === 'ERR_TOO_LARGE');
}

function isGone(error: unknown): boolean {
	return isTroupeError(error) && ['ERR_NODE_DOWN', 'ERR_STOPPED', 'ERR_NO_SUCH_ACTOR'].includes(error.code);
}
