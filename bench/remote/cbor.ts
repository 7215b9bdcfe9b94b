/** CBOR as a hand-written program would use it. */

import { Decoder, Encoder } from 'cbor-x';
import type { Value } from './payloads.ts';

export const encoder = new Encoder({ useRecords: false });
export const decoder = new Decoder({ useRecords: false });

/** What travels of a message when it is as short as can be: binary needs no encoding. */
export function bytesOf(value: Value): Uint8Array {
	return value instanceof Uint8Array ? value : encoder.encode(value);
}
