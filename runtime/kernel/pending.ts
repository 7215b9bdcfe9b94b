/**
 * A call that waits for its outcome. Each settles exactly once: by the reply, by a coded error, by its deadline on the
 * timing wheel, or by its signal. An ask costs one promise and no timer.
 */

import { TroupeError } from '../core/errors.ts';
import type { ReplyTo } from './envelope.ts';
import type { Handler } from './handler.ts';
import type { Kernel } from './kernel.ts';
import type { Target } from './ref.ts';
import { Timed } from './wheel.ts';

abstract class Pending<T> extends Timed implements ReplyTo {
	readonly promise: Promise<T>;
	abstract readonly patient: boolean;
	withdraw: (() => void) | undefined;
	protected readonly kernel: Kernel;
	#resolve!: (value: T) => void;
	#reject!: (error: unknown) => void;
	#settled = false;
	#signal: AbortSignal | undefined;

	constructor(kernel: Kernel, timeout: number | undefined, signal: AbortSignal | undefined) {
		super();
		this.kernel = kernel;
		this.promise = new Promise<T>((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		if (timeout !== undefined) kernel.wheel.add(this, timeout);
		if (signal !== undefined) this.#listen(signal);
	}

	get settled(): boolean {
		return this.#settled;
	}

	abstract accepted(): void;
	abstract replied(value: unknown): void;

	failed(error: unknown): void {
		if (this.#settle()) this.#reject(error);
	}

	protected succeed(value: T): void {
		if (this.#settle()) this.#resolve(value);
	}

	/** Stops waiting, and takes the message back where that is still possible. */
	protected giveUp(error: TroupeError): void {
		const { withdraw } = this;
		this.failed(error);
		withdraw?.();
	}

	/** @internal: called by a listener on the signal. */
	handleEvent(): void {
		const reason = this.#signal?.reason;
		this.giveUp(new TroupeError('ERR_ABORTED', 'the call was aborted by its signal', { cause: reason }));
	}

	#listen(signal: AbortSignal): void {
		this.#signal = signal;
		if (signal.aborted) this.handleEvent();
		else signal.addEventListener('abort', this, { once: true });
	}

	#settle(): boolean {
		if (this.#settled) return false;
		this.#settled = true;
		this.kernel.wheel.remove(this);
		this.#signal?.removeEventListener('abort', this);
		this.withdraw = undefined;
		return true;
	}
}

/** An ask: waits for the handler's reply. */
export class PendingAsk extends Pending<unknown> {
	readonly patient = false;
	readonly #target: Target | undefined;
	readonly #handler: Handler | undefined;

	constructor(kernel: Kernel, timeout: number, signal: AbortSignal | undefined, target?: Target, handler?: Handler) {
		super(kernel, timeout, signal);
		this.#target = target;
		this.#handler = handler;
	}

	accepted(): void {}

	replied(value: unknown): void {
		if (!this.kernel.strict) return this.succeed(value);
		try {
			this.succeed(this.kernel.codec.copy(value));
		} catch (error) {
			super.failed(error);
		}
	}

	/** Under strict checks what the handler threw is a copy too, or the reason why it could not be one. */
	override failed(error: unknown): void {
		super.failed(this.kernel.strict ? copyOf(error, this.kernel) : error);
	}

	expired(): void {
		const id = this.#target?.id ?? '';
		const what = this.#handler ? `${id} did not answer '${this.#handler.name}'` : `${id} did not stop`;
		const remedy = 'it may be busy or stuck; raise the timeout with ref.with({ timeout })';
		this.giveUp(new TroupeError('ERR_ASK_TIMEOUT', `${what} in time: ${remedy}`, { actor: id }));
	}
}

function copyOf(error: unknown, { codec }: Kernel): unknown {
	try {
		return codec.copy(error);
	} catch (reason) {
		return reason;
	}
}

/** A send: waits until the message is in the mailbox. */
export class PendingSend extends Pending<void> {
	readonly patient = true;
	readonly #target: Target;

	constructor(kernel: Kernel, target: Target, timeout: number | undefined, signal: AbortSignal | undefined) {
		super(kernel, timeout, signal);
		this.#target = target;
	}

	accepted(): void {
		this.succeed();
	}

	replied(): void {
		this.succeed();
	}

	expired(): void {
		const { id } = this.#target;
		const remedy = 'its mailbox stayed full; slow down, raise the timeout, or add receivers';
		this.giveUp(
			new TroupeError('ERR_SEND_TIMEOUT', `${id} did not take the message in time: ${remedy}`, { actor: id }),
		);
	}
}
