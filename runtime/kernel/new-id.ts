/** IDs for actors that were given none. */

import { randomFillSync } from 'node:crypto';
import { v7 as uuid } from 'uuid';

/** Chance for IDs, many at a time: asking for it is most of what an ID costs. */
const chance = Buffer.allocUnsafeSlow(4_096);
let taken = chance.length;

/** A new UUIDv7. */
export function newId(): string {
	if (taken === chance.length) {
		randomFillSync(chance);
		taken = 0;
	}
	taken += 16;
	return uuid({ random: chance.subarray(taken - 16, taken) });
}
