/** Typed arrays travel little-endian, whatever the machine. */

import { endianness } from 'node:os';

const BIG_ENDIAN = endianness() === 'BE';

/** `bytes`, of elements of `size` bytes in this machine's order, in little-endian order; or the other way round. */
export function littleEndian(bytes: Buffer, size: number, bigEndian = BIG_ENDIAN): Buffer {
	if (!bigEndian || size === 1) return bytes;
	const swapped = Buffer.from(bytes);
	return size === 2 ? swapped.swap16() : size === 4 ? swapped.swap32() : swapped.swap64();
}
