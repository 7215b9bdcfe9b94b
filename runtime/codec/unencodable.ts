/**
 * Why a value cannot travel, in words that let its author find it: the path inside the value, what stands there, and
 * what to send instead. Runs only when something was refused, so that the encoder itself keeps no more than the path.
 */

import { types } from 'node:util';
import { type ErrorCode, TroupeError } from '../core/errors.ts';

/**
 * One step into a value: a property's name, an array's index, or of a Map or Set the number of the entry (for a Map
 * twice that number, plus one for the entry's value).
 */
export type Step = string | number;

/** Thrown inside the encoder where it meets what it cannot send; becomes a `TroupeError` at its door. */
export class Refusal extends Error {
	readonly code: ErrorCode;
	readonly steps: readonly Step[];

	constructor(code: ErrorCode, steps: readonly Step[], reason: string, options?: ErrorOptions) {
		super(reason, options);
		this.code = code;
		this.steps = steps;
	}

	/** The error for the caller who wanted to send `root`. */
	toError(root: unknown): TroupeError {
		const where = pathOf(root, this.steps);
		return new TroupeError(this.code, `${where} ${this.message}`, 'cause' in this ? { cause: this.cause } : {});
	}
}

/** What is wrong with `value`, which the encoder does not know how to send; undefined for an ordinary object. */
export function whyNot(value: unknown): string | undefined {
	if (typeof value === 'function') return 'is a function, which cannot travel: send data, or a ref to an actor';
	if (typeof value === 'symbol') return 'is a symbol, which cannot travel: send a string';
	const found = UNSENDABLE.find(([, is]) => is(value)) ?? (isTagged(value) && TAGGED.find(([, is]) => is(value)));
	return found ? `is ${found[0]}, which cannot travel: ${found[2]}` : undefined;
}

type Unsendable = readonly [what: string, is: (value: unknown) => boolean, remedy: string];

const UNSENDABLE: readonly Unsendable[] = [
	['a RegExp', types.isRegExp, 'send its source as a string'],
	['a boxed primitive', types.isBoxedPrimitive, 'send the primitive value'],
];

/** Those with a `Symbol.toStringTag`, which an instance of a user's class seldom has: it is spared these questions. */
const TAGGED: readonly Unsendable[] = [
	['a Promise', types.isPromise, 'await it first'],
	['a URL', (value) => value instanceof URL, 'send its href'],
	['a URLSearchParams', (value) => value instanceof URLSearchParams, 'send it as a string'],
	['a SharedArrayBuffer', types.isSharedArrayBuffer, 'send a copy in an ArrayBuffer'],
	['a WeakMap', types.isWeakMap, 'send a Map'],
	['a WeakSet', types.isWeakSet, 'send a Set'],
	['a WeakRef', (value) => value instanceof WeakRef, 'send what it refers to'],
	['a generator', types.isGeneratorObject, 'send an array'],
	['an iterator', (value) => types.isMapIterator(value) || types.isSetIterator(value), 'send an array'],
	['an AbortSignal', (value) => value instanceof AbortSignal, 'pass it with the call, not in the message'],
	['a Blob', (value) => value instanceof Blob, 'send its bytes'],
];

function isTagged(value: unknown): boolean {
	return typeof value === 'object' && value !== null && Symbol.toStringTag in value;
}

/** What to say of a container that is nested too deep at `steps`: most often it contains itself. */
export function tooDeep(root: unknown, steps: readonly Step[], maxDepth: number): Refusal {
	return cycle(root, steps) ?? new Refusal('ERR_NOT_ENCODABLE', steps, `is nested deeper than ${maxDepth} levels`);
}

/** The refusal of a value that contains itself along `steps`, if it does. */
export function cycle(root: unknown, steps: readonly Step[]): Refusal | undefined {
	const seen = new Map<object, number>();
	let value = root;
	for (let depth = 0; depth <= steps.length; depth++) {
		if (typeof value !== 'object' || value === null) return undefined;
		const first = seen.get(value);
		if (first !== undefined) {
			const holder = first === 0 ? 'the whole value' : pathOf(root, steps.slice(0, first));
			const reason = `is a cycle, which cannot travel: it leads back to ${holder}`;
			return new Refusal('ERR_NOT_ENCODABLE', steps.slice(0, depth), reason);
		}
		seen.set(value, depth);
		value = inside(value, steps[depth]);
	}
	return undefined;
}

/** The path as its author would write it: `args[0].items[3].onClick`. */
export function pathOf(root: unknown, steps: readonly Step[]): string {
	let path = '';
	let value = root;
	for (const step of steps) {
		path += name(value, step, path === '');
		value = inside(value, step);
	}
	if (path === '') return 'the value';
	return path.length <= LONGEST_PATH ? path : `${path.slice(0, LONGEST_PATH / 2)}...${path.slice(-LONGEST_PATH / 2)}`;
}

const LONGEST_PATH = 400;
const PLAIN_NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function name(holder: unknown, step: Step, first: boolean): string {
	if (types.isMap(holder) && typeof step === 'number') {
		const key = entriesOf(holder)[step & ~1];
		if ((step & 1) === 0) return `.keys()[${step >>> 1}]`.slice(first ? 1 : 0);
		const plain = typeof key === 'string' || typeof key === 'number';
		return (plain ? `.get(${JSON.stringify(key)})` : `.values()[${step >>> 1}]`).slice(first ? 1 : 0);
	}
	if (types.isSet(holder)) return `.values()[${step}]`.slice(first ? 1 : 0);
	if (typeof step === 'number') return `[${step}]`;
	return PLAIN_NAME.test(step) ? `.${step}`.slice(first ? 1 : 0) : `[${JSON.stringify(step)}]`;
}

function inside(holder: unknown, step: Step | undefined): unknown {
	if (typeof holder !== 'object' || holder === null || step === undefined) return undefined;
	if (types.isMap(holder) && typeof step === 'number') return entriesOf(holder)[step];
	if (types.isSet(holder) && typeof step === 'number') return [...Set.prototype.values.call(holder)][step];
	try {
		return (holder as Record<Step, unknown>)[step];
	} catch {
		return undefined;
	}
}

/** Key, value, key, value..., also of a subclass with other ideas. */
function entriesOf(map: ReadonlyMap<unknown, unknown>): unknown[] {
	return [...Map.prototype.entries.call(map)].flat(1);
}
