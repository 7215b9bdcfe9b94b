/**
 * An address in use. A ref names a target and knows how to call it; where the target lives is the target's business.
 * Refs are values: comparing, keeping and sending them is safe, and none of it does I/O. A ref never looks thenable.
 */

import { setMaxListeners } from 'node:events';
import { BadOption, optionGroup } from '../../supervisor/bad-option.ts';
import { milliseconds } from '../../supervisor/duration.ts';
import type { Address, CallOptions } from '../core/protocol.ts';
import { STOP } from './control.ts';
import type { ReplyTo } from './envelope.ts';
import { type Face, type Faces, looseFaces } from './faces.ts';
import type { Handler } from './handler.ts';
import type { Kernel } from './kernel.ts';
import { Pending } from './pending.ts';
import type { Lane } from './post.ts';
import { currentCell } from './running.ts';

/** Where messages go: a cell of this node, an ID that is looked up, or one actor of another node. */
export interface Target {
	readonly kernel: Kernel;
	readonly id: string;
	readonly path: string;
	readonly kind: string;
	/** Takes the message or accounts for it. Throws only what is the sender's fault: a value that cannot travel. */
	deliver(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void;
	/** What a ref to it says on the wire. */
	wire(): unknown[];
	/** Whether it is the same actor as `other`. */
	same(other: Target): boolean;
	/** Where messages go that a durable mailbox keeps. */
	readonly lane?: Lane | undefined;
}

/** How its calls differ from the defaults. */
export interface Options {
	readonly timeout: number | undefined;
	readonly signal: AbortSignal | undefined;
}

/** `inspect.custom` of node:util by its registered name, so that users' compilers need no types of Node for ours. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** The one implementation of `ActorRef`. */
export class Ref implements Address {
	readonly target: Target;
	readonly #faces: Faces;
	readonly #options: Options | undefined;
	#tell: Face | undefined;
	#send: Face | undefined;
	#ask: Face | undefined;

	constructor(target: Target, faces: Faces = looseFaces, options?: Options) {
		this.target = target;
		this.#faces = faces;
		this.#options = options;
	}

	get id(): string {
		return this.target.id;
	}

	get path(): string {
		return this.target.path;
	}

	get kind(): string {
		return this.target.kind;
	}

	get tell(): Face {
		return this.#tell ?? this.#makeTell();
	}

	get send(): Face {
		return this.#send ?? this.#makeSend();
	}

	get ask(): Face {
		return this.#ask ?? this.#makeAsk();
	}

	// In methods of their own, so that the getters are small enough for the compiler to put into whoever sends.

	#makeTell(): Face {
		this.#tell = this.#faces.tell(this);
		return this.#tell;
	}

	#makeSend(): Face {
		this.#send = this.#faces.send(this);
		return this.#send;
	}

	#makeAsk(): Face {
		this.#ask = this.#faces.ask(this);
		return this.#ask;
	}

	with(options: CallOptions): Ref {
		const { timeout, signal, messageId } = optionGroup(options, 'with', ['timeout', 'signal', 'messageId']);
		if (signal !== undefined && !(signal instanceof AbortSignal))
			throw new BadOption('signal', signal, 'an AbortSignal');
		// Each call that waits listens to it. That many wait at a time is no leak, which Node would warn of.
		if (signal !== undefined) setMaxListeners(0, signal);
		const own = {
			timeout: timeout === undefined ? this.#options?.timeout : milliseconds(timeout, 'timeout'),
			signal: signal ?? this.#options?.signal,
		};
		return messageId === undefined
			? this.like(own)
			: new NamedRef(this.target, this.#faces, own, checkName(this.target, messageId));
	}

	/** The same with other options. */
	protected like(options: Options): Ref {
		return new Ref(this.target, this.#faces, options);
	}

	equals(other: Address): boolean {
		return other instanceof Ref && this.target.same(other.target);
	}

	async stop(): Promise<void> {
		const { stopGrace, dispatcher } = this.target.kernel;
		const pending = new Pending(false, this.target, STOP, stopGrace * 2, this.#options?.signal);
		if (!pending.settled) this.target.deliver(STOP, [], currentCell()?.self, pending);
		await pending.promise;
		const io = dispatcher.breather();
		if (io) await io;
	}

	toString(): string {
		return this.id;
	}

	toJSON(): { id: string; kind: string; path: string } {
		return { id: this.id, kind: this.kind, path: this.path };
	}

	/** At the console and in logs: the address, not the engine behind it. */
	[INSPECT](): string {
		return `ActorRef(${this.path})`;
	}

	/** tell */
	post(handler: Handler, payload: unknown): void {
		const { target } = this;
		target.kernel.send(target, handler, payload, undefined);
	}

	/** send */
	offer(handler: Handler, payload: unknown): Promise<unknown> {
		const { kernel } = this.target;
		const pending = new Pending(true, this.target, handler, this.#options?.timeout, this.#options?.signal);
		// A signal that has aborted already has settled it: nothing is sent.
		if (!pending.settled) kernel.send(this.target, handler, payload, pending);
		return pending.promise;
	}

	/** ask */
	question(handler: Handler, payload: unknown): Promise<unknown> {
		const { kernel } = this.target;
		const timeout = this.#options?.timeout ?? kernel.askTimeout;
		const pending = new Pending(false, this.target, handler, timeout, this.#options?.signal);
		// A signal that has aborted already has settled it: nothing is sent.
		if (!pending.settled) kernel.send(this.target, handler, payload, pending);
		return pending.promise;
	}
}

/** A ref whose messages have a name; see `CallOptions.messageId`. */
class NamedRef extends Ref {
	readonly #faces: Faces;
	readonly #name: string;
	readonly #given: Options;

	constructor(target: Target, faces: Faces, options: Options, name: string) {
		super(target, faces, options);
		this.#given = options;
		this.#faces = faces;
		this.#name = name;
	}

	protected override like(options: Options): Ref {
		return new NamedRef(this.target, this.#faces, options, this.#name);
	}

	override post(handler: Handler, payload: unknown): void {
		const { target } = this;
		target.kernel.send(target, handler, payload, new Name(this.#name));
	}

	override offer(handler: Handler, payload: unknown): Promise<unknown> {
		return this.#call(true, handler, payload, this.#given.timeout);
	}

	override question(handler: Handler, payload: unknown): Promise<unknown> {
		return this.#call(false, handler, payload, this.#given.timeout ?? this.target.kernel.askTimeout);
	}

	#call(patient: boolean, handler: Handler, payload: unknown, timeout: number | undefined): Promise<unknown> {
		const { target } = this;
		const pending = new NamedPending(patient, target, handler, timeout, this.#given.signal);
		pending.messageId = this.#name;
		if (!pending.settled) target.kernel.send(target, handler, payload, pending);
		return pending.promise;
	}
}

class NamedPending extends Pending {
	messageId: string | undefined;
}

/** Nobody waits for a tell, but it has a name. */
class Name implements ReplyTo {
	readonly patient = false;
	readonly asks = false;
	readonly messageId: string;
	withdraw: (() => void) | undefined;

	constructor(messageId: string) {
		this.messageId = messageId;
	}

	accepted(): void {}
	replied(): void {}
	failed(): void {}
}

const LONGEST_NAME = 256;

function checkName(target: Target, name: unknown): string {
	if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME || !name.isWellFormed())
		throw new BadOption('messageId', name, `a string of 1 to ${LONGEST_NAME} characters`);
	if (target.lane === undefined)
		throw new BadOption(
			'messageId',
			name,
			`left out for ${target.id}, whose mailbox is not durable, as far as this node knows`,
		);
	return name;
}
