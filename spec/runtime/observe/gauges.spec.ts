/** The figures of a node's parts, told each second. */

import { expect } from 'chai';
import { EventStream, type Metrics } from '../../../runtime/core/events.ts';
import { Gauges } from '../../../runtime/observe/gauges.ts';
import { VirtualClock } from '../../../testkit.ts';

describe('the gauges of a node', () => {
	let clock: VirtualClock;
	let events: EventStream;
	let gauges: Gauges;
	let reads: number;

	beforeEach(() => {
		clock = new VirtualClock();
		events = new EventStream(() => {});
		gauges = new Gauges(clock, events, () => 'node');
		reads = 0;
	});

	const read = (): Record<string, number> => ({ reads: ++reads });

	it('tell the figures of each part, each second', async () => {
		const told: Metrics[] = [];
		events.on('metrics', (metrics) => told.push(metrics));
		gauges.add('channel', 'orders', read);
		await clock.advance(2_000);
		expect(told).to.deep.equal([
			{ kind: 'channel', name: 'orders', node: 'node', values: { reads: 1 } },
			{ kind: 'channel', name: 'orders', node: 'node', values: { reads: 2 } },
		]);
	});

	it('ask nobody for figures while nobody listens', async () => {
		gauges.add('channel', 'orders', read);
		await clock.advance(5_000);
		expect(reads).to.equal(0);
	});

	it('end with the part', async () => {
		let told = 0;
		events.on('metrics', () => told++);
		const end = gauges.add('channel', 'orders', read);
		await clock.advance(1_000);
		end();
		await clock.advance(5_000);
		expect(told).to.equal(1);
	});
});
