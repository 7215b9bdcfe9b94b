/** Decodes what may be anything, and allows nothing but a value or a refusal, in time. */

import { isTroupeError } from '../../../runtime/core/errors.ts';
import { codec } from './valid-frames.ts';

/** Longer than this is a stall, in ms, if it is so three times: the machine may be busy. The slowest take under 2 ms. */
const STALL_MS = 50;

/** What came of it: a value, or the only error there may be. */
export function decoded(bytes: Uint8Array): { readonly refused: boolean; readonly value?: unknown } {
	let fastest = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < 3; attempt++) {
		const start = performance.now();
		const outcome = attempted(bytes);
		fastest = Math.min(fastest, performance.now() - start);
		if (fastest < STALL_MS) return outcome;
	}
	throw new Error(`a stall of ${fastest} ms for ${shown(bytes)}`);
}

function attempted(bytes: Uint8Array): ReturnType<typeof decoded> {
	try {
		return { refused: false, value: codec.decode(bytes) };
	} catch (error) {
		if (!isTroupeError(error) || error.code !== 'ERR_MALFORMED')
			throw new Error(`something else was thrown for ${shown(bytes)}`, { cause: error });
		// What the guard lets through the decoder must be able to read: it never has to say no itself, but to a bad ref.
		if (error.cause !== undefined && (error.cause as { code?: string }).code !== 'ERR_INVALID_URL')
			throw new Error(`the decoder could not read what the guard let through: ${shown(bytes)}`, { cause: error });
		return { refused: true };
	}
}

function shown(bytes: Uint8Array): string {
	return Buffer.from(bytes.subarray(0, 300)).toString('hex');
}
