/** Writing the small parcels: a number, or a number and a value. */

import type { ByteWriter } from '../core/bytes.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Link } from './link.ts';

/** Writes a parcel of one number and one value. */
export function writeValue(link: Link, kernel: Kernel, type: number, number: number, value: unknown): void {
	for (let body = value; ; body = kernel.codec.copy(value)) {
		const out = link.begin();
		out.byte(type);
		out.varint(number);
		// Reading the value may have run code that sends something itself; a copy runs none.
		if (written(link, kernel, out, body)) break;
	}
	link.commit(false);
}

/** `codec.write`, which leaves nothing behind when it throws. */
export function written(link: Link, { codec }: Kernel, out: ByteWriter, value: unknown): boolean {
	try {
		return codec.write(out, value);
	} catch (error) {
		link.discard();
		throw error;
	}
}

/** Writes a parcel of one number. */
export function writeNumber(link: Link, type: number, number: number): void {
	const out = link.begin();
	out.byte(type);
	out.varint(number);
	link.commit(false);
}
