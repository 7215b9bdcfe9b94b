/**
 * One actor's life: its mailbox, its state and the one message it handles at a time. This file is the hot path: a
 * message enters at `deliver` and leaves at `#done`. What happens at the edges of a life is in `starting.ts`, `supervising.ts` and `ending.ts`.
 *
 * Two lanes: signals (stop, timers, terminations, failed children) come before messages. A synchronous handler costs
 * no promise; an asynchronous one suspends this cell and no other.
 */

import { nameOnWire, pathOf } from '../core/address.ts';
import { WAITING_SENDS } from '../core/config.ts';
import { isRejection, TroupeError } from '../core/errors.ts';
import type { DeadLetterReason } from '../core/events.ts';
import { Fifo } from '../mailbox/fifo.ts';
import { Mail } from '../mailbox/mail.ts';
import { Mailbox } from '../mailbox/mailbox.ts';
import type { Backstage } from './backstage.ts';
import * as states from './cell-state.ts';
import type { Definition } from './definition.ts';
import type { Runnable } from './dispatcher.ts';
import { passes } from './door.ts';
import { settled } from './ending.ts';
import { type Envelope, type Letters, messageIn, type ReplyTo } from './envelope.ts';
import type { Handler } from './handler.ts';
import type { Kernel } from './kernel.ts';
import { newId } from './new-id.ts';
import type { Policies } from './policies.ts';
import type { Ref, Target } from './ref.ts';
import type { Route } from './route.ts';
import { callAsync, enter, leave, runHook } from './running.ts';
import { obey, type Signal } from './signal.ts';
import { Stash } from './stash.ts';
import { crashed } from './supervising.ts';
import type { Tenure } from './tenure.ts';
import { promiseOf } from './thenable.ts';
import { WaitingLine } from './waiting-line.ts';

/** Constants of this module's own: what is imported is read and checked each time. */
const { BUSY, HELD, READY, STARTING, STOPPING } = states;

/** What a cell is made with. */
export type Birth = Pick<Cell, 'args' | 'policies' | 'parent' | 'registered'> & { readonly id: string | undefined };

/** What an actor does when its asynchronous handler has ended. */
interface Sleeper {
	readonly fulfilled: (value: unknown) => void;
	readonly rejected: (error: unknown) => void;
}

/** The mailbox of all that have not had a message yet, and of all that have stopped: it is full. */
const NO_ROOM: Letters = new Mailbox(0);

/** An actor, from the runtime's side. */
export class Cell implements Target, Runnable {
	readonly kernel: Kernel;
	readonly definition: Definition;
	args: unknown;
	readonly policies: Policies;
	readonly parent: Cell | undefined;
	/** Whether the ID is its address, from any node; otherwise only refs that its creator hands out reach it. */
	readonly registered: boolean;
	/** Names this life of this actor within the node. */
	readonly uid: number;
	/** The ref under which others know this actor; the kernel makes it once the actor can be found. */
	self!: Ref;
	instance: object | undefined;
	state: states.CellState = STARTING;
	/** Whether a handler or signal of it is on the stack: what stops it from in there has to wait for the end of its turn. */
	inTurn = false;
	/** Handlers that stand in for the class's own; see `Actor.become`. */
	behavior: ReadonlyMap<string, (...args: never[]) => unknown> | undefined;
	/** Whether it is being found out whether the ID is its own. Until then it takes no messages. */
	claiming = false;
	/** Present when the ID is owned under a lease. */
	tenure: Tenure | undefined;
	/** The way to its ID, as long as it holds it, if anybody has a ref to that. */
	route: Route | undefined;
	/** What only some actors have: children, watchers, timers, a stash. */
	backstage: Backstage | undefined;
	/** Its neighbours in the kernel's {@link Roster}. */
	before: Cell | undefined;
	after: Cell | undefined;
	#id: string | undefined;
	#mailbox = NO_ROOM;
	#signals: Fifo<Signal> | undefined;
	#line: WaitingLine | undefined;
	#scheduled = false;
	/** Wakes when an asynchronous handler has ended; replaced when one is given up, so that nobody hears of its end. */
	#sleeper: Sleeper | undefined;
	/** Made when first needed. */
	#stash: Stash | undefined;

	constructor(kernel: Kernel, definition: Definition, birth: Birth, uid: number) {
		this.kernel = kernel;
		this.definition = definition;
		this.#id = birth.id;
		this.args = birth.args;
		this.policies = birth.policies;
		this.parent = birth.parent;
		this.registered = birth.registered;
		this.uid = uid;
	}

	/** One that it was not given is made when somebody wants to know, as few do. */
	get id(): string {
		return (this.#id ??= newId());
	}

	get path(): string {
		const { id, parent } = this;
		// An unregistered child's ID is its parent's, a slash, and its name.
		return parent ? pathOf(this.registered ? id : id.slice(parent.id.length + 1), parent.path) : pathOf(id);
	}

	get kind(): string {
		return this.definition.kind;
	}

	/** Made for the first message. Nobody asks for it who has not seen that the actor lives. */
	get mailbox(): Letters {
		if (this.#mailbox === NO_ROOM) this.#mailbox = this.#makeMailbox();
		return this.#mailbox;
	}

	/** Who sent the message in hand. */
	get sender(): Ref | undefined {
		return this.#mailbox.holds ? this.#mailbox.sender : undefined;
	}

	/** Messages taken and not finished: queued, waiting for room, stashed, and the one in hand. */
	get pending(): number {
		const mailbox = this.#mailbox;
		const inHand = (mailbox.holds && !this.#stash?.hasInHand) || this.backstage?.judged ? 1 : 0;
		return mailbox.length + inHand + (this.#line?.waiting ?? 0) + (this.#stash?.length ?? 0);
	}

	wire(): unknown[] {
		this.kernel.introduce(this);
		return [nameOnWire(this.id), this.kind, nameOnWire(this.path), this.kernel.node, this.uid];
	}

	same(other: Target): boolean {
		return other === this || (other.kernel !== this.kernel && String(other.wire()) === String(this.wire()));
	}

	/** Takes a message in, or accounts for it. */
	deliver(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void {
		const mailbox = this.#mailbox;
		if (handler.trusted !== this.definition || this.state >= STOPPING || mailbox.full)
			return this.#check(handler, payload, sender, replyTo);
		mailbox.put(handler, payload, sender, replyTo);
		if (replyTo !== undefined) replyTo.accepted();
		if (this.#scheduled === false) this.wake();
	}

	/** {@link Cell.deliver} for a message that has been waiting elsewhere. */
	admit({ handler, payload, sender, replyTo }: Envelope): void {
		this.deliver(handler, payload, sender, replyTo);
	}

	/** Whether that one waits for the asynchronous handler that runs. */
	busyFor(replyTo: ReplyTo): boolean {
		return this.state === BUSY && this.#mailbox.holds && this.#mailbox.replyTo === replyTo;
	}

	/** Whether an instance of the class is this actor's no more: it has been stopped, or another has come after it. */
	over(instance: object): boolean {
		return this.instance !== instance && (this.instance !== undefined || this.state !== STARTING);
	}

	/** Puts a system message in the lane that comes before all others. */
	signal(signal: Signal): void {
		if (this.state >= STOPPING) return;
		this.#signals ??= new Fifo();
		this.#signals.push(signal);
		this.wake();
	}

	/** Gets a turn when there is anything to do. */
	wake(): void {
		if (this.#scheduled || this.state !== READY) return;
		if (this.#signals === undefined && this.#mailbox.length === 0) return;
		this.#scheduled = true;
		this.kernel.dispatcher.schedule(this);
	}

	/**
	 * Takes and handles messages: all of it in one function, because an engine that takes parts of this into its callers
	 * leaves out others, and which ones is then a matter of luck. Every part is read at once: once the handler has been
	 * called, the mailbox has to be looked at anew.
	 */
	run(turn: number): number {
		const { tenure } = this;
		let handled = 0;
		const before = enter(this);
		this.#scheduled = false;
		this.inTurn = true;
		try {
			while (this.state === READY && handled < turn) {
				if (tenure !== undefined && !(handled === 0 ? tenure.holds() : tenure.stillHolds())) {
					tenure.park(this);
					return handled;
				}
				if (this.#signals !== undefined) {
					this.#obeyNext(this.#signals);
					continue;
				}
				const mailbox = this.#mailbox;
				const handler = mailbox.take();
				if (handler === undefined) return handled;
				if (this.#line !== undefined) this.#letIn(this.#line);
				handled++;
				const { payload, replyTo } = mailbox;
				let result: unknown;
				let promise: Promise<unknown> | undefined;
				try {
					if (this.behavior !== undefined || handler.async) result = this.#call(handler, payload);
					else result = handler.call(this.instance as object, payload);
					// Asked here too, because most results are none, and that is a call less.
					if (typeof result === 'object' || typeof result === 'function') promise = promiseOf(result);
				} catch (error) {
					this.#threw(mailbox, error);
					continue;
				}
				if (promise === undefined) this.#done(mailbox, replyTo, result);
				else this.#await(mailbox, promise);
			}
			this.wake();
		} finally {
			leave(before);
			this.inTurn = false;
		}
		return handled;
	}

	/** What may run another function than the class's own, or run on. */
	#call(handler: Handler, payload: unknown): unknown {
		const instead = this.behavior?.get(handler.name);
		if (instead !== undefined) return runHook(this, instead, handler.argumentsIn(payload));
		return handler.async ? callAsync(this, handler, payload) : handler.call(this.instance as object, payload);
	}

	#done(mailbox: Letters, replyTo: ReplyTo | undefined, value: unknown): void {
		mailbox.letGo();
		if (this.#stash === undefined || !this.#stash.letGo()) {
			this.kernel.ledger.handled++;
			if (replyTo !== undefined) replyTo.replied(value);
		}
		// Its handler has run on until now, or somebody waits for it to rest.
		if (this.state === BUSY) settled(this);
	}

	#threw(mailbox: Letters, error: unknown): void {
		const { mail } = mailbox;
		mailbox.letGo();
		this.#stash?.crashed();
		if (isRejection(error)) {
			this.kernel.ledger.handled++;
			mail.replyTo?.failed(error);
			if (this.state === BUSY) settled(this);
		} else crashed(this, error, mail);
	}

	#await(mailbox: Letters, promise: Promise<unknown>): void {
		this.state = BUSY;
		this.#sleeper ??= this.#makeSleeper(mailbox);
		promise.then(this.#sleeper.fulfilled, this.#sleeper.rejected);
	}

	#makeSleeper(mailbox: Letters): Sleeper {
		const { dispatcher } = this.kernel;
		const sleeper: Sleeper = {
			fulfilled: (value) => {
				if (this.#sleeper !== sleeper) return;
				const first = dispatcher.begin();
				try {
					this.#done(mailbox, mailbox.replyTo, value);
				} finally {
					if (first) dispatcher.drain();
				}
			},
			rejected: (error) => {
				if (this.#sleeper === sleeper) this.#threw(mailbox, error);
			},
		};
		return sleeper;
	}

	#obeyNext(signals: Fifo<Signal>): void {
		const signal = signals.shift() as Signal;
		if (signals.length === 0) this.#signals = undefined;
		obey(this, signal);
	}

	/** Sets aside the message in hand, until {@link Cell.unstash}. */
	stash(): void {
		this.#stash ??= new Stash();
		const objection = this.#stash.objection(this.#mailbox.holds, this.policies.mailbox);
		if (objection) throw new TroupeError('ERR_STASH_FULL', `${this.id} ${objection}`, { actor: this.id });
		this.#stash.add(this.#mailbox.mail);
	}

	/** Puts what was stashed back to the front of the mailbox, in the order it came. */
	unstash(): void {
		if (this.#stash === undefined || this.#stash.length === 0) return;
		this.#stash.empty((envelope) => this.mailbox.putBack(envelope));
		this.wake();
	}

	/** Hands every message that it holds to `refuse`: the actor has come to its end. */
	drain(reason: DeadLetterReason): void {
		this.#drop(reason);
		this.unstash();
		this.empty((envelope) => this.kernel.refuse(envelope, this, reason));
	}

	/** Goes on without the message being handled; what its handler may still do is ignored. */
	giveUp(reason: DeadLetterReason): void {
		this.#drop(reason);
		this.state = HELD;
	}

	#drop(reason: DeadLetterReason): void {
		const mailbox = this.#mailbox;
		const stays = this.#stash?.letGo();
		this.#sleeper = undefined;
		if (!mailbox.holds) return;
		const { mail } = mailbox;
		mailbox.letGo();
		if (!stays) this.kernel.refuse(mail, this, reason);
	}

	/** Empties the mailbox, and the line of sends that wait for room in it. */
	empty(take: (envelope: Envelope) => void): void {
		for (let next = this.#mailbox.shift(); next; next = this.#mailbox.shift()) take(next);
		for (let next = this.#line?.next(); next; next = this.#line?.next()) take(next);
	}

	/** Those who still have its ref, such as links that other nodes know it by, keep its name alive and nothing else. */
	bury(): void {
		this.args = undefined;
		this.#mailbox = NO_ROOM;
		this.#line = undefined;
		this.#sleeper = undefined;
	}

	/** Signals are meant for one instance and go with it. */
	dropSignals(): void {
		this.#signals = undefined;
	}

	#makeMailbox(): Letters {
		const { capacity, urgency } = this.policies.mailbox;
		if (urgency === undefined) return new Mailbox(capacity);
		const mailbox: Letters = new Mailbox(capacity, (envelope: Envelope) => {
			const value = urgency(messageIn(envelope));
			// It may have stopped the actor: then nobody looks into this mailbox any more.
			if (this.#mailbox !== mailbox) this.kernel.refuse(envelope, this, 'stopped');
			return value;
		});
		return mailbox;
	}

	/** The long way in, for what is not simply a message of this class to an actor that lives and has room. */
	#check(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void {
		const envelope = new Mail(handler, payload, sender, replyTo);
		if (!passes(this, envelope)) return;
		if (this.mailbox.full) return this.#full(envelope);
		this.#enter(envelope);
		if (this.#scheduled === false) this.wake();
	}

	#full(envelope: Envelope): void {
		const { overflow } = this.policies.mailbox;
		const { replyTo } = envelope;
		if (overflow === 'drop-oldest') {
			const oldest = this.mailbox.drop();
			// Whoever sends in a loop where there is always room must not keep the event loop from those who would make some.
			this.#enter(envelope, envelope.replyTo?.patient && this.kernel.dispatcher.spend());
			if (oldest) this.kernel.refuse(oldest, this, 'dropped-oldest');
		} else if (replyTo?.patient && (this.#line?.length ?? 0) < WAITING_SENDS) {
			this.#line ??= new WaitingLine(this);
			this.#line.join(envelope, replyTo);
		} else this.kernel.refuse(envelope, this, overflow === 'drop-newest' ? 'dropped-newest' : 'mailbox-full');
	}

	/** The longest-waiting send enters; the mailbox stays full while any waits, so that nothing overtakes it. */
	#letIn(line: WaitingLine): void {
		const envelope = line.next();
		if (envelope === undefined) this.#line = undefined;
		else this.#enter(envelope);
	}

	#enter({ handler, payload, sender, replyTo }: Envelope, afterIo = false): void {
		this.mailbox.put(handler, payload, sender, replyTo);
		replyTo?.accepted(afterIo);
	}
}
