/** A stage of a hand-written chain: pulls from one stream, publishes to the next, acknowledges. */

import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { decoder, encoder } from './cbor.ts';
import type { Value } from './payloads.ts';
import { beFar } from './tally.ts';

beFar(async (tally) => {
	const { name, servers, role } = tally.brief;
	const client = jetstream(await connect({ servers, name, noAsyncTraces: true }));
	const consumer = await client.consumers.get(name, role);
	const messages = await consumer.consume({ max_messages: 1_000 });
	void (async () => {
		for await (const message of messages) {
			const value = decoder.decode(message.data) as Value;
			if (role === 'sink') {
				tally.take(value);
				message.ack();
			} else
				void client.publish(`${name}.made`, encoder.encode(value)).then(
					() => message.ack(),
					(error) => process.send?.({ failed: String(error) }),
				);
		}
	})();
});
