/**
 * How errors travel: class name, name, message, stack, the runtime's brands, `cause`, `errors`, and every enumerable
 * field of their own. An error arrives as a real Error of the same class where that class is known here: the
 * language's own, the runtime's, or one registered by its name. Its constructor does not run, so `#private` fields are
 * missing. An unknown class arrives as an Error that keeps its `name`. Nothing on the wire can name any other class.
 */

import { types } from 'node:util';
import { BadOption, ERROR_BRAND } from '../../supervisor/bad-option.ts';
import { isRejection, isTroupeError, Rejection, TroupeError } from '../core/errors.ts';

/** A class of errors, whatever its constructor wants. */
export type ErrorClass = new (...args: never[]) => Error;

/** What of an error goes on the wire, before its values are encoded. */
export interface ErrorParts {
	readonly className: string;
	readonly name: string;
	readonly message: string;
	readonly stack: string | undefined;
	/** {@link TROUPE_BRAND}, {@link REJECTION_BRAND}, both or 0. */
	readonly brands: number;
	/** `cause` and `errors` where the engine keeps them from enumeration; they do not enumerate on arrival either. */
	readonly hidden: readonly string[];
	/** The names of its own enumerable fields, `code` with them. */
	readonly shown: readonly string[];
}

/**
 * On the wire: class name, name, message, stack, brands and the number of hidden fields; then the fields, hidden ones
 * first, name and value in turn.
 */
export const ERROR_HEAD = 6;

export const TROUPE_BRAND = 1;
export const REJECTION_BRAND = 2;

/** The brand of `runtime/core/errors.ts`, by its registered name. */
const REJECTION_KEY = Symbol.for('troupe.rejection');

/** Whether `value` is an error: also one of another realm, or a DOMException such as `signal.reason`. */
export function isError(value: object): value is Error {
	return types.isNativeError(value) || value instanceof Error;
}

/** What is text in every error, even if a field of the sender's error hid it behind something else. */
const TEXTS = ['name', 'message', 'stack'] as const;

/** Takes an error apart. */
export function partsOf(error: Error): ErrorParts {
	const { code } = error as { code?: unknown };
	const enumerable = Object.keys(error);
	const shown = enumerable.filter((name) => !isText(name) || typeof error[name] === 'string');
	// A `code` on the prototype, as DOMException has it, is worth as much as one of the error's own.
	if (!shown.includes('code') && (typeof code === 'string' || typeof code === 'number')) shown.push('code');
	const branded = typeof code === 'string';
	return {
		className: text(error.constructor?.name) ?? 'Error',
		name: text(error.name) ?? 'Error',
		message: text(error.message) ?? '',
		stack: text(error.stack),
		brands:
			(branded && isTroupeError(error) ? TROUPE_BRAND : 0) | (branded && isRejection(error) ? REJECTION_BRAND : 0),
		hidden: ['cause', 'errors'].filter((name) => Object.hasOwn(error, name) && !enumerable.includes(name)),
		shown,
	};
}

/** Whether an error from the wire has everywhere the types that its users rely on. */
export function isSound(error: Error, brands: number): boolean {
	return (
		TEXTS.every((name) => typeof error[name] === 'string') &&
		(brands === 0 || text(Reflect.get(error, 'code')) !== undefined)
	);
}

function isText(name: string): name is (typeof TEXTS)[number] {
	return (TEXTS as readonly string[]).includes(name);
}

function text(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

const BUILT_IN: readonly ErrorClass[] = [
	Error,
	EvalError,
	RangeError,
	ReferenceError,
	SyntaxError,
	TypeError,
	URIError,
	AggregateError,
];

/** The error classes that one codec knows. */
export class ErrorClasses {
	readonly #builtIn = new Map(BUILT_IN.map((known) => [known.name, known]));
	readonly #registered = new Map<string, ErrorClass>();

	/** Knows, besides the built-in classes, the `registered` ones: by the class's name and by its prototype's `name`. */
	constructor(registered: readonly ErrorClass[]) {
		for (const known of registered) {
			this.#registered.set(known.name, known);
			const { name } = known.prototype;
			if (Object.hasOwn(known.prototype, 'name') && name !== 'Error') this.#registered.set(name, known);
		}
	}

	/** An error without fields, of the class that the parts name. Its stack is `stack`; none is captured here. */
	revive(className: string, name: string, message: string, stack: string | undefined, brands: number): Error {
		const known = this.#classOf(className, name, brands);
		const limit = Error.stackTraceLimit;
		Reflect.set(Error, 'stackTraceLimit', 0);
		// Runs Error's constructor, not that of `known`, which only lends its prototype.
		const error: Error = Reflect.construct(Error, message === '' ? [] : [message], known);
		Reflect.set(Error, 'stackTraceLimit', limit);
		define(error, 'stack', stack ?? `${name}: ${message}`, false);
		if (error.name !== name) define(error, 'name', name, false);
		if ((brands & TROUPE_BRAND) !== 0) define(error, ERROR_BRAND, true, true);
		if ((brands & REJECTION_BRAND) !== 0) define(error, REJECTION_KEY, true, true);
		return error;
	}

	#classOf(className: string, name: string, brands: number): ErrorClass {
		const registered = this.#registered.get(className) ?? this.#registered.get(name);
		if (registered !== undefined) return registered;
		// A brand says more than a name, which a bundler may have shortened.
		if ((brands & REJECTION_BRAND) !== 0) return Rejection;
		if ((brands & TROUPE_BRAND) !== 0) return className === BadOption.name ? BadOption : TroupeError;
		return this.#builtIn.get(className) ?? this.#builtIn.get(name) ?? Error;
	}
}

function define(error: Error, name: PropertyKey, value: unknown, enumerable: boolean): void {
	Object.defineProperty(error, name, { value, enumerable, writable: true, configurable: true });
}
