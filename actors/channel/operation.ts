/**
 * One step at a channel as its caller sees it: a promise. It begins at the end of the turn in which it was made, so that
 * `select` can have it for a choice before.
 */

import type { CancelTimer } from '../../runtime/kernel/actor-timers.ts';
import type { Choice } from './choice.ts';
import type { Endpoint } from './endpoint.ts';
import type { Loop } from './loop.ts';
import { Step, type StepKind } from './steps.ts';

/** Made of what was received (of a send, nothing) and of whether it was: not when the channel has ended. */
export type Result = (value: unknown, ok: boolean) => unknown;

const OPERATION: unique symbol = Symbol('operation');

/** A promise that `select` can take part in. */
export type Selectable<T> = Promise<T> & { readonly [OPERATION]?: Operation };

/** How one wait may end early. */
export interface Limits {
	readonly timeout: number | undefined;
	readonly signal: AbortSignal | undefined;
}

/** Values that were received and are not confirmed, of one receiver. */
export type Unconfirmed = number[];

/** The executor of every promise is one function, which leaves what it is given here: a closure less for each. */
const settlers: { resolve: (result: unknown) => void; reject: (error: unknown) => void } = {
	resolve: () => {},
	reject: () => {},
};

function keepSettlers(resolve: (result: unknown) => void, reject: (error: unknown) => void): void {
	settlers.resolve = resolve;
	settlers.reject = reject;
}

/** A step, from call to answer. */
export class Operation {
	readonly promise: Selectable<unknown>;
	endpoint: Endpoint;
	kind: StepKind;
	readonly value: unknown;
	/** Where its value is noted until it is confirmed. */
	readonly unconfirmed: Unconfirmed | undefined;
	/** Takes values that come with its own. */
	loop: Loop<unknown> | undefined;
	/** Its number at the channel's home, once it has been sent there. */
	number: number | undefined;
	choice: Choice | undefined;
	/** Its caller wants no more of it. */
	regretted = false;
	/** Stands in line at its end. */
	inLine = false;
	/** A choice has it, and says when it begins. */
	reserved = false;
	/** Settled, or never to be: one of a choice that went elsewhere. */
	over = false;
	/** What is done when its home has let go of it. */
	#letGo: (() => void) | undefined;
	/** What its promise resolves to, made of what it comes to. */
	readonly #result: Result;
	readonly #resolve: (result: unknown) => void;
	readonly #reject: (error: unknown) => void;
	#cancelTimer: CancelTimer | undefined;
	#unlisten: (() => void) | undefined;

	constructor(
		endpoint: Endpoint,
		kind: StepKind,
		value: unknown,
		unconfirmed: Unconfirmed | undefined,
		result: Result,
	) {
		this.endpoint = endpoint;
		this.kind = kind;
		this.value = value;
		this.unconfirmed = unconfirmed;
		this.#result = result;
		const promise = new Promise(keepSettlers);
		this.#resolve = settlers.resolve;
		this.#reject = settlers.reject;
		(promise as { [OPERATION]?: Operation })[OPERATION] = this;
		this.promise = promise;
	}

	/** Its wait ends with `late()` after the timeout, and with `aborted()` when the signal says so. */
	limit({ timeout, signal }: Limits, late: () => unknown, aborted: () => unknown): void {
		if (timeout !== undefined) this.#cancelTimer = this.endpoint.after(timeout, () => this.regret(late()));
		if (!signal) return;
		const abort = (): void => this.regret(aborted());
		signal.addEventListener('abort', abort, { once: true });
		this.#unlisten = () => signal.removeEventListener('abort', abort);
	}

	succeed(value: unknown, ok: boolean): void {
		if (this.over) return;
		this.end();
		if (this.choice) this.choice.won(this, value, ok);
		else this.#resolve(this.#result(value, ok));
	}

	fail(error: unknown): void {
		if (this.over) return;
		this.end();
		if (this.choice) this.choice.lost(this, error);
		else this.#reject(error);
	}

	/** It is one of a choice, which begins it later, unless it has failed before; `now`: it must not wait. */
	reserve(choice: Choice, now: boolean): void {
		if (this.over) return void this.promise.catch((error) => choice.lost(this, error));
		this.choice = choice;
		this.reserved = true;
		if (now) this.kind = this.kind === Step.SEND ? Step.TRY_SEND : Step.TRY_RECEIVE;
	}

	/** Begins it. */
	begin(): void {
		this.reserved = false;
		if (!this.over && !this.inLine) this.endpoint.submit(this);
	}

	/** Its end has a successor, where it is taken anew. */
	moveTo(endpoint: Endpoint): void {
		if (this.over) return;
		this.endpoint = endpoint;
		endpoint.submit(this);
	}

	/** Its caller wants no more of it, and is told so when it is certain that it has not happened. */
	regret(error: unknown): void {
		this.#takeBack(() => this.fail(error));
	}

	/** The loop that it is for has been left: as if the channel had ended, if no value was on its way. */
	leave(): void {
		this.#takeBack(() => this.succeed(undefined, false));
	}

	/** It was taken back in time. */
	withdrawn(): void {
		if (this.#letGo) this.#letGo();
		else this.end();
	}

	#takeBack(letGo: () => void): void {
		this.#letGo = letGo;
		this.regretted = true;
		this.endpoint.withdraw(this);
	}

	/** Nothing comes of it any more. */
	end(): void {
		this.over = true;
		this.#cancelTimer?.();
		this.#unlisten?.();
	}
}

/** The operation behind a promise of a channel's; `undefined` of any other. */
export function operationOf(promise: unknown): Operation | undefined {
	return (promise as Selectable<unknown> | undefined)?.[OPERATION];
}
