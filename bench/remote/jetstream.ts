/** What a hand-written program does for the same: the client's own publish to a stream, and a consumer that acknowledges. */

import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Driver } from '../workload.ts';
import { AT_ONCE, abreast, stored } from './abreast.ts';
import { decoder, encoder } from './cbor.ts';
import { briefOf, runName } from './crossing.ts';
import { Far } from './far.ts';
import { check, payloads, type Value } from './payloads.ts';

const archive: Driver = async ({ servers }) => {
	const connection = await connect({ servers, noAsyncTraces: true });
	try {
		const name = runName();
		const manager = await jetstreamManager(connection);
		await manager.streams.add({ name, subjects: [`${name}.>`] });
		const client = jetstream(connection);
		const { rate, count } = await stored(AT_ONCE, (n) =>
			client.publish(`${name}.archive`, encoder.encode(payloads.reading.make(n))),
		);
		await manager.consumers.add(name, { durable_name: 'archive', ack_policy: AckPolicy.Explicit });
		const start = performance.now();
		const messages = await (await client.consumers.get(name, 'archive')).consume({ max_messages: 1_000 });
		let taken = 0;
		for await (const message of messages) {
			check(payloads.reading, decoder.decode(message.data) as Value, taken++);
			message.ack();
			if (taken === count) break;
		}
		await connection.flush();
		const handled = (count * 1_000) / (performance.now() - start);
		await manager.streams.delete(name);
		return { rate, handled };
	} finally {
		await connection.close();
	}
};

/** A chain of three processes: one publishes, one makes something of each value, one takes them. */
const chain: Driver = async (surroundings) => {
	const brief = briefOf(surroundings, { role: 'map' });
	const { name, servers } = brief;
	const connection = await connect({ servers, noAsyncTraces: true });
	const manager = await jetstreamManager(connection);
	await manager.streams.add({ name, subjects: [`${name}.>`] });
	for (const [role, filter_subject] of [
		['map', `${name}.raw`],
		['sink', `${name}.made`],
	] as const)
		await manager.consumers.add(name, { durable_name: role, filter_subject, ack_policy: AckPolicy.Explicit });
	const fars = await Promise.all(
		['map', 'sink'].map((role) => Far.start('jetstream-far', { ...brief, role, every: 1_000 })),
	);
	try {
		const sink = fars[1] as Far;
		const client = jetstream(connection);
		const send = (n: number): Promise<unknown> =>
			client.publish(`${name}.raw`, encoder.encode(payloads.reading.make(n)));
		await abreast(WARM, send);
		await sink.settle(WARM);
		const start = performance.now();
		await abreast(LINKS, send, WARM);
		await sink.settle(WARM + LINKS);
		return { rate: (LINKS * 1_000) / (performance.now() - start) };
	} finally {
		for (const far of fars) far[Symbol.dispose]();
		await manager.streams.delete(name);
		await connection.close();
	}
};

/** Values through the chain before it is measured, and while it is. */
const [WARM, LINKS] = [10_000, 30_000];

export const drivers: Readonly<Record<string, Driver>> = { 'durable-send': archive, 'remote-pipeline': chain };
