/** What both twins of the key-value port refuse, and how they say that an outcome is not known. */

import { BadOption } from '../../supervisor/bad-option.ts';
import { isTroupeError, TroupeError } from '../core/errors.ts';

/** @throws BadOption when `name` can't be a bucket's. */
export function checkBucketName(name: string): void {
	if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new BadOption('bucket', name, 'letters, digits, - and _');
}

/** @throws BadOption when `key` could be more than one token of a subject, or none. */
export function checkKey(key: string): void {
	if (!/^[A-Za-z0-9_=-]+$/.test(key)) throw new BadOption('key', key, 'letters, digits, -, _ and =');
}

/** @throws TroupeError `ERR_TOO_LARGE` when a value cannot be appended to a stream. */
export function checkSize({ length }: Uint8Array, most: number, stream: string): void {
	if (length <= most) return;
	const remedy = 'send it in parts, or raise max_payload of the NATS servers';
	throw new TroupeError(
		'ERR_TOO_LARGE',
		`a value of ${length} bytes for stream '${stream}', which takes ${most}: ${remedy}`,
	);
}

/**
 * Nobody knows whether `operation` was carried out: the caller reads back what it wrote, or tries again. What NATS
 * denies, for certain, was not.
 */
export function unavailable(operation: string, address: string, cause: unknown): TroupeError {
	const why = cause instanceof Error ? cause.message : String(cause);
	const denied = isTroupeError(cause) && cause.code === 'ERR_PERMISSION';
	const code = denied ? cause.code : 'ERR_CLAIM_UNAVAILABLE';
	return new TroupeError(code, `the store at ${address} could not ${operation}: ${why}`, { cause });
}
