/**
 * The base of every actor class. A subclass's public methods are its messages; everything here is `protected`, for the
 * actor itself. One message is handled at a time, so an actor's fields need no locks.
 */

import { TroupeError } from '../runtime/core/errors.ts';
import type { ActorInstance, ActorRef, Address, AnyRef, ARGS, ArgsOf } from '../runtime/core/protocol.ts';
import type { ActorTimers } from '../runtime/kernel/actor-timers.ts';
import { noTimers, ActorTimers as Timers } from '../runtime/kernel/actor-timers.ts';
import type { Cell } from '../runtime/kernel/cell.ts';
import type { Termination } from '../runtime/kernel/control.ts';
import { type ActorClass, BASE, behaviorOf } from '../runtime/kernel/definition.ts';
import { signalOf } from '../runtime/kernel/ending.ts';
import { type Log, withFields } from '../runtime/kernel/log.ts';
import type { Ref } from '../runtime/kernel/ref.ts';
import { takeConstructing } from '../runtime/kernel/running.ts';
import type { SpawnOptions } from '../runtime/kernel/spawn-options.ts';
import { unwatch, watch } from '../runtime/kernel/watch.ts';
import type { SpawnArguments } from '../runtime/spawn.ts';
import type { ActorSystem } from './system.ts';

let cellOf: (actor: Actor<unknown>) => Cell;

/** Handlers that stand in for those of the class, by message name; see {@link Actor.become}. */
export type Behavior = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Extend this to define an actor. `Args` is the type of {@link Actor.args}, given at spawn.
 *
 * ```ts
 * class Counter extends Actor<{ start?: number }> {
 *   static readonly kind = 'counter';
 *   #total = this.args.start ?? 0;
 *   add(by: number) { return (this.#total += by); }
 * }
 * ```
 */
export abstract class Actor<Args = void> implements ActorInstance<Args> {
	declare readonly [ARGS]?: Args;
	readonly #cell: Cell;

	/** Called by the runtime. `ERR_NOT_SPAWNED` when called by anybody else: use `system.spawn` or `this.spawn`. */
	constructor() {
		const cell = takeConstructing();
		if (!cell)
			throw new TroupeError(
				'ERR_NOT_SPAWNED',
				`${new.target.name} is an actor: start it with system.spawn(${new.target.name}) or, inside an actor, this.spawn(${new.target.name})`,
			);
		this.#cell = cell;
	}

	/** What it was spawned with. The same after each restart. */
	protected get args(): Args {
		return (this.#cell.args ?? {}) as Args;
	}

	/** Its own address. */
	protected get self(): AnyRef {
		return this.#cell.self as unknown as AnyRef;
	}

	/** The actor that sent the message being handled; `undefined` when it came from outside an actor. */
	protected get sender(): AnyRef | undefined {
		return this.#cell.sender as unknown as AnyRef | undefined;
	}

	/** The system it lives in. */
	protected get system(): ActorSystem {
		return this.#cell.kernel.host as ActorSystem;
	}

	/** Aborts when this instance is stopped or restarted: pass it to whatever takes an `AbortSignal`. */
	protected get signal(): AbortSignal {
		return signalOf(this.#cell, this);
	}

	/** Log lines that carry this actor's ID. */
	protected get log(): Log {
		return withFields(this.#cell.kernel.log, { actor: this.#cell.id });
	}

	/** Timers whose callbacks are turns of this actor; they end with this instance, and what it starts afterwards never runs. */
	protected get timers(): ActorTimers {
		if (this.#cell.over(this)) return noTimers(this.#cell);
		const backstage = this.#cell.kernel.backstageOf(this.#cell);
		backstage.timers ??= new Timers(this.#cell);
		return backstage.timers;
	}

	/**
	 * Starts a child: at once, on this node, under this actor's `static children` strategy. It stops when this actor stops
	 * or restarts. Its ID is this actor's ID, `/`, and `id`.
	 *
	 * @throws `ERR_START_FAILED` when its constructor throws; `ERR_ID_TAKEN` when a sibling has the `id`. What fails later,
	 * in `onStart` too, is a crash of the child. `ERR_STOPPED` in `onStop` and after it: nothing would ever stop the child.
	 */
	protected spawn<A extends ActorInstance>(actor: ActorClass<A>, ...options: SpawnArguments<ArgsOf<A>>): ActorRef<A> {
		this.#mustBePresent('takes no more children');
		const ref: Ref = this.#cell.kernel.child(this.#cell, actor, (options[0] ?? {}) as SpawnOptions);
		return ref as unknown as ActorRef<A>;
	}

	/**
	 * Asks to be told, by {@link Actor.onTerminated}, when the actor has stopped for good, wherever it lives. A restart is
	 * no end. Comes exactly once; at once when the actor is not there. Watches end with this instance.
	 */
	protected watch(ref: Address): void {
		if (!this.#cell.over(this)) watch(this.#cell, ref as Ref);
	}

	/** Ends a {@link Actor.watch}. */
	protected unwatch(ref: Address): void {
		if (!this.#cell.over(this)) unwatch(this.#cell, ref as Ref);
	}

	/** Sets the message being handled aside, unanswered, until {@link Actor.unstash}. `ERR_STASH_FULL` beyond the mailbox's capacity. */
	protected stash(): void {
		this.#mustBePresent('has no message to stash');
		this.#cell.stash();
	}

	/** Puts all stashed messages back to the front of the mailbox, in the order they came. */
	protected unstash(): void {
		if (!this.#cell.over(this)) this.#cell.unstash();
	}

	/**
	 * Handles messages of these names with these functions from the next message on; others go on as before. Without an
	 * argument, the class's own methods handle everything again. A restart does that too. `ERR_BAD_OPTION` for a name that
	 * is none of the class's messages.
	 */
	protected become(behavior?: Behavior): void {
		if (!this.#cell.over(this)) this.#cell.behavior = behavior && behaviorOf(this.#cell.definition, behavior);
	}

	/** Before the first message, after construction and after a restart. A failure is a failed start. */
	protected onStart(): void | Promise<void> {}

	/** After the last message of this instance: before a restart and before the end. Release here what onStart took. */
	protected onStop(): void | Promise<void> {}

	/** On the new instance after a crash, before its onStart; `error` is what crashed the old one. */
	protected onRestart(_error: unknown): void | Promise<void> {}

	/** A watched actor has stopped for good. */
	protected onTerminated(_ref: AnyRef, _why: Termination): void | Promise<void> {}

	/** Code of an instance may run on when the instance is over, and must not meddle with the one that came after it. */
	#mustBePresent(otherwise: string): void {
		const { id } = this.#cell;
		if (this.#cell.over(this))
			throw new TroupeError('ERR_STOPPED', `this instance of ${id} is stopping or has been replaced: it ${otherwise}`, {
				actor: id,
			});
	}

	static {
		Object.defineProperty(Actor.prototype, BASE, { value: true });
		cellOf = (actor) => actor.#cell;
	}
}

/**
 * Whether what the actor could be told in a message may be done to it at once, for ready-made actors that others of their
 * node call: not when its node may have lost the right to act for its ID, nor when messages are to be copied.
 */
export function mayActNow(actor: Actor<unknown>): boolean {
	const { tenure, kernel } = cellOf(actor);
	return !kernel.strict && (tenure === undefined || tenure.holds());
}
