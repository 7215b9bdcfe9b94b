/**
 * A choice between operations at channels that may live on different nodes: exactly one of them happens. A channel's home
 * that could serve one asks for the lock; it is granted to one home at a time, whose word (it happens, or it does not) is
 * the last.
 *
 * | state | a home asks | its word: happens | its word: not | time is up, or an operation fails |
 * |---|---|---|---|---|
 * | open | granted → locked | | | → decided |
 * | locked | waits in line | → decided | → open; the next in line is granted | waits for the word |
 * | decided | denied | | | |
 */

import type { Operation } from './operation.ts';

interface Asking {
	readonly operation: Operation;
	readonly answer: (granted: boolean) => void;
}

/** What a choice comes to. */
export interface Chosen {
	/** Which of the operations happened; `undefined` when none did in time. */
	readonly operation: Operation | undefined;
	/** What was received. */
	readonly value: unknown;
	/** False when its channel has ended, and when none happened. */
	readonly ok: boolean;
}

/** One choice, in the process that made it. */
export class Choice {
	/** Unique in the cluster; orders choices that meet each other. */
	readonly name: string;
	readonly #operations: readonly Operation[];
	readonly #resolve: (chosen: Chosen) => void;
	readonly #reject: (error: unknown) => void;
	#holder: Operation | undefined;
	readonly #line: Asking[] = [];
	/** What is to be done when the lock comes back. */
	#afterwards: (() => void) | undefined;
	#decided = false;
	#possible: number;

	constructor(
		name: string,
		operations: readonly Operation[],
		resolve: (chosen: Chosen) => void,
		reject: (error: unknown) => void,
	) {
		this.name = name;
		this.#operations = operations;
		this.#possible = operations.length;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	/** A home could serve the operation. */
	lock(operation: Operation, answer: (granted: boolean) => void): void {
		if (this.#decided) answer(false);
		else if (this.#holder) this.#line.push({ operation, answer });
		else {
			this.#holder = operation;
			answer(true);
		}
	}

	/** It did not come to it. */
	release(operation: Operation): void {
		const asking = this.#line.findIndex((one) => one.operation === operation);
		if (asking >= 0) this.#line.splice(asking, 1);
		if (this.#holder !== operation) return;
		this.#holder = undefined;
		this.#afterwards?.();
		const next = this.#decided ? undefined : this.#line.shift();
		if (next) this.lock(next.operation, next.answer);
	}

	/** It happened. */
	won(operation: Operation, value: unknown, ok: boolean): void {
		this.#decide(() => this.#resolve({ operation, value, ok }));
	}

	/** One of the operations cannot happen any more, which is an answer as well. */
	lost(operation: Operation, error: unknown): void {
		if (this.#holder === operation) this.#holder = undefined;
		this.#unlessLocked(() => this.#decide(() => this.#reject(error)));
	}

	/** It would have to wait. When all would, the choice is for none. */
	notNow(operation: Operation): void {
		operation.end();
		if (--this.#possible === 0) this.late();
	}

	/** Time is up. */
	late(): void {
		this.#unlessLocked(() => this.#decide(() => this.#resolve({ operation: undefined, value: undefined, ok: false })));
	}

	/** The caller does not want it any more. */
	abort(error: unknown): void {
		this.#unlessLocked(() => this.#decide(() => this.#reject(error)));
	}

	#unlessLocked(decide: () => void): void {
		if (this.#holder) this.#afterwards ??= decide;
		else decide();
	}

	#decide(settle: () => void): void {
		if (this.#decided) return;
		this.#decided = true;
		settle();
		for (const { answer } of this.#line.splice(0)) answer(false);
		for (const operation of this.#operations) operation.endpoint.withdraw(operation);
	}
}
