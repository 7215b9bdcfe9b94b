/**
 * Elements as the bytes in which they travel. What comes from one node and goes on to another is not unpacked in between, and
 * what waits for a far worker's word is bytes, which the collector need not look through.
 */

import type { Batch, Receipt } from './stream.ts';

/** Turns lists into bytes and back; the system's codec does. */
export interface Packing {
	encode(values: readonly unknown[]): Uint8Array;
	decode(bytes: Uint8Array): unknown;
}

/** A batch that may never have to be looked into. */
export class Packed implements Batch {
	readonly bytes: Uint8Array;
	readonly length: number;
	readonly receipts: readonly Receipt[];
	readonly #packing: Packing;
	#values: readonly unknown[] | undefined;

	constructor(bytes: Uint8Array, length: number, receipts: readonly Receipt[], packing: Packing) {
		this.bytes = bytes;
		this.length = length;
		this.receipts = receipts;
		this.#packing = packing;
	}

	get values(): readonly unknown[] {
		return (this.#values ??= unpack(this.bytes, this.#packing));
	}
}

/** What is in the bytes; they come from another node, and may be anything. */
export function unpack(bytes: Uint8Array, packing: Packing): readonly unknown[] {
	const values = packing.decode(bytes);
	if (Array.isArray(values)) return values;
	throw new TypeError('what a worker has sent is no list');
}

/** How many elements a batch has, without looking into it. */
export function lengthOf(batch: Batch): number {
	return batch instanceof Packed ? batch.length : batch.values.length;
}
