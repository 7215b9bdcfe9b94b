/**
 * Questions by the NATS client's own `request` as it comes, one message each way. With `noAsyncTraces: true` on the
 * connection a thousand at once are 1.6 times as fast, and one by one as they are.
 */

import type { NatsConnection } from '@nats-io/transport-node';
import type { Driver, Figures } from '../workload.ts';
import { type Ask, atOnce, oneByOne } from './asks.ts';
import { decoder, encoder } from './cbor.ts';
import { across, briefOf, type Crossing, type Wish } from './crossing.ts';
import { BULK, loneAsk } from './lone-ask.ts';
import { setting } from './nats-near.ts';
import { type PayloadName, payloads, type Value } from './payloads.ts';
import { wireOf } from './spy.ts';

/** What a driver works with. */
interface Line {
	readonly crossing: Crossing<NatsConnection>;
	readonly ask: Ask;
	readonly tell: (value: Value) => void;
}

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-ask-16': asks('16'),
	'remote-ask': asks('reading'),
	'remote-ask-1k': asks('1k'),
	'remote-ask-64k': asks('64k'),
	'remote-ask-1000': online({}, ({ ask }) => atOnce(1_000, payloads.reading, ask)),
	'remote-lone-ask': online({ payload: '64k', every: BULK.perTurn }, ({ crossing, ask, tell }) =>
		loneAsk(crossing.far, tell, ask),
	),
	'remote-wire': online({ every: 1 }, wire),
};

function asks(payload: PayloadName): Driver {
	return online({ payload }, ({ ask }) => oneByOne(payloads[payload], ask));
}

function online(wish: Wish, measure: (line: Line) => Promise<Figures>): Driver {
	return (surroundings) =>
		across(setting, briefOf(surroundings, { role: 'answers', ...wish }), (crossing) => {
			const { near, brief } = crossing;
			const [asked, told] = [`${brief.name}.ask`, `${brief.name}.tell.0`];
			const ask: Ask = async (value) =>
				decoder.decode((await near.request(asked, encoder.encode(value), { timeout: 10_000 })).data);
			return measure({ crossing, ask, tell: (value) => near.publish(told, encoder.encode(value)) });
		});
}

function wire({ crossing, ask, tell }: Line): Promise<Figures> {
	const ours = [`${crossing.brief.name}.`, '_INBOX.'];
	return wireOf(crossing, (subject) => ours.some((prefix) => subject.startsWith(prefix)), tell, ask);
}
