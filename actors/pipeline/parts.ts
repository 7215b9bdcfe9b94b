/** Lists that may be too large for one message: they go in parts. */

import { isTroupeError } from '../../runtime/core/errors.ts';

/** Sends a list, whole or in parts; `more` says that another part follows. Throws what cannot be sent at all. */
export function inParts(
	values: readonly unknown[],
	send: (values: readonly unknown[], more: boolean) => void,
	more = false,
): void {
	try {
		send(values, more);
	} catch (error) {
		if (!isTroupeError(error) || error.code !== 'ERR_TOO_LARGE' || values.length < 2) throw error;
		const half = values.length >> 1;
		inParts(values.slice(0, half), send, true);
		inParts(values.slice(half), send, more);
	}
}
