/** One message that a class understands, and what may be one. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Definition } from './definition.ts';

/** A method as the runtime calls it. */
export type Method = (...args: never[]) => unknown;

/** How a message carries its arguments: one is the payload itself, as with most; none are nothing; more are a list. */
const ONE = 1;
const NONE = 0;
const MANY = -1;

/** One message that a class understands. */
export class Handler {
	readonly name: string;
	/** The class it was found on; `undefined` when only the name is known, as for refs of classes this process lacks. */
	readonly definition: Definition | undefined;
	readonly method: Method | undefined;
	/** Runs inside an async context, so that what it sends after an `await` still has a sender. */
	readonly async: boolean;
	readonly schemas: readonly StandardSchemaV1[] | undefined;
	/** The class whose actors take it as it comes: its own, unless it has schemas for it, or a durable mailbox. */
	readonly trusted: Definition | undefined;
	/** The same message with its arguments in a list. */
	readonly listed: Handler;
	/** The same message without arguments; of one that has a list, itself. */
	readonly bare: Handler;
	/** {@link ONE}, {@link NONE} or {@link MANY}. */
	readonly #form: number;

	/** `form` and `listed` are for the other forms of a message, which its first makes. */
	constructor(
		name: string,
		definition?: Definition,
		method?: Method,
		schemas?: readonly StandardSchemaV1[],
		form = ONE,
		listed?: Handler,
	) {
		this.name = name;
		this.definition = definition;
		this.method = method;
		this.async = method !== undefined && isAsync(method);
		this.schemas = schemas;
		this.trusted = schemas === undefined && !definition?.policies.mailbox.durable ? definition : undefined;
		this.listed = form === MANY ? this : (listed ?? new Handler(name, definition, method, schemas, MANY));
		this.bare = form === ONE ? new Handler(name, definition, method, schemas, NONE, this.listed) : this;
		this.#form = form;
	}

	/** The handler for the same kind of payload as `other`'s. */
	like(other: Handler): Handler {
		return other.#form === ONE ? this : other.#form === NONE ? this.bare : this.listed;
	}

	/** The arguments in `payload`, as a list. */
	argumentsIn(payload: unknown): readonly unknown[] {
		return this.#form === ONE ? [payload] : this.#form === NONE ? [] : (payload as readonly unknown[]);
	}

	/** Calls the method on `instance` with the arguments in `payload`. */
	call(instance: object, payload: unknown): unknown {
		const method = this.method as Method;
		if (this.#form === ONE) return method.call(instance, payload as never);
		return this.#form === NONE ? method.call(instance) : method.apply(instance, payload as never[]);
	}
}

/** Whether it is a native async function, which goes on after its awaits. */
export function isAsync(method: Method): boolean {
	return method.constructor.name === 'AsyncFunction';
}

const RESERVED: ReadonlySet<string> = new Set([
	...Object.getOwnPropertyNames(Object.prototype),
	'then',
	'onStart',
	'onStop',
	'onRestart',
	'onTerminated',
]);

/** Whether a class may have a message of that name. */
export function isMessageName(name: string): boolean {
	return name !== '' && !name.startsWith('_') && !RESERVED.has(name);
}
