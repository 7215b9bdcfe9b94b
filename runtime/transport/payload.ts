import { TroupeError } from '../core/errors.ts';
import type { Transport } from './transport.ts';

/**
 * Checks that the broker takes `data`; a NATS server would cut the connection of a client that sends more.
 *
 * @throws TroupeError `ERR_TOO_LARGE`.
 */
export function checkPayload(
	data: Uint8Array,
	{ maxPayload, address }: Pick<Transport, 'maxPayload' | 'address'>,
): void {
	if (data.length <= maxPayload) return;
	throw new TroupeError('ERR_TOO_LARGE', `${data.length} bytes are more than the ${maxPayload} that ${address} takes`);
}
