/** Expecting a failure by its code, and keeping the error for more questions. */

import { expect } from 'chai';
import type { ErrorCode, TroupeError } from '../../index.ts';

/** The error with which `failing` fails, which must have that code. A function may also throw. */
export async function failure(
	code: ErrorCode | (string & {}),
	failing: Promise<unknown> | (() => unknown),
): Promise<TroupeError> {
	let value: unknown;
	try {
		value = await (typeof failing === 'function' ? failing() : failing);
	} catch (error) {
		expect(error).to.be.an.instanceOf(Error);
		expect((error as TroupeError).code, String((error as Error).stack)).to.equal(code);
		return error as TroupeError;
	}
	throw new Error(`expected ${code}, but it came to ${String(value)}`);
}

/** How many milliseconds it took the promise to settle. */
export async function duration(promise: Promise<unknown>): Promise<number> {
	const started = performance.now();
	await promise.catch(() => {});
	return performance.now() - started;
}
