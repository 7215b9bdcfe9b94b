/** Frames as a codec writes them, for specs that make something else of them. */

import fc from 'fast-check';
import { Codec, type RefPort } from '../../../runtime/codec/codec.ts';
import { Rejection, TroupeError } from '../../../runtime/core/errors.ts';
import { SEED } from '../../support/mutation.ts';
import { anyValue } from './values.ts';

const refs: RefPort = {
	isRef: (value) => value instanceof URL,
	toWire: (ref) => [String(ref)],
	fromWire: ([href]) => new URL(href as string),
};

/** URLs stand for refs; one error class is registered. */
export const codec = new Codec({ refs, errors: [class Custom extends Error {}] });

/** Values of all sorts, errors and refs among them; the same ones each time. */
export function validFrames(): Uint8Array[] {
	const errors = [
		new TroupeError('ERR_STOPPED', 'x', { cause: new TypeError('y') }),
		new Rejection('NO', 'no', { data: [1n] }),
		new AggregateError([new Error('a')], 'b'),
		{ ref: new URL('troupe://a/b'), set: new Set([new Map([[new Error('k'), 1]])]) },
	];
	return [...fc.sample(anyValue, { numRuns: 400, seed: SEED }), ...errors].map((value) => codec.encode(value));
}
