/**
 * Consistent hashing: each member stands at many places of a ring, and a key belongs to the next of them (Karger et al., 1997).
 * A member that comes or goes changes what is between its places and the ones before, and nothing else.
 */

import { hash } from '../hash.ts';

/** Places of each member: shares differ by some ten percent. */
const PLACES = 128;

/** Whose a key is. */
export function ring<T>(members: readonly T[], idOf: (member: T) => string): (key: string) => T {
	const places = members
		.flatMap((member) => Array.from({ length: PLACES }, (_, n) => ({ at: hash(`${idOf(member)}#${n}`), member })))
		.sort((one, other) => one.at - other.at);
	return (key) => {
		const at = hash(key);
		let [low, high] = [0, places.length];
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((places[middle] as { at: number }).at < at) low = middle + 1;
			else high = middle;
		}
		return (places[low === places.length ? 0 : low] as { member: T }).member;
	};
}
