/** Moleculer as its documentation sets it up for NATS, without a log; and what both sides call its one service. */

import type { BrokerOptions } from 'moleculer';
import type { Brief } from './far.ts';

export const SINK = { service: 'sink', event: 'told', action: 'sink.answer' } as const;

export function optionsOf({ name, servers }: Brief, nodeID: string): BrokerOptions {
	return { namespace: name, nodeID, transporter: { type: 'NATS', options: { url: servers } }, logger: false };
}
