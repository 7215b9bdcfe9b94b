/**
 * A call that waits for its outcome: an ask for the reply, a send for its message's place in the mailbox. It settles
 * exactly once: by that, by a coded error, by its deadline on the timing wheel, or by its signal. It costs one promise
 * and no timer.
 */

import { TroupeError } from '../core/errors.ts';
import { STOP } from './control.ts';
import type { ReplyTo } from './envelope.ts';
import type { Handler } from './handler.ts';
import type { Kernel } from './kernel.ts';
import type { Target } from './ref.ts';
import { NEVER, type Timed } from './wheel.ts';

/** One call. */
export class Pending implements ReplyTo, Timed {
	readonly promise: Promise<unknown>;
	readonly patient: boolean;
	withdraw: (() => void) | undefined = undefined;
	due = NEVER;
	previous: Timed | undefined = undefined;
	next: Timed | undefined = undefined;
	readonly #target: Target;
	readonly #handler: Handler;
	/** Both are gone once it has settled. */
	#resolve: ((value: unknown) => void) | undefined;
	#reject: ((error: unknown) => void) | undefined;
	#signal: AbortSignal | undefined = undefined;

	/** A `patient` one is a send. `timeout` is in milliseconds. */
	constructor(
		patient: boolean,
		target: Target,
		handler: Handler,
		timeout: number | undefined,
		signal: AbortSignal | undefined,
	) {
		this.patient = patient;
		this.#target = target;
		this.#handler = handler;
		this.promise = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		if (timeout !== undefined) target.kernel.wheel.add(this, timeout);
		if (signal !== undefined) this.#listen(signal);
	}

	get asks(): boolean {
		return !this.patient;
	}

	get settled(): boolean {
		return this.#resolve === undefined;
	}

	accepted(afterIo = false): void {
		if (this.patient) this.#succeed(undefined, afterIo);
	}

	replied(value: unknown): void {
		const { kernel } = this.#target;
		if (this.patient || !kernel.strict) return this.#succeed(this.patient ? undefined : value);
		try {
			this.#succeed(kernel.codec.copy(value));
		} catch (error) {
			this.#fail(error);
		}
	}

	/** Under strict checks what the handler threw is a copy too, or the reason why it could not be one. */
	failed(error: unknown): void {
		const { kernel } = this.#target;
		this.#fail(kernel.strict ? copyOf(error, kernel) : error);
	}

	/** The deadline has passed. */
	expired(): void {
		const { id } = this.#target;
		const [code, what, remedy] = this.patient
			? ([
					'ERR_SEND_TIMEOUT',
					'take the message',
					'its mailbox stayed full; slow down, raise the timeout, or add receivers',
				] as const)
			: ([
					'ERR_ASK_TIMEOUT',
					this.#handler === STOP ? 'stop' : `answer '${this.#handler.name}'`,
					'it may be busy or stuck; raise the timeout with ref.with({ timeout })',
				] as const);
		this.#giveUp(new TroupeError(code, `${id} did not ${what} in time: ${remedy}`, { actor: id }));
	}

	/** @internal: called by a listener on the signal. */
	handleEvent(): void {
		const reason = this.#signal?.reason;
		this.#giveUp(new TroupeError('ERR_ABORTED', 'the call was aborted by its signal', { cause: reason }));
	}

	#succeed(value: unknown, afterIo = false): void {
		const resolve = this.#resolve;
		if (resolve === undefined) return;
		this.#settle();
		if (afterIo) setImmediate(resolve, value);
		else resolve(value);
	}

	#fail(error: unknown): void {
		const reject = this.#reject;
		if (reject === undefined) return;
		this.#settle();
		// Who is refused and asks again, in a loop, leaves nobody else a turn: not even those who could help it.
		if (this.#target.kernel.dispatcher.spend()) setImmediate(reject, error);
		else reject(error);
	}

	/** Stops waiting, and takes the message back where that is still possible. */
	#giveUp(error: TroupeError): void {
		const { withdraw } = this;
		this.failed(error);
		withdraw?.();
	}

	#listen(signal: AbortSignal): void {
		this.#signal = signal;
		if (signal.aborted) this.handleEvent();
		else signal.addEventListener('abort', this, { once: true });
	}

	#settle(): void {
		this.#resolve = undefined;
		this.#reject = undefined;
		this.withdraw = undefined;
		if (this.due !== NEVER) this.#target.kernel.wheel.remove(this);
		this.#signal?.removeEventListener('abort', this);
	}
}

function copyOf(error: unknown, { codec }: Kernel): unknown {
	try {
		return codec.copy(error);
	} catch (reason) {
		return reason;
	}
}
