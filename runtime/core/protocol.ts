/**
 * The types of a mailbox: what a class's public methods look like from the other end of an address. Types only; the
 * code behind them is in `faces.ts` and `ref.ts`.
 */

import type { Duration } from '../../supervisor/duration.ts';

type Method = (...args: never[]) => unknown;
type Hook = 'onStart' | 'onStop' | 'onRestart' | 'onTerminated';
/** Names that no class can use for a message, locally or from the wire. */
type Reserved = keyof object | keyof typeof Object.prototype | 'constructor' | 'then' | '__proto__' | Hook;

/** The names of a class's messages: its public methods, but for hooks, `_names` and what every object has. */
export type MessageName<A> = {
	[K in keyof A]-?: K extends string
		? K extends `_${string}` | Reserved
			? never
			: A[K] extends Method
				? K
				: never
		: never;
}[keyof A];

/** The second branch is for `(...rest: readonly T[])`, which the first does not match. */
type Arguments<F> = F extends (...args: infer P) => unknown
	? P
	: F extends (...args: infer Q extends readonly unknown[]) => unknown
		? Q
		: never;
type Reply<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

/** Fire and forget. */
export type TellFace<A> = [A] extends [never]
	? { readonly [name: string]: (...args: unknown[]) => void }
	: { readonly [K in MessageName<A>]: (...args: Arguments<A[K]>) => void };

/** Resolves when the message is in the mailbox; waits while the mailbox is full. */
export type SendFace<A> = [A] extends [never]
	? { readonly [name: string]: (...args: unknown[]) => Promise<void> }
	: { readonly [K in MessageName<A>]: (...args: Arguments<A[K]>) => Promise<void> };

/** Resolves to the handler's reply. */
export type AskFace<A> = [A] extends [never]
	? { readonly [name: string]: (...args: unknown[]) => Promise<unknown> }
	: { readonly [K in MessageName<A>]: (...args: Arguments<A[K]>) => Promise<Reply<A[K]>> };

/** How one call through a ref may differ from the defaults. */
export interface CallOptions {
	/** Longest wait. An ask's default is the system's `askTimeout`; a send waits without limit unless this is given. */
	readonly timeout?: Duration | undefined;
	/** Ends the wait with `ERR_ABORTED`; a send that still waits is withdrawn. */
	readonly signal?: AbortSignal | undefined;
	/**
	 * Names the message, for an actor with a durable mailbox, which takes messages of one name once: whoever does not know
	 * whether a message was stored sends it again. A name is remembered for two minutes.
	 */
	readonly messageId?: string | undefined;
}

/** What every address has, whatever its actor understands. */
export interface Address {
	/** The ID it was spawned under, or one made for it. */
	readonly id: string;
	/** Where it stands in its tree: `/shop`, `/shop/till-1`. */
	readonly path: string;
	/** The wire identity of the class. */
	readonly kind: string;
	/** Whether both are addresses of the same actor. */
	equals(other: Address): boolean;
	/** Stops the actor after the message it is handling; resolves when it, and its children, have stopped. */
	stop(): Promise<void>;
}

/**
 * The typed address of an actor: a value that may be kept, sent in messages, and used from any node alike.
 *
 * That a ref of a subclass serves as a ref of its base is stated, not inferred: the compiler cannot see through the
 * faces' conditional types, hence the directive.
 * @ts-expect-error */
export interface ActorRef<out A> extends Address {
	readonly tell: TellFace<A>;
	readonly send: SendFace<A>;
	readonly ask: AskFace<A>;
	/** The same address with other call options. */
	with(options: CallOptions): ActorRef<A>;
}

/**
 * A ref whose protocol the type system does not know, such as `this.self` and `this.sender`. It fits wherever a typed
 * ref is expected, and its faces take any message; what the actor does not understand fails with `ERR_NOT_A_MESSAGE`.
 */
export type AnyRef = ActorRef<never>;

/** Carries an actor's argument type for inference; never present at run time. */
export declare const ARGS: unique symbol;

/** An instance of an actor class, as far as the runtime's types are concerned. */
export interface ActorInstance<X = unknown> {
	readonly [ARGS]?: X;
}

/** The type of the `args` that an actor class takes. */
export type ArgsOf<A> = A extends { readonly [ARGS]?: infer X } ? X : never;
