/**
 * What NATS complains of becomes a warning. What it denies, it denies again and again: each heartbeat, each frame; that
 * is worth one warning for each subject, until the connection is another one, to which other permissions may apply.
 */

import { isTroupeError } from '../core/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Transport } from '../transport/transport.ts';

/** Denials to remember; more than a system has permissions for, but for those of single nodes and keys. */
const REMEMBERED = 256;

/** Whom the transport tells of its problems. */
export function complaints(kernel: Kernel, transport: Transport): (problem: Error) => void {
	const told = new Set<string>();
	transport.onState(() => told.clear());
	return (error) => {
		if (!isTroupeError(error)) return kernel.warn('NATS', error.message, { error });
		if (told.has(error.message)) return;
		if (told.size === REMEMBERED) told.clear();
		told.add(error.message);
		kernel.warn(error.code === 'ERR_PERMISSION' ? 'PERMISSION_DENIED' : 'NATS', error.message, { error });
	};
}
