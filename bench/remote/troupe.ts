/** Troupe's own drivers: two nodes in two processes, and refs by ID across one nats-server. */

import type { Driver, Figures } from '../workload.ts';
import { atOnce, oneByOne } from './asks.ts';
import { each, flood } from './flood.ts';
import { BULK, loneAsk } from './lone-ask.ts';
import { type PayloadName, payloads, type Value } from './payloads.ts';
import { archive } from './troupe-durable.ts';
import { flow } from './troupe-pipeline.ts';
import { claims, lookups } from './troupe-registry.ts';
import { links, nodes } from './troupe-scale.ts';
import { CHANNEL, Teller } from './troupe-sink.ts';
import { onStage, type Stage } from './troupe-stage.ts';

/** Actors on either side of `remote-many`. */
const MANY = 100;

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-tell-16': tells('16'),
	'remote-tell': tells('reading'),
	'remote-tell-1k': tells('1k'),
	'remote-tell-64k': tells('64k'),
	'remote-tell-4m': tells('4m'),
	'remote-ask-16': asks('16'),
	'remote-ask': asks('reading'),
	'remote-ask-1k': asks('1k'),
	'remote-ask-64k': asks('64k'),
	'remote-ask-1000': onStage({}, ({ sink }) => atOnce(1_000, payloads.reading, (value) => sink.ask.answer(value))),
	'remote-channel': onStage({ role: 'channel' }, channel),
	'remote-pipeline': flow,
	'remote-many': onStage({ count: MANY }, many),
	'remote-lone-ask': onStage({ payload: '64k', every: BULK.perTurn, count: 2 }, ({ crossing, sink, sinks }) =>
		loneAsk(
			crossing.far,
			(value) => sink.tell.take(value),
			(value) => (sinks[1] as typeof sink).ask.answer(value),
		),
	),
	'remote-claims': claims,
	'remote-lookups': lookups,
	'remote-links': links,
	'remote-nodes': nodes,
	'durable-send': archive,
	'remote-wire': onStage({ every: 1 }, wire),
};

function tells(payload: PayloadName): Driver {
	const { make } = payloads[payload];
	return onStage({ payload }, ({ crossing, sink }) =>
		flood(
			crossing.far,
			payloads[payload],
			each((n) => sink.tell.take(make(n))),
		),
	);
}

function asks(payload: PayloadName): Driver {
	return onStage({ payload }, ({ sink }) => oneByOne(payloads[payload], (value) => sink.ask.answer(value)));
}

/** The far side takes from the channel, and from the actor. */
async function channel({ crossing, sink }: Stage): Promise<Figures> {
	const payload = payloads.reading;
	const { far, near } = crossing;
	const readings = await near.channel<Value>(CHANNEL.name, { capacity: CHANNEL.capacity });
	const sends = await flood(
		far,
		payload,
		each((n) => void sink.send.take(payload.make(n))),
	);
	let last: Promise<void> | undefined;
	const values = await flood(
		far,
		payload,
		each((n) => {
			last = readings.send(payload.make(n));
		}),
	);
	// The word that it has been taken may still be under way.
	await last;
	return { rate: values.rate, send: sends.rate };
}

/** A hundred actors tell a hundred others, each of them all. */
async function many({ crossing, sinks }: Stage): Promise<{ rate: number }> {
	const payload = payloads.reading;
	const tellers = await Promise.all(
		Array.from({ length: MANY }, () => crossing.near.spawn(Teller, { args: { sinks, payload } })),
	);
	return flood(crossing.far, payload, (_from, count) => {
		for (const teller of tellers) teller.tell.tell(count / MANY);
	});
}

/** Heartbeats go on anyway, and are nobody's message. */
async function wire({ crossing, sink }: Stage): Promise<Figures> {
	const prefix = `troupe.${crossing.brief.name}.`;
	const { wireOf } = await import('./spy.ts');
	return wireOf(
		crossing,
		(subject) => subject.startsWith(prefix) && !subject.endsWith('.hb'),
		(value) => sink.tell.take(value),
		(value) => sink.ask.answer(value),
	);
}
