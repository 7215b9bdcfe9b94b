/**
 * What flows between the stages of a run: batches of elements, taken by whoever comes after. Nobody is given what he has not
 * asked for, so a slow stage slows all before it.
 */

import type { Cancel } from '../../runtime/core/clock.ts';

/** Elements that go on together, in order. */
export interface Batch {
	readonly values: readonly unknown[];
	/** What is to be acknowledged to the source when all that has become of these elements has been seen to. */
	readonly receipts: readonly Receipt[];
}

/** What comes out of a stage. */
export interface Stream {
	/**
	 * What comes next, which may be nothing at all; `undefined` at the end. One call at a time. Rejects when the run has
	 * failed before it.
	 */
	next(): Promise<Batch | undefined>;
	/** Nobody wants any more: what is before it ends, too. Never rejects. */
	cancel(): Promise<void>;
}

/** Where time and chance come from. */
export interface Stand {
	now(): number;
	random(): number;
	after(delay: number, run: () => void): Cancel;
}

/** A debt to the source: paid when everybody who holds it has let it go. */
export class Receipt {
	readonly #paid: () => void;
	#holders = 1;

	constructor(paid: () => void) {
		this.#paid = paid;
	}

	/** Somebody else holds it, too. */
	hold(): void {
		this.#holders++;
	}

	letGo(): void {
		if (--this.#holders === 0) this.#paid();
	}
}

/** Of elements that nobody waits for. */
export const NO_RECEIPTS: readonly Receipt[] = [];

/** The batch has been seen to. */
export function settle({ receipts }: Batch): void {
	for (const receipt of receipts) receipt.letGo();
}

/** The batch goes several ways: so many more will settle it. */
export function hold({ receipts }: Batch, more: number): void {
	for (const receipt of receipts) for (let n = 0; n < more; n++) receipt.hold();
}

/** A promise and its ends, for one who waits for what others do. */
export class Signal {
	#resolve: () => void = () => {};
	#promise: Promise<void> | undefined;

	/** Resolves with the next {@link Signal.wake}. */
	wait(): Promise<void> {
		this.#promise ??= new Promise((resolve) => {
			this.#resolve = resolve;
		});
		return this.#promise;
	}

	wake(): void {
		if (this.#promise === undefined) return;
		this.#promise = undefined;
		this.#resolve();
	}
}
