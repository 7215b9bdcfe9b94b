/** What only the memory store can do: be cut off from one client, and keep answers to itself. */

import { expect } from 'chai';
import type { Bucket } from '../../runtime/cluster/kv.ts';
import { memoryKvStore } from '../../runtime/cluster/kv-memory.ts';
import { VirtualClock } from '../../runtime/core/clock.ts';
import { isTroupeError } from '../../runtime/core/errors.ts';
import { type MemoryBus, type MemoryTransport, memoryBus, STORE } from '../../runtime/transport/memory.ts';

const bytes = (text: string) => Buffer.from(text);

describe('a bucket in memory', () => {
	let clock: VirtualClock;
	let bus: MemoryBus;
	let transport: MemoryTransport;
	let bucket: Bucket;
	let tests = 0;

	beforeEach(async () => {
		clock = new VirtualClock({ seed: 3, wall: 1_000_000 });
		bus = memoryBus(`store-${++tests}`);
		transport = bus.connect({ clock, name: 'a' });
		bucket = await memoryKvStore(transport).open('bucket');
	});
	afterEach(() => bus.close());

	/** What becomes of an operation, and when. */
	async function outcome(operation: Promise<unknown>): Promise<unknown> {
		const start = clock.now();
		let settled = false;
		const result = operation
			.catch((error: unknown) => (isTroupeError(error) ? `${error.code} after ${clock.now() - start}` : error))
			.finally(() => {
				settled = true;
			});
		for (let waited = 0; !settled && waited < 100; waited++) await clock.advance(waited === 0 ? 0 : 100);
		return result;
	}

	it('rejects at once for a client that is disconnected, and serves the others', async () => {
		const other = await memoryKvStore(bus.connect({ clock, name: 'b' })).open('bucket');
		transport.disconnect();
		expect(await outcome(bucket.create('key', bytes('one')))).to.equal('ERR_CLAIM_UNAVAILABLE after 0');
		expect(await outcome(other.create('key', bytes('two')))).to.equal(1);
		transport.reconnect();
		expect(await outcome(bucket.create('key', bytes('three')))).to.equal(undefined);
	});

	it('rejects when the client is disconnected before the answer comes, having done it', async () => {
		bus.faults({ delay: 100 });
		const creating = bucket.create('key', bytes('one'));
		await clock.advance(100);
		transport.disconnect();
		expect(await outcome(creating)).to.equal('ERR_CLAIM_UNAVAILABLE after 0');
		transport.reconnect();
		bus.faults({});
		expect(await outcome(bucket.create('key', bytes('two')))).to.equal(undefined);
	});

	it('does not do what a client asked that was disconnected before it arrived', async () => {
		bus.faults({ delay: 100 });
		const creating = bucket.create('key', bytes('one'));
		await clock.advance(50);
		transport.disconnect();
		expect(await outcome(creating)).to.match(/^ERR_CLAIM_UNAVAILABLE/);
		transport.reconnect();
		bus.faults({});
		expect(await outcome(bucket.create('key', bytes('two')))).to.equal(1);
	});

	it('rejects after its timeout for a client that is cut off from the store', async () => {
		const other = await memoryKvStore(bus.connect({ clock, name: 'b' })).open('bucket');
		bus.partition('a', STORE);
		expect(await outcome(bucket.create('key', bytes('one')))).to.equal('ERR_CLAIM_UNAVAILABLE after 3000');
		expect(await outcome(other.create('key', bytes('two')))).to.equal(1);
		bus.heal();
		expect(await outcome(bucket.get('key'))).to.include({ revision: 1 });
	});

	it('rejects after the timeout it was given', async () => {
		const hasty = await memoryKvStore(transport, { timeout: 200 }).open('bucket');
		bus.faults({ delay: 150 });
		expect(await outcome(hasty.get('key'))).to.equal('ERR_CLAIM_UNAVAILABLE after 200');
	});

	it('takes as long as messages take', async () => {
		bus.faults({ delay: 150 });
		const creating = bucket.create('key', bytes('one'));
		let revision: number | undefined;
		void creating.then((given) => {
			revision = given;
		});
		await clock.advance(299);
		expect(revision).to.equal(undefined);
		await clock.advance(1);
		expect(revision).to.equal(1);
	});

	it('keeps some answers to itself, having done about half of what they were about', async () => {
		bus.faults({ storeSilence: 1 });
		const keys = Array.from({ length: 100 }, (_, n) => `key-${n}`);
		const outcomes = Promise.all(keys.map((key) => bucket.create(key, bytes('one')).catch(() => 'rejected')));
		await clock.advance(3_000);
		expect(new Set(await outcomes)).to.deep.equal(new Set(['rejected']));
		bus.faults({});
		expect((await bucket.entries()).length).to.be.within(30, 70);
	});

	it('says by its clock when it was created, and never the same time twice', async () => {
		expect(bucket.created).to.equal(1_000_000);
		bus.wipe();
		const anew = await memoryKvStore(transport).open('bucket');
		expect(anew.created).to.be.above(1_000_000).and.below(1_000_001);
		clock.skew(-500);
		bus.wipe();
		expect((await memoryKvStore(transport).open('bucket')).created).to.be.above(anew.created);
	});

	it('keeps its content while the broker is down', async () => {
		await bucket.create('key', bytes('one'));
		bus.stop();
		bus.start();
		expect(await bucket.get('key')).to.include({ revision: 1 });
	});

	it('hands out copies', async () => {
		await bucket.create('key', bytes('one'));
		(await bucket.get('key'))?.value.fill(0);
		expect(Buffer.from((await bucket.get('key'))?.value ?? []).toString()).to.equal('one');
	});
});
