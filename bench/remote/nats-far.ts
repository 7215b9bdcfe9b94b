/** The far process of all contenders that use a NATS client and nothing else. */

import { connect, type Msg } from '@nats-io/transport-node';
import { bytesOf, decoder, encoder } from './cbor.ts';
import { proofOf, type Value } from './payloads.ts';
import { beFar } from './tally.ts';

beFar(async (tally) => {
	const { name, servers, role } = tally.brief;
	const connection = await connect({ servers, name, noAsyncTraces: true });
	const on = (subject: string, take: (message: Msg) => void) =>
		connection.subscribe(`${name}.${subject}`, {
			callback: (error, message) => {
				if (error) throw error;
				take(message);
			},
		});
	switch (role) {
		// Bytes are not looked into; what is too large for one message comes in pieces.
		case 'bytes': {
			const size = bytesOf(tally.payload.make(0)).length;
			let due = size;
			on('tell.>', ({ data }) => {
				due -= data.length;
				if (due > 0) return;
				if (due < 0) throw new Error(`${-due} bytes too many`);
				due = size;
				tally.count();
			});
			break;
		}
		case 'cbor':
			on('tell.>', ({ data }) => tally.take(decoder.decode(data) as Value));
			break;
		case 'packed':
			on('tell', ({ data }) => {
				for (const value of decoder.decode(data) as Value[]) tally.take(value);
			});
			break;
		case 'answers':
			on('ask', (message) => message.respond(encoder.encode(proofOf(decoder.decode(message.data) as Value))));
			on('tell.>', ({ data }) => tally.take(decoder.decode(data) as Value));
			break;
		// Correlation numbers travel beside the value, and all answers go to the asker's one subject.
		case 'muxed':
			on('ask', ({ data, reply }) => {
				const [number, value] = decoder.decode(data) as [number, Value];
				connection.publish(reply as string, encoder.encode([number, proofOf(value)]));
			});
			break;
		default:
			throw new Error(`no such role: ${role}`);
	}
	await connection.flush();
});
