/**
 * One actor's life: its mailbox, its state and the one message it handles at a time. This file is the hot path: a
 * message enters at `deliver` and leaves at `#done`. What happens at the edges of a life is in `starting.ts`, `supervising.ts` and `ending.ts`.
 *
 * Two lanes: signals (stop, timers, terminations, failed children) come before messages. A synchronous handler costs
 * no promise; an asynchronous one suspends this cell and no other.
 */

import { pathOf } from '../core/address.ts';
import { WAITING_SENDS } from '../core/config.ts';
import { isRejection, TroupeError } from '../core/errors.ts';
import type { DeadLetterReason, Message } from '../core/events.ts';
import { Fifo } from '../mailbox/fifo.ts';
import { type Queue, queueOf } from '../mailbox/mailbox.ts';
import type { Backstage } from './backstage.ts';
import { BUSY, type CellState, HELD, READY, STARTING, STOPPED, STOPPING } from './cell-state.ts';
import { STOP, WATCH } from './control.ts';
import type { Definition } from './definition.ts';
import type { Runnable } from './dispatcher.ts';
import { settled } from './ending.ts';
import type { Envelope } from './envelope.ts';
import type { Handler, Method } from './handler.ts';
import type { Kernel } from './kernel.ts';
import type { Policies } from './policies.ts';
import { Ref, type Target } from './ref.ts';
import type { Route } from './route.ts';
import { callAsync, enter, leave, runHook } from './running.ts';
import { validate } from './schema.ts';
import { crashed, requestStop } from './supervising.ts';
import type { Tenure } from './tenure.ts';
import { promiseOf } from './thenable.ts';
import { addWatcher } from './watch.ts';

/** What a cell is made with. */
export type Birth = Pick<Cell, 'id' | 'args' | 'policies' | 'parent' | 'registered'>;

type Signal = (instance: object) => unknown;

/** An actor, from the runtime's side. */
export class Cell implements Target, Runnable {
	readonly kernel: Kernel;
	readonly definition: Definition;
	readonly id: string;
	readonly args: unknown;
	readonly policies: Policies;
	readonly parent: Cell | undefined;
	/** Whether the ID is its address, from any node; otherwise only refs that its creator hands out reach it. */
	readonly registered: boolean;
	/** Names this life of this actor within the node. */
	readonly uid: number;
	instance: object | undefined;
	state: CellState = STARTING;
	/** Whether a handler or signal of it is on the stack: what stops it from in there has to wait for the end of its turn. */
	inTurn = false;
	/** The message being handled. */
	current: Envelope | undefined;
	/** Handlers that stand in for the class's own; see `Actor.become`. */
	behavior: ReadonlyMap<string, (...args: never[]) => unknown> | undefined;
	/** Present when the ID is owned under a lease. */
	tenure: Tenure | undefined;
	/** The way to its ID, as long as it holds it, if anybody has a ref to that. */
	route: Route | undefined;
	/** What only some actors have: children, watchers, timers, a stash. */
	backstage: Backstage | undefined;
	#queue: Queue<Envelope> | undefined;
	#signals: Fifo<Signal> | undefined;
	#waiting: Fifo<Envelope> | undefined;
	#scheduled = false;
	#stashed = false;
	#self: Ref | undefined;

	constructor(kernel: Kernel, definition: Definition, birth: Birth, uid: number) {
		this.kernel = kernel;
		this.definition = definition;
		this.id = birth.id;
		this.args = birth.args;
		this.policies = birth.policies;
		this.parent = birth.parent;
		this.registered = birth.registered;
		this.uid = uid;
	}

	get path(): string {
		const { id, parent } = this;
		// An unregistered child's ID is its parent's, a slash, and its name.
		return parent ? pathOf(this.registered ? id : id.slice(parent.id.length + 1), parent.path) : pathOf(id);
	}

	get kind(): string {
		return this.definition.kind;
	}

	/** The ref under which others know this actor. */
	get self(): Ref {
		return (this.#self ??= new Ref(this.kernel.targetOf(this), this.definition));
	}

	/** Messages in the order in which they will be handled; made for the first of them. */
	get queue(): Queue<Envelope> {
		return (this.#queue ??= queueOf(this.policies.mailbox, messageOf));
	}

	/** Messages taken and not finished: queued, waiting for room, stashed, and the one being handled. */
	get pending(): number {
		const stashed = this.backstage?.stash?.length ?? 0;
		const waiting = (this.#waiting?.length ?? 0) - (this.backstage?.withdrawn?.size ?? 0);
		return (this.#queue?.length ?? 0) + waiting + stashed + (this.current && !this.#stashed ? 1 : 0);
	}

	wire(): unknown[] {
		return [this.id, this.kind, this.path, this.kernel.node, this.uid];
	}

	same(other: Target): boolean {
		return other === this || (other.kernel !== this.kernel && String(other.wire()) === String(this.wire()));
	}

	/** Takes a message in, or accounts for it. */
	deliver(envelope: Envelope): void {
		if (envelope.handler.definition !== this.definition && !this.#recognise(envelope)) return;
		if (envelope.handler.schemas !== undefined && !this.#valid(envelope)) return;
		if (this.state >= STOPPING)
			return this.kernel.refuse(envelope, this, this.state === STOPPED ? 'no-such-actor' : 'stopped');
		if (this.queue.length >= this.policies.mailbox.capacity) return this.#full(envelope);
		this.#take(envelope);
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
		if (!this.#queue?.length && !this.#signals?.length) return;
		this.#scheduled = true;
		this.kernel.dispatcher.schedule(this);
	}

	run(turn: number): number {
		this.#scheduled = false;
		this.inTurn = true;
		const before = enter(this);
		try {
			return this.#turn(turn);
		} finally {
			leave(before);
			this.inTurn = false;
		}
	}

	#turn(turn: number): number {
		const { tenure } = this;
		let handled = 0;
		while (this.state === READY) {
			if (handled === turn) {
				this.wake();
				break;
			}
			if (tenure !== undefined && !(handled === 0 ? tenure.holds() : tenure.stillHolds())) {
				tenure.park(this);
				break;
			}
			if (this.#signals !== undefined && this.#signals.length > 0) {
				this.#obey(this.#signals.shift() as Signal);
				continue;
			}
			const envelope = this.#queue?.shift();
			if (envelope === undefined) break;
			if (this.#waiting !== undefined) this.#admit();
			this.#handle(envelope);
			handled++;
		}
		return handled;
	}

	#take(envelope: Envelope): void {
		this.queue.push(envelope);
		envelope.replyTo?.accepted();
		if (!this.#scheduled && this.state === READY) {
			this.#scheduled = true;
			this.kernel.dispatcher.schedule(this);
		}
	}

	#handle(envelope: Envelope): void {
		const { handler } = envelope;
		const method = handler.method as Method;
		const instance = this.instance as object;
		const instead = this.behavior?.get(handler.name);
		this.current = envelope;
		let result: unknown;
		let promise: Promise<unknown> | undefined;
		try {
			if (instead !== undefined) result = runHook(this, instead, envelope.args);
			else result = handler.async ? callAsync(this, envelope, method) : envelope.call(method, instance);
			promise = promiseOf(result);
		} catch (error) {
			this.#threw(envelope, error);
			return;
		}
		if (promise) return this.#await(envelope, promise);
		this.#done(envelope, result);
		if (this.state === BUSY) settled(this);
	}

	#done(envelope: Envelope, value: unknown): void {
		this.current = undefined;
		if (this.#stashed) {
			this.#stashed = false;
			return;
		}
		this.kernel.ledger.handled++;
		envelope.replyTo?.replied(value);
	}

	#threw(envelope: Envelope, error: unknown): void {
		this.current = undefined;
		if (this.#stashed) {
			this.#stashed = false;
			this.backstage?.stash?.pop();
		}
		if (isRejection(error)) {
			this.kernel.ledger.handled++;
			envelope.replyTo?.failed(error);
			if (this.state === BUSY) settled(this);
		} else crashed(this, error, envelope);
	}

	#await(envelope: Envelope, promise: Promise<unknown>): void {
		this.state = BUSY;
		promise.then(
			(value) => {
				// Not this message any more: it was given up when the actor had to stop without it.
				if (this.current !== envelope) return;
				this.#done(envelope, value);
				settled(this);
			},
			(error) => {
				if (this.current === envelope) this.#threw(envelope, error);
			},
		);
	}

	#obey(signal: Signal): void {
		const instance = this.instance as object;
		let promise: Promise<unknown> | undefined;
		try {
			promise = promiseOf(signal(instance));
		} catch (error) {
			crashed(this, error);
			return;
		}
		if (!promise) {
			if (this.state === BUSY) settled(this);
			return;
		}
		this.state = BUSY;
		const mine = (): boolean => this.state === BUSY && this.instance === instance;
		promise.then(
			() => mine() && settled(this),
			(error) => mine() && crashed(this, error),
		);
	}

	/** Sets aside the message being handled, until {@link Cell.unstash}. */
	stash(): void {
		const envelope = this.current;
		if (!envelope || this.#stashed)
			throw new TroupeError(
				'ERR_STASH_FULL',
				`${this.id} has no message to stash: stash() sets aside the one being handled, once`,
				{
					actor: this.id,
				},
			);
		const backstage = this.kernel.backstageOf(this);
		backstage.stash ??= [];
		const { stash } = backstage;
		if (stash.length >= this.policies.mailbox.capacity)
			throw new TroupeError(
				'ERR_STASH_FULL',
				`${this.id} has stashed ${stash.length} messages, as many as its mailbox holds`,
				{
					actor: this.id,
				},
			);
		stash.push(envelope);
		this.#stashed = true;
	}

	/** Puts what was stashed back to the front of the mailbox, in the order it came. */
	unstash(): void {
		const stash = this.backstage?.stash;
		if (!stash) return;
		for (let envelope = stash.pop(); envelope; envelope = stash.pop()) {
			if (envelope === this.current) this.#stashed = false;
			else this.queue.unshift(envelope);
		}
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
		const { current } = this;
		this.current = undefined;
		if (current && !this.#stashed) this.kernel.refuse(current, this, reason);
		this.#stashed = false;
	}

	/** Empties the mailbox, and the line of sends that wait for room in it. */
	empty(take: (envelope: Envelope) => void): void {
		for (let next = this.#queue?.shift(); next; next = this.#queue?.shift()) take(next);
		for (let next = this.#nextWaiting(); next; next = this.#nextWaiting()) take(next);
	}

	/** Signals are meant for one instance and go with it. */
	dropSignals(): void {
		this.#signals = undefined;
	}

	/** The receiving class decides what is a message, whatever class the sender had in mind. */
	#recognise(envelope: Envelope): boolean {
		if (envelope.handler === STOP) {
			const { replyTo } = envelope;
			requestStop(this).then(() => replyTo?.replied(undefined));
			return false;
		}
		if (envelope.handler === WATCH) {
			addWatcher(this, envelope.replyTo, this.state === STOPPED);
			return false;
		}
		const own = this.definition.handlers.get(envelope.handler.name);
		if (own === undefined) this.kernel.refuse(envelope, this, 'not-a-message');
		else envelope.handler = own;
		return own !== undefined;
	}

	#valid(envelope: Envelope): boolean {
		const checked = validate(envelope.handler as Handler, envelope.args, this.id);
		if (checked instanceof TroupeError) this.kernel.refuse(envelope, this, 'invalid-message', checked);
		else envelope.args = checked;
		return !(checked instanceof TroupeError);
	}

	#full(envelope: Envelope): void {
		const { overflow } = this.policies.mailbox;
		if (overflow === 'drop-oldest') {
			const oldest = this.queue.drop();
			this.#take(envelope);
			if (oldest) this.kernel.refuse(oldest, this, 'dropped-oldest');
			return;
		}
		if (envelope.replyTo?.patient && (this.#waiting?.length ?? 0) < WAITING_SENDS)
			return this.#wait(envelope, envelope.replyTo);
		this.kernel.refuse(envelope, this, overflow === 'drop-newest' ? 'dropped-newest' : 'mailbox-full');
	}

	#wait(envelope: Envelope, replyTo: NonNullable<Envelope['replyTo']>): void {
		this.#waiting ??= new Fifo();
		this.#waiting.push(envelope);
		replyTo.withdraw = () => {
			const backstage = this.kernel.backstageOf(this);
			backstage.withdrawn ??= new Set();
			backstage.withdrawn.add(envelope);
			this.kernel.refuse(envelope, this, 'withdrawn');
		};
	}

	/** The longest-waiting send enters; the mailbox stays full while any waits, so that nothing overtakes it. */
	#admit(): void {
		const envelope = this.#nextWaiting();
		if (envelope === undefined) this.#waiting = undefined;
		else {
			this.queue.push(envelope);
			envelope.replyTo?.accepted();
		}
	}

	/** Who has given up is passed over here rather than searched for when it does. */
	#nextWaiting(): Envelope | undefined {
		let envelope = this.#waiting?.shift();
		while (envelope && this.backstage?.withdrawn?.delete(envelope)) envelope = this.#waiting?.shift();
		if (envelope?.replyTo) envelope.replyTo.withdraw = undefined;
		return envelope;
	}
}

function messageOf({ handler, args }: Envelope): Message {
	return { name: handler.name, args };
}
