/** What the registry does about claims of which it does not know what became of them. */

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { memoryKvStore } from '../../../runtime/cluster/kv-memory.ts';
import { LastingBucket } from '../../../runtime/cluster/lasting-bucket.ts';
import { Registry } from '../../../runtime/cluster/registry.ts';
import { Settlement } from '../../../runtime/cluster/settlement.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { type Cancel, VirtualClock } from '../../../runtime/core/clock.ts';
import { LEASE } from '../../../runtime/core/config.ts';
import { type MemoryBus, memoryBus, STORE } from '../../../runtime/transport/memory.ts';

/** Knows how many alarms are set. */
class WatchedClock extends VirtualClock {
	readonly alarms = new Set<object>();

	override after(delay: number, run: () => void): Cancel {
		const alarm = {};
		this.alarms.add(alarm);
		const cancel = super.after(delay, () => {
			this.alarms.delete(alarm);
			run();
		});
		return () => {
			this.alarms.delete(alarm);
			cancel();
		};
	}
}

describe('a claim whose outcome is not known', () => {
	const IDS = Array.from({ length: 300 }, (_, index) => `name-${index}`);
	let clock: WatchedClock;
	let bus: MemoryBus;
	let registry: Registry;

	beforeEach(async () => {
		clock = new WatchedClock();
		bus = memoryBus('registry');
		bus.faults({ delay: 1 });
		const bucket = await during(LastingBucket.open(memoryKvStore(bus.connect({ clock, name: 'a' })), 'actors', {}));
		const settlement = new Settlement(bucket, clock, LEASE);
		await during(settlement.begin(async () => true));
		const codec = new Codec({ refs: { isRef: () => false } as never });
		registry = new Registry(bucket, settlement, codec, clock, { alive: async () => true, dead: async () => false });
		// Each write is carried out, and nobody learns of it.
		bus.faults({ delay: [1, 2_000], storeSilence: 1 });
		const claims = Promise.all(IDS.map((id) => registry.claim(id, 'kind', 'a').catch(({ code }) => code)));
		expect(new Set(await during(claims))).to.deep.equal(new Set(['ERR_CLAIM_UNAVAILABLE']));
		bus.faults({ delay: 1 });
	});

	afterEach(() => bus.close());

	async function during<T>(work: Promise<T>): Promise<T> {
		let settled = false;
		const settle = (): void => {
			settled = true;
		};
		work.then(settle, settle);
		while (!settled) await clock.advance(100);
		return work;
	}

	it('is looked for with all others, by one alarm, until what came late is removed', async () => {
		bus.partition('a', STORE);
		await clock.advance(10_000);
		expect(clock.alarms.size).to.be.within(1, 3);
		bus.heal();
		await during(
			(async () => {
				while ((await registry.all()).length > 0);
			})(),
		);
		await clock.advance(10_000);
		expect(clock.alarms.size).to.equal(0);
	});

	it('is looked for no longer once its node has left', async () => {
		bus.partition('a', STORE);
		registry.close();
		await clock.advance(10_000);
		expect(clock.alarms.size).to.equal(0);
	});
});
