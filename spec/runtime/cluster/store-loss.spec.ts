/** What becomes of IDs and their holders when all that the store held is lost. */

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorSystem, type TroupeError } from '../../../index.ts';
import { memoryKvStore } from '../../../runtime/cluster/kv-memory.ts';
import { LastingBucket } from '../../../runtime/cluster/lasting-bucket.ts';
import { Settlement } from '../../../runtime/cluster/settlement.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { LEASE } from '../../../runtime/core/config.ts';
import { memoryBus, STORE } from '../../../runtime/transport/memory.ts';
import { Lab } from '../../support/lab.ts';

/** Who handled what, and when. */
const handled: { readonly by: string; readonly value: number }[] = [];

class Owner extends Actor {
	static readonly kind = 'owner';

	put(value: number): string {
		handled.push({ by: this.system.node.name, value });
		return this.system.node.name;
	}
}

async function codeOf(work: Promise<unknown>): Promise<string> {
	try {
		await work;
		return 'none';
	} catch (error) {
		return (error as TroupeError).code;
	}
}

describe('when the store is lost', () => {
	let lab: Lab;

	beforeEach(() => {
		lab = new Lab();
		handled.length = 0;
	});

	afterEach(() => lab.close());

	/** The moment at which a claim is granted, and who of the others could act in it. */
	async function granted(claim: Promise<unknown>): Promise<number> {
		await lab.during(claim);
		return lab.clock.now();
	}

	it('an ID without a record is not given away before its holder has entered it again', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const ref = await lab.during(a.spawn(Owner, { id: 'job' }));
		lab.bus.wipe();
		expect(await codeOf(lab.during(b.spawn(Owner, { id: 'job' })))).to.equal('ERR_ID_TAKEN');
		expect(await lab.during(ref.ask.put(1))).to.equal('a');
		expect((await lab.during(b.whereis('job')))?.node).to.equal(a.node.id);
	});

	it('nor is it to a node that has just been started', async () => {
		const a = await lab.node({ node: 'a' });
		await lab.during(a.spawn(Owner, { id: 'job' }));
		lab.bus.wipe();
		const b = await lab.node({ node: 'b' });
		expect(await codeOf(lab.during(b.spawn(Owner, { id: 'job' })))).to.equal('ERR_ID_TAKEN');
		expect((await lab.during(b.whereis('job')))?.node).to.equal(a.node.id);
	});

	it('it is given away when its holder has not come back for a lease, and handles nothing any more', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const ref = await lab.during(a.spawn(Owner, { id: 'job' }));
		lab.isolate(a);
		lab.bus.wipe();
		const lost = lab.clock.now();
		const put = setInterval(() => ref.tell.put(0), 0);
		const at = await granted(b.spawn(Owner, { id: 'job' })).finally(() => clearInterval(put));
		expect(at - lost).to.be.above(LEASE);
		handled.length = 0;
		ref.tell.put(1);
		expect(await lab.during(b.ref(Owner, 'job').ask.put(2))).to.equal('b');
		await lab.pass(1_000);
		expect(handled).to.deep.equal([{ by: 'b', value: 2 }]);
	});

	it('a holder who finds that somebody else was given his ID stops, and what he held is in the books', async () => {
		const a = await lab.node({ node: 'a' });
		const [ref, other] = await lab.during(
			Promise.all([a.spawn(Owner, { id: 'job' }), a.spawn(Owner, { id: 'other' })]),
		);
		const warnings: string[] = [];
		const stopped: string[] = [];
		a.events.on('warning', ({ code }) => warnings.push(code));
		a.events.on('actorStopped', ({ id, reason }) => stopped.push(`${id} ${reason}`));
		// To one who comes while nobody is there, this is a cluster in its first life.
		const connection = lab.connection(a);
		connection.disconnect();
		lab.bus.wipe();
		await lab.pass(2_000);
		const b = await lab.node({ node: 'b' });
		await lab.during(b.spawn(Owner, { id: 'job' }));
		for (let value = 0; value < 5; value++) ref.tell.put(value);
		await lab.pass(50);
		connection.reconnect();
		await lab.pass(LEASE);
		expect(warnings).to.include('ID_LOST').and.not.include('EVICTED');
		expect(stopped).to.deep.equal(['job node-down']);
		expect(handled).to.deep.equal([]);
		expect(a.stats()).to.deep.include({ sent: 5, handled: 0, deadLetters: { fenced: 5 }, pending: 0 });
		expect(await lab.during(other.ask.put(6))).to.equal('a');
		expect(await lab.during(ref.ask.put(7)), 'the ref finds the other').to.equal('b');
	});

	it('who was cut off for longer than he may act waits for those who were not, and then goes on', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const ref = await lab.during(a.spawn(Owner, { id: 'job' }));
		lab.bus.stop();
		lab.bus.wipe();
		await lab.pass(3_000);
		lab.bus.start();
		ref.tell.put(1);
		await lab.pass(LEASE / 2);
		expect(handled).to.deep.equal([]);
		expect(await codeOf(lab.during(b.spawn(Owner, { id: 'job' })))).to.equal('ERR_ID_TAKEN');
		await lab.pass(2_000);
		expect(handled).to.deep.equal([{ by: 'a', value: 1 }]);
		expect(a.nodes()).to.have.lengthOf(2);
	});

	it('who was away for a lease after it has nothing any more, and joins again as a new node', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const ref = await lab.during(a.spawn(Owner, { id: 'job' }));
		const before = a.node.id;
		lab.bus.partition(lab.client(a), STORE);
		lab.bus.wipe();
		ref.tell.put(1);
		await lab.during(b.spawn(Owner, { id: 'job' }));
		await lab.during(b.ref(Owner, 'job').stop());
		handled.length = 0;
		ref.tell.put(2);
		lab.bus.heal();
		await lab.pass(LEASE);
		expect(handled, 'somebody else may have been the holder meanwhile').to.deep.equal([]);
		expect(a.node.id).to.not.equal(before);
		expect([a, b].map((node) => node.nodes().length)).to.deep.equal([2, 2]);
		expect(await lab.during(a.whereis('job'))).to.equal(undefined);
	});

	it('one who was evicted in what was lost does not come back', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		await lab.during(a.spawn(Owner, { id: 'job' }));
		const before = a.node.id;
		lab.isolate(a);
		await lab.pass(LEASE * 2);
		await lab.during(b.spawn(Owner, { id: 'job' }));
		lab.bus.wipe();
		lab.bus.heal();
		await lab.pass(LEASE * 2);
		expect(a.node.id).to.not.equal(before);
		expect(await lab.during(a.ref(Owner, 'job').ask.put(1))).to.equal('b');
	});

	it('what is sent to an ID that has not been entered again waits until it is', async () => {
		const a = await lab.node({ node: 'a' });
		await lab.during(a.spawn(Owner, { id: 'job' }));
		lab.bus.wipe();
		const b = await lab.node({ node: 'b' });
		expect(await lab.during(b.ref(Owner, 'job').ask.put(1))).to.equal('a');
	});

	it('IDs that were nobody’s are to be had after a lease and a moment, and after that at once', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		lab.bus.wipe();
		const lost = lab.clock.now();
		const at = await granted(a.spawn(Owner, { id: 'job' }));
		expect(at - lost).to.be.within(LEASE, LEASE + 5_000);
		await lab.pass(LEASE / 2);
		const next = lab.clock.now();
		expect((await granted(b.spawn(Owner, { id: 'next' }))) - next).to.be.below(500);
	});

	it('a claim that was stopped while it waited takes nothing from the next one on its node', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		lab.bus.wipe();
		await lab.pass(LEASE / 2);
		const first = codeOf(a.spawn(Owner, { id: 'job' }));
		await lab.during(a.ref(Owner, 'job').stop());
		const second = codeOf(a.spawn(Owner, { id: 'job' }));
		expect(await lab.during(Promise.all([first, second]))).to.deep.equal(['ERR_STOPPED', 'none']);
		await lab.pass(1_000);
		expect((await lab.during(b.whereis('job')))?.node).to.equal(a.node.id);
		expect(await codeOf(lab.during(b.spawn(Owner, { id: 'job' })))).to.equal('ERR_ID_TAKEN');
	});

	it('in the first life of a cluster nobody waits, however many start at once', async () => {
		const nodes = await Promise.all([1, 2, 3].map((index) => lab.node({ node: `n${index}` })));
		const begun = lab.clock.now();
		await lab.during(Promise.all(nodes.map((node: ActorSystem, index) => node.spawn(Owner, { id: `job-${index}` }))));
		expect(lab.clock.now() - begun).to.be.below(500);
	});
});

describe('a bucket that lasts', () => {
	it('is settled for all at once when the first of them says that they are the first', async () => {
		const clock = new VirtualClock();
		const bus = memoryBus('settling');
		try {
			const settlement = async (name: string): Promise<Settlement> => {
				const store = memoryKvStore(bus.connect({ clock, name }));
				return new Settlement(await LastingBucket.open(store, 'bucket', {}), clock, LEASE);
			};
			const [one, other] = [await settlement('one'), await settlement('other')];
			await other.begin(async () => false);
			expect(await other.free()).to.equal(undefined);
			await clock.advance(1);
			await one.begin(async () => true);
			expect(await other.free()).to.be.a('number');
			expect(await one.free()).to.equal(await other.free());
		} finally {
			await bus.close();
		}
	});

	it('takes no revision of an earlier life for one of the present', async () => {
		const clock = new VirtualClock();
		const bus = memoryBus('lasting');
		const store = memoryKvStore(bus.connect({ clock, name: 'a' }));
		const during = async <T>(work: Promise<T>): Promise<T> => {
			let done = false;
			const finish = (): void => {
				done = true;
			};
			work.then(finish, finish);
			while (!done) await clock.advance(10);
			return work;
		};
		try {
			const bucket = await during(LastingBucket.open(store, 'bucket', {}));
			const old = (await during(bucket.create('key', new Uint8Array([1])))) as number;
			const life = bucket.created;
			bus.wipe();
			await clock.advance(10);
			// The first write of the new life, as the other was of the old.
			const present = (await during(bucket.create('key', new Uint8Array([2])))) as number;
			expect(present).to.be.above(old);
			expect([bucket.current(old), bucket.current(present)]).to.deep.equal([false, true]);
			expect(await during(bucket.update('key', new Uint8Array([3]), old))).to.equal(undefined);
			expect(await during(bucket.remove('key', old))).to.equal(false);
			expect(await codeOf(during(bucket.create('other', new Uint8Array([4]), life)))).to.equal('ERR_CLAIM_UNAVAILABLE');
			expect(await during(bucket.entries())).to.deep.equal([
				{ key: 'key', value: new Uint8Array([2]), revision: present },
			]);
		} finally {
			await bus.close();
		}
	});
});
