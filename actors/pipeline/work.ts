/**
 * What is done to each element, one after the other: by a worker, or by the run itself. Nothing here knows of actors. A
 * function that returns no promise costs none.
 */

import { isTroupeError, messageOf, TroupeError } from '../../runtime/core/errors.ts';
import { type Backoff, delayOf } from '../../supervisor/backoff.ts';
import type { SinkObject } from './sink.ts';
import type { Stand } from './stream.ts';

/** How often an element is tried, and how long is waited in between. */
export interface Retry {
	readonly attempts: number;
	readonly backoff: Backoff;
}

/** One thing that is done to an element. */
export type Operation =
	| { readonly kind: 'map' | 'filter' | 'flatMap' | 'tee'; readonly call: Call; readonly rules: Rules }
	/** What an element becomes for which an operation before has failed. */
	| { readonly kind: 'recover'; readonly call: (error: unknown, element: unknown) => unknown }
	| { readonly kind: 'sink'; readonly sink: () => SinkObject<unknown>; readonly rules: Rules };

type Call = (element: unknown) => unknown;

/** What an operation may do about its failures. */
export interface Rules {
	readonly retry?: Retry | undefined;
	/** How long it may take, in ms. */
	readonly timeout?: number | undefined;
}

/** An element that could not be worked on: what it was at the operation that failed, and why. */
export interface Poison {
	readonly element: unknown;
	readonly error: unknown;
	/** The name of the stage. */
	readonly stage: string;
	readonly attempts: number;
}

/** What came of some elements. */
export interface Outcome {
	readonly values: readonly unknown[];
	readonly poison: readonly Poison[];
	readonly retries: number;
}

/** Operations as a worker, or a run, does them. */
export class Work {
	readonly #stage: string;
	readonly #operations: readonly Operation[];
	readonly #stand: Stand;
	/** What fails is set aside, and does not end the run. */
	readonly #setsAside: boolean;
	readonly #sinks = new Map<Operation, SinkObject<unknown>>();
	readonly #last: Operation | undefined;
	#values: unknown[] = [];
	#poison: Poison[] = [];
	#retries = 0;

	constructor(stage: string, operations: readonly Operation[], stand: Stand, setsAside: boolean) {
		this.#stage = stage;
		this.#operations = operations;
		this.#last = operations.at(-1);
		this.#stand = stand;
		this.#setsAside = setsAside;
	}

	/** Works on elements in turn; the promise, when there is one, rejects with what ends the run. */
	on(elements: readonly unknown[]): Outcome | Promise<Outcome> {
		for (let n = 0; n < elements.length; n++) {
			const waiting = this.#step(0, elements[n]);
			if (waiting) return this.#goOn(waiting, elements, n + 1);
		}
		return this.#flushed();
	}

	/** All is done: its sinks are closed, or told of the error. */
	async end(error?: unknown): Promise<void> {
		for (const sink of this.#sinks.values()) await (error === undefined ? sink.close?.() : sink.abort?.(error));
		// One that has got nothing is still to be opened and closed.
		for (const operation of this.#operations)
			if (operation.kind === 'sink' && !this.#sinks.has(operation) && error === undefined)
				await this.#sink(operation).close?.();
	}

	async #goOn(waiting: Promise<void>, elements: readonly unknown[], from: number): Promise<Outcome> {
		await waiting;
		for (let n = from; n < elements.length; n++) await this.#step(0, elements[n]);
		return this.#flushed();
	}

	/** What a sink has only begun is waited for, before anybody is told that it is there. */
	#flushed(): Outcome | Promise<Outcome> {
		const sink = this.#last === undefined ? undefined : this.#sinks.get(this.#last);
		if (!sink?.flush) return this.#outcome();
		const failed = (error: unknown): never => {
			throw stageFailed(this.#stage, error, 1);
		};
		return Promise.resolve(sink.flush()).then(() => this.#outcome(), failed);
	}

	#outcome(): Outcome {
		const outcome = { values: this.#values, poison: this.#poison, retries: this.#retries };
		this.#values = [];
		this.#poison = [];
		this.#retries = 0;
		return outcome;
	}

	#step(at: number, element: unknown, attempt = 1): Promise<void> | undefined {
		const operation = this.#operations[at];
		if (operation === undefined) {
			this.#values.push(element);
			return undefined;
		}
		if (operation.kind === 'recover') return this.#step(at + 1, element);
		let result: unknown;
		try {
			result = operation.kind === 'sink' ? this.#sink(operation).write(element) : operation.call(element);
		} catch (error) {
			return this.#failed(at, element, error, attempt);
		}
		if (!isThenable(result)) return this.#next(operation.kind, at, element, result);
		const timeout = operation.rules.timeout;
		const within = timeout === undefined ? result : this.#inTime(result, timeout);
		return Promise.resolve(within).then(
			(value) => this.#next(operation.kind, at, element, value),
			(error) => this.#failed(at, element, error, attempt),
		);
	}

	#next(kind: Operation['kind'], at: number, element: unknown, result: unknown): Promise<void> | undefined {
		switch (kind) {
			case 'map':
				return this.#step(at + 1, result);
			case 'filter':
				return result ? this.#step(at + 1, element) : undefined;
			case 'flatMap':
				return this.#each(at, element, result);
			case 'sink':
				return undefined;
			default:
				return this.#step(at + 1, element);
		}
	}

	#each(at: number, element: unknown, many: unknown): Promise<void> | undefined {
		if (many === null || typeof many !== 'object')
			return this.#failed(at, element, new TypeError('flatMap: what was returned cannot be iterated'), Infinity);
		if (Symbol.asyncIterator in many) return this.#eachInTime(at, many as AsyncIterable<unknown>);
		const iterator = (many as Iterable<unknown>)[Symbol.iterator]();
		return this.#rest(at, iterator);
	}

	#rest(at: number, iterator: Iterator<unknown>): Promise<void> | undefined {
		for (let one = iterator.next(); !one.done; one = iterator.next()) {
			const waiting = this.#step(at + 1, one.value);
			if (waiting) return waiting.then(() => this.#rest(at, iterator));
		}
		return undefined;
	}

	async #eachInTime(at: number, many: AsyncIterable<unknown>): Promise<void> {
		for await (const one of many) await this.#step(at + 1, one);
	}

	#failed(at: number, element: unknown, error: unknown, attempt: number): Promise<void> | undefined {
		const operation = this.#operations[at];
		const { retry } = operation && operation.kind !== 'recover' ? operation.rules : ({} as Rules);
		if (retry && attempt < retry.attempts) {
			this.#retries++;
			return this.#pause(delayOf(retry.backoff, attempt, this.#stand.random())).then(() =>
				this.#step(at, element, attempt + 1),
			);
		}
		const recovery = this.#operations.findIndex(({ kind }, n) => n > at && kind === 'recover');
		if (recovery >= 0) return this.#recover(recovery, element, error);
		const attempts = Math.min(attempt, retry?.attempts ?? 1);
		if (!this.#setsAside) throw stageFailed(this.#stage, error, attempts);
		this.#poison.push({ element, error, stage: this.#stage, attempts });
		return undefined;
	}

	#recover(at: number, element: unknown, error: unknown): Promise<void> | undefined {
		const { call } = this.#operations[at] as Extract<Operation, { kind: 'recover' }>;
		let result: unknown;
		try {
			result = call(error, element);
		} catch (again) {
			return this.#failed(at, element, again, 1);
		}
		if (!isThenable(result)) return this.#step(at + 1, result);
		return Promise.resolve(result).then(
			(value) => this.#step(at + 1, value),
			(again) => this.#failed(at, element, again, 1),
		);
	}

	#inTime(result: PromiseLike<unknown>, timeout: number): Promise<unknown> {
		return new Promise((resolve, reject) => {
			const late = (): void =>
				reject(
					new TroupeError('ERR_STAGE_TIMEOUT', `stage '${this.#stage}' took longer than ${timeout} ms for an element`),
				);
			const cancel = this.#stand.after(timeout, late);
			result.then(resolve, reject).then(cancel);
		});
	}

	#pause(delay: number): Promise<void> {
		return new Promise((resolve) => void this.#stand.after(delay, resolve));
	}

	#sink(operation: Extract<Operation, { kind: 'sink' }>): SinkObject<unknown> {
		let sink = this.#sinks.get(operation);
		if (!sink) this.#sinks.set(operation, (sink = operation.sink()));
		return sink;
	}
}

/** What ends a run because a stage could not do its work; the cause is why. */
export function stageFailed(stage: string, cause: unknown, attempts: number): TroupeError {
	if (isTroupeError(cause) && cause.code === 'ERR_PIPELINE_FAILED') return cause;
	const times = attempts === 1 ? '' : ` ${attempts} times`;
	return new TroupeError(
		'ERR_PIPELINE_FAILED',
		`stage '${stage}' failed${times}: ${messageOf(cause)}. Give it a retry or recover, or the run deadLetters`,
		{ cause },
	);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return value !== null && typeof value === 'object' && typeof (value as { then?: unknown }).then === 'function';
}
