/** A fixture that watches whatever it is told to, and remembers how it ended. */

import { Actor, type AnyRef, type Termination } from '../../../index.ts';

/** Watches. */
export class Watcher extends Actor {
	static readonly kind = 'watcher';
	readonly #ends: Termination[] = [];

	look(ref: AnyRef): void {
		this.watch(ref);
	}

	ends(): readonly Termination[] {
		return this.#ends;
	}

	protected override onTerminated(_ref: AnyRef, why: Termination): void {
		this.#ends.push(why);
	}
}
