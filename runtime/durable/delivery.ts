/** One attempt of an actor at one message from its durable mailbox. */

import { TroupeError } from '../core/errors.ts';
import type { DeadLetterReason } from '../core/events.ts';
import type { Cell } from '../kernel/cell.ts';
import { STOPPING } from '../kernel/cell-state.ts';
import type { ReplyTo } from '../kernel/envelope.ts';
import { overdue } from '../kernel/supervising.ts';
import { NEVER, type Timed } from '../kernel/wheel.ts';

/** What came of an attempt. */
export type Outcome =
	/** The handler returned, or answered with a `Rejection`. */
	| { readonly kind: 'answered'; readonly failed: boolean; readonly value: unknown }
	/** It crashed, took too long, or was refused at the door: that counts. */
	| { readonly kind: 'failed'; readonly reason: DeadLetterReason; readonly error: unknown }
	/** The actor has come to its end here: that does not. */
	| { readonly kind: 'returned' };

/** Reasons that no second attempt can change. */
const FINAL: ReadonlySet<DeadLetterReason> = new Set(['not-a-message', 'invalid-message']);

/** Whether trying again could help. */
export function isFinal(reason: DeadLetterReason): boolean {
	return FINAL.has(reason);
}

/** Who waits for the outcome. */
export class Delivery implements ReplyTo, Timed {
	readonly patient = false;
	readonly asks = false;
	withdraw: (() => void) | undefined;
	due = NEVER;
	previous: Timed | undefined;
	next: Timed | undefined;
	readonly #cell: Cell;
	readonly #ackWait: number;
	readonly #name: string;
	readonly #resolve: (outcome: Outcome) => void;
	#late: TroupeError | undefined;

	constructor(cell: Cell, ackWait: number, name: string, resolve: (outcome: Outcome) => void) {
		this.#cell = cell;
		this.#ackWait = ackWait;
		this.#name = name;
		this.#resolve = resolve;
		cell.kernel.wheel.add(this, ackWait);
	}

	accepted(): void {}

	replied(value: unknown): void {
		this.#end({ kind: 'answered', failed: false, value });
	}

	failed(error: unknown): void {
		this.#end({ kind: 'answered', failed: true, value: error });
	}

	returned(reason: DeadLetterReason, error: unknown): void {
		const { state } = this.#cell;
		// One that was stuck when its family restarted was given up, and the actor lives on.
		if (this.#late) this.#end({ kind: 'failed', reason: 'crashed', error: this.#late });
		else if (reason === 'crashed' || isFinal(reason)) this.#end({ kind: 'failed', reason, error });
		else if (state >= STOPPING || reason !== 'stopped') this.#end({ kind: 'returned' });
		else this.#end({ kind: 'failed', reason: 'crashed', error: this.#givenUp() });
	}

	/** While the actor starts or waits to be restarted, nobody has had the message yet. */
	expired(): void {
		const cell = this.#cell;
		if (!cell.busyFor(this)) return cell.kernel.wheel.add(this, this.#ackWait);
		this.#late = new TroupeError(
			'ERR_ACTOR_CRASHED',
			`'${this.#name}' took ${cell.id} longer than ${this.#ackWait} ms: make it quicker, or raise ackWait`,
			{ actor: cell.id },
		);
		overdue(cell, this.#late);
	}

	#givenUp(): TroupeError {
		return new TroupeError('ERR_STOPPED', `'${this.#name}' was given up when ${this.#cell.id} restarted`, {
			actor: this.#cell.id,
		});
	}

	#end(outcome: Outcome): void {
		this.#cell.kernel.wheel.remove(this);
		this.#resolve(outcome);
	}
}
