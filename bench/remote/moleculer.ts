/** What people use instead: Moleculer on NATS, events for tells and actions for asks. */

import { ServiceBroker } from 'moleculer';
import type { Driver, Figures } from '../workload.ts';
import { type Ask, atOnce, oneByOne } from './asks.ts';
import { across, briefOf, type Crossing, type Setting } from './crossing.ts';
import { each, flood } from './flood.ts';
import { optionsOf, SINK } from './moleculer-broker.ts';
import { payloads } from './payloads.ts';

/** Longest wait for the service of the other side, and between two looks for it, in ms. */
const PATIENCE = 5_000;
const LOOK = 20;

const setting: Setting<ServiceBroker> = {
	program: 'moleculer-far',
	open: async (brief) => {
		const broker = new ServiceBroker(optionsOf(brief, 'near'));
		await broker.start();
		return broker;
	},
	close: (broker) => broker.stop(),
};

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-tell': between(({ near, far }) => {
		const { reading } = payloads;
		const send = (n: number): void => void near.emit(SINK.event, reading.make(n));
		return flood(far, reading, each(send));
	}),
	'remote-ask': between((crossing) => oneByOne(payloads.reading, asker(crossing))),
	'remote-ask-1000': between((crossing) => atOnce(1_000, payloads.reading, asker(crossing))),
};

function asker({ near }: Crossing<ServiceBroker>): Ask {
	return (value) => near.call(SINK.action, value);
}

function between(measure: (crossing: Crossing<ServiceBroker>) => Promise<Figures>): Driver {
	return (surroundings) =>
		across(setting, briefOf(surroundings, {}), async (crossing) => {
			// Asked for, the service is known at once; announced, after a second.
			await crossing.near.transit?.discoverNodes();
			await crossing.near.waitForServices(SINK.service, PATIENCE, LOOK);
			return measure(crossing);
		});
}
