import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorSystem } from '../../../index.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { EVICT_MARGIN, HEARTBEAT, SUSPEND_AFTER } from '../../../runtime/core/config.ts';
import type { MemoryTransport } from '../../../runtime/transport/memory.ts';
import { Lab } from '../../support/lab.ts';

let handled: string[] = [];

class Owner extends Actor {
	static readonly kind = 'owner';

	put(value: number): number {
		handled.push(`${this.system.node.name} ${value}`);
		return value;
	}
}

/** Keeps the event loop from everything else, for longer than a fence stays up by itself. */
class Hog extends Actor<{ clock: VirtualClock }> {
	static readonly kind = 'hog';

	work(piece: number): void {
		handled.push(`${this.self.id} ${piece}`);
		this.args.clock.jump(1_500);
	}
}

/** Counts how often a node leaves its server. */
function moves(connection: MemoryTransport): { count: number } {
	const moved = { count: 0 };
	connection.forsake = () => void moved.count++;
	return moved;
}

describe('a node whose connection is half open', () => {
	let lab: Lab;
	let a: ActorSystem;
	let b: ActorSystem;

	beforeEach(async () => {
		handled = [];
		lab = new Lab();
		a = await lab.node({ node: 'a' });
		b = await lab.node({ node: 'b' });
	});

	afterEach(() => lab.close());

	it('stops acting as owner before another may take over, though its client has noticed nothing', async () => {
		const job = await lab.during(b.spawn(Owner, { id: 'job' }));
		const gone: string[] = [];
		a.events.on('nodeDown', ({ name }) => gone.push(name));
		const connection = lab.connection(b);
		connection.ail('forgotten');
		await lab.pass(SUSPEND_AFTER / 2);
		job.tell.put(1);
		await lab.pass(SUSPEND_AFTER / 2);
		job.tell.put(2);
		await lab.pass(200);
		expect(gone, 'for whom its fence may still be up').to.deep.equal([]);
		await lab.pass(EVICT_MARGIN + HEARTBEAT / 4);
		expect(gone).to.deep.equal(['b']);
		await lab.during(a.spawn(Owner, { id: 'job' }));
		await lab.during(a.ref(Owner, 'job').ask.put(3));
		expect(connection.state).to.equal('connected');
		connection.disconnect();
		connection.reconnect();
		await lab.pass(5_000);
		expect(handled).to.deep.equal(['b 1', 'a 3']);
	});

	for (const ailment of ['mute', 'deaf'] as const) {
		it(`goes on when one that was ${ailment} is whole again, without asking the store, since the server never forgot it`, async () => {
			const job = await lab.during(b.spawn(Owner, { id: 'job' }));
			lab.connection(b).ail(ailment);
			await lab.pass(1_500);
			job.tell.put(1);
			await lab.pass(200);
			expect(handled).to.deep.equal([]);
			lab.bus.faults({ delay: 1, storeSilence: 1 });
			lab.connection(b).ail();
			await lab.pass(200);
			expect(handled).to.deep.equal(['b 1']);
			expect(a.nodes().map(({ status }) => status)).to.deep.equal(['up', 'up']);
		});
	}

	it('goes on at once after a reconnect within D, though the store is silent, and else waits for the store', async () => {
		const job = await lab.during(b.spawn(Owner, { id: 'job' }));
		lab.bus.faults({ delay: 1, storeSilence: 1 });
		for (const [away, value] of [
			[SUSPEND_AFTER / 2, 1],
			[SUSPEND_AFTER, 2],
		] as const) {
			lab.connection(b).disconnect();
			await lab.pass(away);
			lab.connection(b).reconnect();
			await lab.pass(2_000);
			job.tell.put(value);
			await lab.pass(500);
		}
		expect(handled).to.deep.equal(['b 1']);
		lab.bus.faults({ delay: 1 });
		await lab.pass(5_000);
		expect(handled).to.deep.equal(['b 1', 'b 2']);
	});

	it('leaves a server that used to answer at once, in time to save its fence, and not one that is slow', async () => {
		const moved = moves(lab.connection(b));
		await lab.pass(2_000);
		expect(moved.count).to.equal(0);
		lab.connection(b).ail('mute');
		await lab.pass(SUSPEND_AFTER * 0.75);
		expect(moved.count).to.be.above(0);
		lab.connection(b).ail();
		await lab.pass(1_000);
		lab.bus.faults({ delay: 350 });
		await lab.pass(1_000);
		moved.count = 0;
		const job = await lab.during(b.spawn(Owner, { id: 'job' }));
		for (let value = 1; value <= 20; value++) {
			await lab.pass(250);
			job.tell.put(value);
		}
		await lab.pass(50);
		expect(handled, 'with a round trip of 700 ms').to.have.lengthOf(20);
		expect(moved.count).to.equal(0);
	});
});

describe('handlers that block the event loop for longer than D', () => {
	it('take turns, each after a sign of life of the server', async () => {
		handled = [];
		const lab = new Lab();
		const clock = new VirtualClock();
		const a = await lab.node({ node: 'a' }, clock);
		const moved = moves(lab.connection(a));
		const ids = ['one', 'two', 'three'];
		const hogs = await lab.during(Promise.all(ids.map((id) => a.spawn(Hog, { id, args: { clock } }))));
		for (const hog of hogs) for (let piece = 1; piece <= 4; piece++) hog.tell.work(piece);
		await lab.pass(2_000);
		expect(handled).to.have.lengthOf(12);
		for (let upTo = 1; upTo <= 12; upTo++) {
			const done = ids.map((id) => handled.slice(0, upTo).filter((line) => line.startsWith(id)).length);
			expect(Math.max(...done) - Math.min(...done), handled.join(', ')).to.be.at.most(2);
		}
		expect(moved.count).to.equal(0);
		await lab.close();
	});

	it('let the owners of their node have their turns, though they have no ID and never pause', async () => {
		handled = [];
		const lab = new Lab();
		const clock = new VirtualClock();
		const a = await lab.node({ node: 'a' }, clock);
		const owner = await lab.during(a.spawn(Owner, { id: 'owner' }));
		const hogs = await lab.during(Promise.all([1, 2].map(() => a.spawn(Hog, { args: { clock } }))));
		for (let piece = 1; piece <= 20; piece++) for (const hog of hogs) hog.tell.work(piece);
		for (let value = 1; value <= 3; value++) owner.tell.put(value);
		await lab.pass(5_000);
		expect(handled).to.have.lengthOf(43);
		expect(handled.lastIndexOf('a 3'), handled.join(', ')).to.be.below(20);
		await lab.close();
	});
});
