/** Questions by the NATS client's own `request`, one message each way. */

import type { NatsConnection } from '@nats-io/transport-node';
import type { Driver, Figures } from '../workload.ts';
import { type Ask, atOnce, oneByOne } from './asks.ts';
import { decoder, encoder } from './cbor.ts';
import { across, briefOf, type Crossing, type Setting, type Wish } from './crossing.ts';
import { BULK, loneAsk } from './lone-ask.ts';
import { setting, tunedSetting } from './nats-near.ts';
import { type PayloadName, payloads, type Value } from './payloads.ts';
import { wireOf } from './spy.ts';

/** What a driver works with. */
interface Line {
	readonly crossing: Crossing<NatsConnection>;
	readonly ask: Ask;
	readonly tell: (value: Value) => void;
}

const thousand: (line: Line) => Promise<Figures> = ({ ask }) => atOnce(1_000, payloads.reading, ask);

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-ask-16': asks('16'),
	'remote-ask': asks('reading'),
	'remote-ask-1k': asks('1k'),
	'remote-ask-64k': asks('64k'),
	'remote-ask-1000': online(setting, {}, thousand),
	'remote-lone-ask': online(setting, { payload: '64k', every: BULK.perTurn }, ({ crossing, ask, tell }) =>
		loneAsk(crossing.far, tell, ask),
	),
	'remote-wire': online(setting, { every: 1 }, wire),
};

/** Without stack traces. */
export const tuned: Readonly<Record<string, Driver>> = {
	'remote-ask-1000': online(tunedSetting, {}, thousand),
};

function asks(payload: PayloadName): Driver {
	return online(setting, { payload }, ({ ask }) => oneByOne(payloads[payload], ask));
}

function online(how: Setting<NatsConnection>, wish: Wish, measure: (line: Line) => Promise<Figures>): Driver {
	return (surroundings) =>
		across(how, briefOf(surroundings, { role: 'answers', ...wish }), (crossing) => {
			const { near, brief } = crossing;
			const [asked, told] = [`${brief.name}.ask`, `${brief.name}.tell.0`];
			const ask: Ask = async (value) =>
				decoder.decode((await near.request(asked, encoder.encode(value), { timeout: 10_000 })).data);
			return measure({ crossing, ask, tell: (value) => near.publish(told, encoder.encode(value)) });
		});
}

function wire({ crossing: { far, brief }, ask, tell }: Line): Promise<Figures> {
	const { make } = payloads.reading;
	let told = 0;
	return wireOf(
		brief.servers,
		() => true,
		(count) => {
			for (const end = told + count; told < end; ) tell(make(told++));
			return far.settle(told);
		},
		(count) => Promise.all(Array.from({ length: count }, (_, n) => ask(make(n)))),
	);
}
