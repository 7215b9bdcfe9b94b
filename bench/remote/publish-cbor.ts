/** What most programs would write: each message encoded, published, received and decoded for itself. */

import type { Driver } from '../workload.ts';
import { encoder } from './cbor.ts';
import { across, briefOf } from './crossing.ts';
import { each, flood } from './flood.ts';
import { setting } from './nats-near.ts';
import { type PayloadName, payloads } from './payloads.ts';

/** Receivers of `remote-many`, each of which has a subject. */
const MANY = 100;

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-tell': tells('reading', 1),
	'remote-many': tells('reading', MANY),
};

function tells(payload: PayloadName, receivers: number): Driver {
	const { make } = payloads[payload];
	return (surroundings) =>
		across(setting, briefOf(surroundings, { role: 'cbor', payload }), ({ near, far, brief }) => {
			const subjects = Array.from({ length: receivers }, (_, n) => `${brief.name}.tell.${n}`);
			const send = (n: number): void => near.publish(subjects[n % receivers] as string, encoder.encode(make(n)));
			return flood(far, payloads[payload], each(send));
		});
}
