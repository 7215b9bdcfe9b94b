/**
 * The refusal of an option, on the ground floor so that every room above can use it. It carries the brand and the
 * shape of the runtime's errors without importing them.
 */

/** Marks every error of this runtime, so that a second copy of the package recognises the first one's errors. */
export const ERROR_BRAND: unique symbol = Symbol.for('troupe.error') as never;

/** Stands for a value that must not be shown. */
export const SECRET: unique symbol = Symbol('secret');

/** An option that cannot be used: the message names the option, the value and what would be accepted. */
export class BadOption extends TypeError {
	override readonly name = 'TroupeError';
	readonly code = 'ERR_BAD_OPTION';
	readonly [ERROR_BRAND] = true;

	constructor(option: string, value: unknown, expected: string) {
		super(`option '${option}' is ${show(value)}: expected ${expected}`);
	}
}

function show(value: unknown): string {
	if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
	if (value === SECRET) return 'not usable, and not shown';
	if (typeof value === 'function') return `a function (${value.name || 'anonymous'})`;
	if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
	return String(value);
}

/** Checks a whole number in a range; returns it. */
export function wholeNumber(value: unknown, option: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
	if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
	const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
	throw new BadOption(option, value, `a whole number ${range}`);
}

/**
 * Checks that a group of options is an object, with no other options than those `known`, and returns it. Anything else
 * would read as a group without options, and a misspelt one as one that was not given.
 */
export function optionGroup<T extends object>(value: T, option: string, known?: readonly string[]): T {
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		throw new BadOption(option, value, 'an object with options');
	const unknown = known && Object.keys(value).find((key) => !known.includes(key));
	if (unknown === undefined) return value;
	throw new BadOption(`${option}.${unknown}`, value[unknown as keyof T], `one of ${known?.join(', ')}`);
}
