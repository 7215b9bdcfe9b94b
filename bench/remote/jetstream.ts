/** What a hand-written program does for the same: the client's own publish to a stream, and a consumer that acknowledges. */

import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Driver } from '../workload.ts';
import { AT_ONCE, stored } from './abreast.ts';
import { decoder, encoder } from './cbor.ts';
import { runName } from './crossing.ts';
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

export const drivers: Readonly<Record<string, Driver>> = { 'durable-send': archive };
