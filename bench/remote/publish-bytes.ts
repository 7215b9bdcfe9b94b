/** The floor of all floors: nats.js carries bytes that are there already, to somebody who only counts them. */

import type { Driver } from '../workload.ts';
import { bytesOf } from './cbor.ts';
import { across, briefOf } from './crossing.ts';
import { each, flood } from './flood.ts';
import { setting } from './nats-near.ts';
import { type PayloadName, payloads } from './payloads.ts';

/** A piece that every server takes: its `max_payload` is 1 MiB by default. */
const PIECE = 1024 * 1024;

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-tell-16': tells('16'),
	'remote-tell': tells('reading'),
	'remote-tell-1k': tells('1k'),
	'remote-tell-64k': tells('64k'),
	'remote-tell-4m': tells('4m'),
};

function tells(payload: PayloadName): Driver {
	return (surroundings) =>
		across(setting, briefOf(surroundings, { role: 'bytes', payload }), ({ near, far, brief }) => {
			const subject = `${brief.name}.tell.0`;
			const bytes = bytesOf(payloads[payload].make(0));
			const send = (): void => {
				for (let at = 0; at < bytes.length; at += PIECE) near.publish(subject, bytes.subarray(at, at + PIECE));
			};
			return flood(far, payloads[payload], each(send));
		});
}
