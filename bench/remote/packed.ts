/**
 * Messages packed by hand: those of a turn in a few large ones, each encoded as a whole by cbor-x. What is possible with
 * its codec once a NATS message for each is saved; nothing is addressed, checked, acknowledged or bounded.
 */

import type { Driver } from '../workload.ts';
import { encoder } from './cbor.ts';
import { across, briefOf } from './crossing.ts';
import { flood } from './flood.ts';
import { setting } from './nats-near.ts';
import { payloads } from './payloads.ts';

/** As many as fill some 64 KiB: with more, or fewer, it is slower. */
const PACK = 350;

const { make } = payloads.reading;

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-tell': (surroundings) =>
		across(setting, briefOf(surroundings, { role: 'packed' }), ({ near, far, brief }) =>
			flood(far, payloads.reading, (from, count) => {
				for (let n = from; n < from + count; n += PACK) {
					const size = Math.min(PACK, from + count - n);
					near.publish(`${brief.name}.tell`, encoder.encode(Array.from({ length: size }, (_, i) => make(n + i))));
				}
			}),
		),
};
