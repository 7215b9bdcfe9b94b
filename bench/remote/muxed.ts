/** Questions without `request`: one subject for all answers, and correlation numbers of our own. What is possible without packing. */

import type { Driver, Figures } from '../workload.ts';
import { type Ask, atOnce, oneByOne } from './asks.ts';
import { decoder, encoder } from './cbor.ts';
import { across, briefOf } from './crossing.ts';
import { tunedSetting } from './nats-near.ts';
import { payloads } from './payloads.ts';

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-ask': muxed((ask) => oneByOne(payloads.reading, ask)),
	'remote-ask-1000': muxed((ask) => atOnce(1_000, payloads.reading, ask)),
};

function muxed(measure: (ask: Ask) => Promise<Figures>): Driver {
	return (surroundings) =>
		across(tunedSetting, briefOf(surroundings, { role: 'muxed' }), async ({ near, brief }) => {
			const waiting = new Map<number, (answer: unknown) => void>();
			const reply = `${brief.name}.answers`;
			near.subscribe(reply, {
				callback: (error, { data }) => {
					if (error) throw error;
					const [number, answer] = decoder.decode(data) as [number, unknown];
					waiting.get(number)?.(answer);
					waiting.delete(number);
				},
			});
			await near.flush();
			let last = 0;
			return measure(
				(value) =>
					new Promise((resolve) => {
						waiting.set(++last, resolve);
						near.publish(`${brief.name}.ask`, encoder.encode([last, value]), { reply });
					}),
			);
		});
}
