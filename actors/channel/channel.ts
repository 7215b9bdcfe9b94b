/**
 * A channel as its users see it: Go's, on any number of machines. Values go in at one end and come out at another, each
 * once, in the order of each sender; who sends waits while it is full, who receives waits while it is empty.
 */

import { setMaxListeners } from 'node:events';
import { TroupeError } from '../../runtime/core/errors.ts';
import type { CallOptions } from '../../runtime/core/protocol.ts';
import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';
import { type Duration, milliseconds } from '../../supervisor/duration.ts';
import { done } from './at-once.ts';
import type { Endpoint } from './endpoint.ts';
import { ConfirmedLoop, Loop } from './loop.ts';
import { type Limits, Operation, type Result, type Selectable, type Unconfirmed } from './operation.ts';
import { type ChannelStat, Step, type StepKind } from './steps.ts';

/** How a channel is made. Who joins one that is there may leave all out, and must not say otherwise. */
export interface ChannelOptions {
	/** Values it holds before a send waits; 0, the default, is a rendezvous: each send waits for its receive. */
	readonly capacity?: number | undefined;
	/**
	 * A value that was received belongs to its receiver until it is confirmed: by the next receive of the same handle or
	 * loop, or by {@link Channel.confirm}. When the receiver's node dies before, others get it (again). Default: false.
	 */
	readonly redeliver?: boolean | undefined;
	/**
	 * What it holds is kept in JetStream: a `send` resolves when its value is stored, and who asks for a channel whose node is
	 * gone gets it with all that it held. Without `redeliver`, a value that was received is its receiver's. Default: false.
	 */
	readonly durable?: boolean | undefined;
}

/** A channel. Made by `system.channel(name)`; each call gives a handle of its own to the same channel. */
export class Channel<T> implements AsyncIterable<T> {
	readonly #endpoint: Endpoint;
	readonly #unconfirmed: Unconfirmed | undefined;

	/** Called by the system. */
	constructor(endpoint: Endpoint) {
		this.#endpoint = endpoint;
		this.#unconfirmed = endpoint.redeliver ? [] : undefined;
	}

	/** Its name. */
	get name(): string {
		return this.#endpoint.name;
	}

	/** Values it holds before a send waits. */
	get capacity(): number {
		return this.#endpoint.capacity;
	}

	/**
	 * Resolves when the channel has taken the value: when it has room, or, with a capacity of 0, when somebody receives it.
	 *
	 * @throws `ERR_CHANNEL_CLOSED` when it is closed, before or while this waits; `ERR_CHANNEL_ABORTED`; `ERR_SEND_TIMEOUT`
	 * and `ERR_ABORTED` when the wait ended: then the value was not taken; `ERR_NODE_DOWN` and `ERR_STOPPED` when the channel
	 * is gone with its node: then nobody knows; `ERR_NOT_ENCODABLE`, `ERR_TOO_LARGE`.
	 */
	send(value: T, options?: CallOptions): Selectable<void> {
		const held = options === undefined ? this.#endpoint.holdNow(value) : undefined;
		if (held) return done(Promise.resolve(), this.#endpoint, held);
		return this.#operate(Step.SEND, value, undefined, options, nothing).promise as never;
	}

	/**
	 * Resolves to the next value, or to `undefined` when the channel is closed and drained.
	 *
	 * @throws `ERR_CHANNEL_ABORTED`; `ERR_RECEIVE_TIMEOUT` and `ERR_ABORTED` when the wait ended: no value is lost by that;
	 * `ERR_NODE_DOWN` and `ERR_STOPPED` when the channel is gone with its node.
	 */
	receive(options?: CallOptions): Selectable<T | undefined> {
		this.confirm();
		const held = options === undefined ? this.#endpoint.unholdNow() : undefined;
		if (held) return done(Promise.resolve(held.value as T), this.#endpoint, held);
		return this.#operate(Step.RECEIVE, undefined, this.#unconfirmed, options, received).promise as never;
	}

	/** Like {@link Channel.send}, without waiting: false when it would have to. */
	trySend(value: T): Promise<boolean> {
		return this.#operate(Step.TRY_SEND, value, undefined, undefined, isDone).promise as never;
	}

	/** Like {@link Channel.receive}, without waiting: `undefined` when it would have to, too. */
	tryReceive(): Promise<T | undefined> {
		this.confirm();
		return this.#operate(Step.TRY_RECEIVE, undefined, this.#unconfirmed, undefined, received).promise as never;
	}

	/** No more values: what is held is still received, then receivers end. Sends that wait fail. To close again does nothing. */
	close(): Promise<void> {
		return this.#operate(Step.CLOSE, undefined, undefined, undefined, nothing).promise as never;
	}

	/** Ends it at once: what is held is dropped, and all who wait, and all later, fail with `ERR_CHANNEL_ABORTED` and the reason. */
	abort(reason?: unknown): Promise<void> {
		return this.#operate(
			Step.ABORT,
			reason ?? new TroupeError('ERR_ABORTED', 'no reason given'),
			undefined,
			undefined,
			nothing,
		).promise as never;
	}

	/** With `redeliver`: this handle's receiver is done with the values it has got. */
	confirm(): void {
		if (this.#unconfirmed && this.#unconfirmed.length > 0) this.#endpoint.confirm(this.#unconfirmed.splice(0));
	}

	/** What the channel says of itself, now. */
	stat(): Promise<ChannelStat> {
		return this.#endpoint.stat();
	}

	/**
	 * Receives until the channel is closed and drained. A loop that has the channel for itself gets values ahead; those it
	 * has not come for stay the channel's, and go back when it is left, or when somebody else wants them.
	 *
	 * With `redeliver`, a value is confirmed when the loop comes for the next; a loop that is left by `break`, `return` or an
	 * error gives its last value back.
	 */
	[Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined> {
		return this.#endpoint.redeliver ? new ConfirmedLoop<T>(this.#endpoint) : new Loop<T>(this.#endpoint);
	}

	#operate(
		kind: StepKind,
		value: unknown,
		unconfirmed: Unconfirmed | undefined,
		options: CallOptions | undefined,
		result: Result,
	): Operation {
		const operation = new Operation(this.#endpoint, kind, value, unconfirmed, result);
		if (options) this.#limit(operation, limitsOf(options));
		const objection = kind === Step.SEND || kind === Step.TRY_SEND ? this.#endpoint.objection(value) : undefined;
		if (objection) operation.fail(objection);
		if (!operation.over) this.#endpoint.submit(operation);
		return operation;
	}

	#limit(operation: Operation, limits: Limits): void {
		const what = operation.kind === Step.SEND ? 'send to' : 'receive from';
		const aborted = (): TroupeError =>
			new TroupeError('ERR_ABORTED', `${what} channel '${this.name}' was aborted`, { cause: limits.signal?.reason });
		if (limits.signal?.aborted) return operation.fail(aborted());
		const late = (): TroupeError =>
			operation.kind === Step.SEND
				? new TroupeError(
						'ERR_SEND_TIMEOUT',
						`channel '${this.name}' had no room for the value within ${limits.timeout} ms: it was not sent`,
					)
				: new TroupeError('ERR_RECEIVE_TIMEOUT', `channel '${this.name}' had no value within ${limits.timeout} ms`);
		operation.limit(limits, late, aborted);
	}
}

function nothing(): void {}

function received(value: unknown): unknown {
	return value;
}

function isDone(_value: unknown, ok: boolean): boolean {
	return ok;
}

/** The limits in the options of a call; `ERR_BAD_OPTION`. */
export function limitsOf(options: CallOptions): Limits {
	const { timeout, signal, ...others } = optionGroup(options, 'options');
	for (const key of Object.keys(others)) throw new BadOption(key, others[key as never], 'timeout or signal');
	if (signal !== undefined && !(signal instanceof AbortSignal)) throw new BadOption('signal', signal, 'an AbortSignal');
	// Each that waits listens to it. That many wait at a time is no leak, which Node would warn of.
	if (signal !== undefined) setMaxListeners(0, signal);
	return { timeout: timeout === undefined ? undefined : milliseconds(timeout as Duration, 'timeout'), signal };
}

/** The options of `system.channel`, checked. */
export function checkChannelOptions(options: ChannelOptions): ChannelOptions {
	const { capacity, redeliver, durable, ...others } = optionGroup(options, 'channel');
	for (const key of Object.keys(others))
		throw new BadOption(key, others[key as never], 'capacity, redeliver or durable');
	if (capacity !== undefined) wholeNumber(capacity, 'capacity', 0);
	if (redeliver !== undefined && typeof redeliver !== 'boolean')
		throw new BadOption('redeliver', redeliver, 'true or false');
	if (durable !== undefined && typeof durable !== 'boolean') throw new BadOption('durable', durable, 'true or false');
	return { capacity, redeliver, durable };
}
