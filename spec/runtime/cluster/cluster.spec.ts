import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorRef, type ActorSystem, type NodeEvent, type TroupeError } from '../../../index.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { EVICT_MARGIN, LEASE, SUSPEND_AFTER } from '../../../runtime/core/config.ts';
import type { MemoryTransport } from '../../../runtime/transport/memory.ts';
import { Lab } from '../../support/lab.ts';

const handled: { readonly by: string; readonly value: number }[] = [];

class Owner extends Actor {
	static readonly kind = 'owner';

	put(value: number): number {
		handled.push({ by: this.system.node.name, value });
		return value;
	}
}

class Watcher extends Actor {
	static readonly kind = 'watcher';
	readonly #seen: string[] = [];

	look(ref: import('../../../index.ts').Address): void {
		this.watch(ref);
	}

	seen(): readonly string[] {
		return this.#seen;
	}

	protected override onTerminated(ref: import('../../../index.ts').AnyRef, why: { reason: string }): void {
		this.#seen.push(`${ref.id} ${why.reason}`);
	}
}

/** Ticks, and so does its child. */
class Busy extends Actor {
	static readonly kind = 'busy';
	static ticks = 0;
	static childTicks = 0;

	protected override onStart(): void {
		Busy.ticks = 0;
		Busy.childTicks = 0;
		this.spawn(BusyChild);
		this.timers.every(50, () => void Busy.ticks++);
	}
}

class BusyChild extends Actor {
	static readonly kind = 'busy-child';

	protected override onStart(): void {
		this.timers.every(50, () => void Busy.childTicks++);
	}
}

class Writer extends Actor {
	static readonly kind = 'writer';
	readonly #got: number[] = [];

	write(to: ActorRef<Replier>): void {
		to.tell.answer();
	}

	note(value: number): void {
		this.#got.push(value);
	}

	got(): readonly number[] {
		return this.#got;
	}
}

/** Answers by ID, which has to be looked up first, and then to whoever wrote. */
class Replier extends Actor {
	static readonly kind = 'replier';

	answer(): void {
		this.system.ref(Writer, 'writer').tell.note(1);
		(this.sender as unknown as ActorRef<Writer>).tell.note(2);
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

/** Counts what a node asks of the store from now on. */
function counted(connection: MemoryTransport): { requests: number } {
	const count = { requests: 0 };
	const { request } = connection;
	connection.request = (...args) => {
		count.requests++;
		return request.apply(connection, args) as never;
	};
	return count;
}

function downs(system: ActorSystem): NodeEvent[] {
	const seen: NodeEvent[] = [];
	system.events.on('nodeDown', (event) => seen.push(event));
	return seen;
}

describe('a cluster', () => {
	let lab: Lab;

	beforeEach(() => {
		lab = new Lab();
		handled.length = 0;
	});

	afterEach(() => lab.close());

	it('is known to all its members as soon as a node has started', async () => {
		const a = await lab.node({ node: 'a', roles: ['web'] });
		const b = await lab.node({ node: 'b' });
		const names = (system: ActorSystem): string[] =>
			system
				.nodes()
				.map(({ name }) => name)
				.sort();
		expect(names(a)).to.deep.equal(['a', 'b']);
		expect(names(b)).to.deep.equal(['a', 'b']);
		expect(b.nodes().find(({ name }) => name === 'a')?.roles).to.deep.equal(['web']);
	});

	it('loses a node that takes leave at once, and without suspicion', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const gone = downs(a);
		let suspected = 0;
		a.events.on('nodeSuspect', () => suspected++);
		await lab.during(b.stop());
		await lab.pass(100);
		expect(gone.map(({ reason }) => reason)).to.deep.equal(['left']);
		expect(suspected).to.equal(0);
	});

	it('is told the same by all who stay: who left has left, and the books of each balance without it', async () => {
		const nodes = [await lab.node({ node: 'a' }), await lab.node({ node: 'b' }), await lab.node({ node: 'c' })];
		const leaver = await lab.node({ node: 'd' });
		const reasons = nodes.map(downs);
		const job = await lab.during(leaver.spawn(Owner, { id: 'job' }));
		for (const node of nodes) await lab.during(node.ref(Owner, 'job').ask.put(1));
		expect(job.id).to.equal('job');
		await lab.during(leaver.stop());
		await lab.pass(1_000);
		expect(reasons.map((seen) => seen.map(({ reason }) => reason))).to.deep.equal([['left'], ['left'], ['left']]);
		const balanced = { sent: 1, handled: 1, deadLetters: {}, pending: 0 };
		expect(nodes.map((node) => node.stats())).to.deep.equal([balanced, balanced, balanced]);
		expect(leaver.stats()).to.deep.equal({ sent: 3, handled: 3, deadLetters: {}, pending: 0 });
	});

	it('learns on its reconnect who was declared dead meanwhile', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const c = await lab.node({ node: 'c' });
		const seen = downs(c);
		lab.connection(c).disconnect();
		await lab.pass(100);
		lab.crash(b);
		await lab.pass(6_000);
		expect(a.nodes().map(({ name }) => name)).not.to.include('b');
		lab.connection(c).reconnect();
		await lab.pass(500);
		expect(seen.map(({ name }) => name)).to.deep.equal(['b']);
	});

	it('declares a crashed node dead within seconds, fails what waits for it, and frees its IDs', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const gone = downs(a);
		await lab.during(b.spawn(Owner, { id: 'job' }));
		const watcher = await a.spawn(Watcher);
		const job = a.ref(Owner, 'job');
		await lab.during(watcher.ask.look(job));
		await lab.during(job.ask.put(1));
		expect(await codeOf(lab.during(a.spawn(Owner, { id: 'job' })))).to.equal('ERR_ID_TAKEN');
		lab.crash(b);
		const waiting = codeOf(job.with({ timeout: '1m' }).ask.put(2));
		await lab.pass(5_000);
		expect(gone.map(({ reason }) => reason)).to.deep.equal(['no-responders']);
		expect(await lab.during(waiting)).to.equal('ERR_NODE_DOWN');
		expect(await lab.during(watcher.ask.seen())).to.deep.equal(['job node-down']);
		const before = (await lab.during(a.whereis('job')))?.epoch;
		expect(before).to.equal(undefined);
		await lab.during(a.spawn(Owner, { id: 'job' }));
		expect(await lab.during(job.ask.put(3))).to.equal(3);
	});

	it('knows within a second and a half that a node has crashed, though nobody was writing to it', async () => {
		const nodes = [await lab.node(), await lab.node(), await lab.node(), await lab.node()];
		const b = nodes[1] as ActorSystem;
		const survivors = nodes.filter((node) => node !== b);
		const gone = survivors.map(downs);
		lab.crash(b);
		await lab.pass(SUSPEND_AFTER + EVICT_MARGIN);
		expect(gone, 'before its fence is sure to be down').to.deep.equal([[], [], []]);
		await lab.pass(1_500 - SUSPEND_AFTER - EVICT_MARGIN);
		const reasons = gone.map((seen) => seen.map(({ reason }) => reason));
		expect(reasons).to.deep.equal([['no-responders'], ['no-responders'], ['no-responders']]);
	});

	it('knows as soon that two have crashed that looked after each other', async () => {
		const nodes = [await lab.node(), await lab.node(), await lab.node(), await lab.node()];
		const gone = downs(nodes[0] as ActorSystem);
		for (const neighbour of nodes.slice(1, 3)) lab.crash(neighbour);
		await lab.pass(1_500);
		expect(gone.map(({ reason }) => reason)).to.deep.equal(['no-responders', 'no-responders']);
	});

	it('lets one node write the tombstone of another, when many know', async () => {
		const nodes: ActorSystem[] = [];
		for (let i = 0; i < 8; i++) nodes.push(await lab.node());
		const [first, ...others] = nodes as [ActorSystem, ...ActorSystem[]];
		const suspects = others.map(() => 0);
		for (const [at, node] of others.entries())
			node.events.on('nodeSuspect', () => void (suspects[at] = 1 + (suspects[at] ?? 0)));
		const counts = others.map((node) => counted(lab.connection(node)));
		lab.crash(first);
		await lab.pass(1_500);
		expect(others.map((node) => node.nodes().length)).to.deep.equal(others.map(() => 7));
		expect(suspects, 'told by one of them').to.deep.equal(others.map(() => 1));
		const requests = counts.map((count) => count.requests);
		expect(requests.filter((count) => count > 3)).to.have.lengthOf(1);
	});

	it('is told of nobody’s end by who says so without a reason', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const stranger = lab.bus.connect({ clock: lab.clock, name: 'stranger' });
		let suspected = 0;
		a.events.on('nodeSuspect', () => suspected++);
		let probes = 0;
		stranger.subscribe(`troupe.lab.n.${b.node.id}`, (data) => void (data.length === 0 && probes++));
		await lab.pass(1_000);
		const before = probes;
		for (let lie = 0; lie < 1_000; lie++)
			stranger.publish('troupe.lab.hb', new Codec({}).encode(['missing', b.node.id]));
		await lab.pass(1_000);
		expect(suspected).to.equal(0);
		expect(probes - before, 'one more than else').to.be.within(8, 10);
		await stranger.close();
	});

	it('gives a hung node the whole lease, and no more than the lease and its margins', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' }, new VirtualClock());
		const gone = downs(a);
		await lab.pass(LEASE - 2_000, b);
		expect(gone).to.have.lengthOf(0);
		await lab.pass(8_000, b);
		expect(gone.map(({ reason }) => reason)).to.deep.equal(['lease-expired']);
	});

	it('forgets its suspicion when a node that was paused for less than its lease goes on', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' }, new VirtualClock());
		const gone = downs(a);
		const events: string[] = [];
		a.events.on('nodeSuspect', () => events.push('suspect'));
		await lab.pass(5_000, b);
		expect(a.nodes().map(({ status }) => status)).to.include('suspect');
		await lab.pass(3_000);
		expect(a.nodes().map(({ status }) => status)).to.deep.equal(['up', 'up']);
		expect(events).to.deep.equal(['suspect']);
		expect(gone).to.have.lengthOf(0);
	});

	it('suspends the owned actors of a node that is cut off, and resumes them in the same epoch', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const job = await lab.during(b.spawn(Owner, { id: 'job' }));
		const epoch = (await lab.during(a.whereis('job')))?.epoch;
		lab.connection(b).disconnect();
		await lab.pass(500);
		job.tell.put(1);
		await lab.pass(50);
		expect(handled.map(({ value }) => value)).to.deep.equal([1]);
		await lab.pass(600);
		job.tell.put(2);
		await lab.pass(50);
		expect(
			handled.map(({ value }) => value),
			'after a second without connection',
		).to.deep.equal([1]);
		lab.connection(b).reconnect();
		await lab.pass(500);
		expect(handled.map(({ value }) => value)).to.deep.equal([1, 2]);
		expect((await lab.during(a.whereis('job')))?.epoch).to.equal(epoch);
		expect(b.stats()).to.deep.include({ sent: 2, handled: 2, pending: 0 });
	});

	it('fences the timers and children of an owner with it', async () => {
		const b = await lab.node({ node: 'b' });
		await lab.during(b.spawn(Busy, { id: 'busy' }));
		await lab.pass(500);
		expect([Busy.ticks, Busy.childTicks].every((ticks) => ticks > 3)).to.equal(true);
		lab.connection(b).disconnect();
		await lab.pass(1_000);
		const fenced = [Busy.ticks, Busy.childTicks];
		await lab.pass(5_000);
		expect([Busy.ticks, Busy.childTicks]).to.deep.equal(fenced);
		lab.connection(b).reconnect();
		await lab.pass(1_000);
		expect(Busy.ticks).to.be.above((fenced[0] as number) + 3);
		expect(Busy.childTicks).to.be.above((fenced[1] as number) + 3);
	});

	it('keeps the order of one sender, whether it uses the ID or the ref of whoever wrote', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		await lab.during(a.spawn(Replier, { id: 'replier' }));
		const writer = await lab.during(b.spawn(Writer, { id: 'writer' }));
		await lab.during(writer.ask.write(b.ref(Replier, 'replier')));
		await lab.pass(500);
		expect(await lab.during(writer.ask.got())).to.deep.equal([1, 2]);
	});

	it('evicts nobody after an outage of the broker, however long, and loses nothing', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const gone = [...[downs(a), downs(b)]];
		await lab.during(b.spawn(Owner, { id: 'job' }));
		const job = a.ref(Owner, 'job');
		await lab.during(job.ask.put(0));
		lab.bus.stop();
		for (let value = 1; value <= 20; value++) job.tell.put(value);
		await lab.pass(LEASE * 3);
		expect(handled).to.have.lengthOf(1);
		lab.bus.start();
		await lab.pass(LEASE * 2);
		expect(handled.map(({ value }) => value)).to.deep.equal(Array.from({ length: 21 }, (_, value) => value));
		expect(gone.flat()).to.have.lengthOf(0);
	});

	it('gives the others the time of a lease when it has been cut off itself', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const gone = downs(a);
		lab.connection(a).disconnect();
		lab.connection(b).disconnect();
		await lab.pass(500);
		lab.connection(a).reconnect();
		await lab.pass(LEASE - 2_000);
		lab.connection(b).reconnect();
		await lab.pass(LEASE);
		expect(gone).to.have.lengthOf(0);
		expect(a.nodes().map(({ status }) => status)).to.deep.equal(['up', 'up']);
	});

	it('never lets two owners act: the one that was paused handles nothing when it wakes, and joins again', async () => {
		const a = await lab.node({ node: 'a' });
		const paused = new VirtualClock();
		const b = await lab.node({ node: 'b' }, paused);
		await lab.pass(100);
		const stale = await lab.during(b.spawn(Owner, { id: 'job' }));
		const duringPause = <T>(work: Promise<T>): Promise<T> => lab.during(work, b);
		const first = b.node.id;
		const epoch = (await lab.during(a.whereis('job')))?.epoch as number;
		await lab.pass(LEASE * 2, b);
		await duringPause(a.spawn(Owner, { id: 'job' }));
		expect((await duringPause(a.whereis('job')))?.epoch).to.be.above(epoch);
		const warned: string[] = [];
		b.events.on('warning', ({ code }) => warned.push(code));
		stale.tell.put(666);
		paused.jump(LEASE * 2);
		await lab.pass(LEASE * 2);
		expect(warned).to.include('EVICTED');
		expect(handled.filter(({ by }) => by === 'b')).to.have.lengthOf(0);
		expect(b.node.id).not.to.equal(first);
		expect(a.nodes()).to.have.lengthOf(2);
		expect(await lab.during(b.ref(Owner, 'job').ask.put(1))).to.equal(1);
		expect(handled.at(-1)).to.deep.equal({ by: 'a', value: 1 });
	});

	it('evicts an isolated node only after its lease, when it has fenced itself long before', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const job = await lab.during(b.spawn(Owner, { id: 'job' }));
		const gone = downs(a);
		lab.isolate(b);
		await lab.pass(LEASE);
		job.tell.put(1);
		await lab.pass(50);
		expect(handled, 'by the node whose lease has run out').to.have.lengthOf(0);
		expect(gone).to.have.lengthOf(0);
		await lab.pass(LEASE / 2);
		expect(gone).to.have.lengthOf(1);
		lab.bus.heal();
		await lab.pass(LEASE * 2);
		expect(a.nodes()).to.have.lengthOf(2);
		expect(handled).to.have.lengthOf(0);
	});

	it('stops an owner whose wall clock jumps past the lease, until it has renewed', async () => {
		const clock = new VirtualClock();
		const a = await lab.node({ node: 'a' }, clock);
		const job = await lab.during(a.spawn(Owner, { id: 'job' }));
		lab.bus.stop();
		await lab.pass(100);
		clock.skew(60_000);
		job.tell.put(1);
		await lab.pass(100);
		expect(handled).to.have.lengthOf(0);
		lab.bus.start();
		await lab.pass(1_000);
		expect(handled).to.have.lengthOf(1);
	});

	it('takes nothing from an owner whose record a server’s wrong clock has deleted', async () => {
		const server = new VirtualClock();
		lab.bus.clock = server;
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const job = await lab.during(b.spawn(Owner, { id: 'job' }));
		const { id } = b.node;
		const before = await lab.during(a.whereis('job'));
		// Longer than any record of a node is kept.
		server.skew(3_600_000);
		const c = await lab.node({ node: 'c' });
		const claims = [a, c].map((node) => node.spawn(Owner, { id: 'job' }).catch((error: TroupeError) => error.code));
		expect(await lab.during(Promise.all(claims))).to.deep.equal(['ERR_ID_TAKEN', 'ERR_ID_TAKEN']);
		await lab.pass(LEASE * 2);
		expect(await lab.during(c.whereis('job'))).to.deep.equal(before);
		expect(b.node.id).to.equal(id);
		expect(await lab.during(job.ask.put(1))).to.equal(1);
	});

	it('lets a node that was evicted ask those whom it had asked before', async () => {
		const paused = new VirtualClock();
		const a = await lab.node({ node: 'a' }, paused);
		const b = await lab.node({ node: 'b' });
		await lab.pass(100);
		await lab.during(b.spawn(Owner, { id: 'job' }));
		const job = a.ref(Owner, 'job');
		expect(await lab.during(job.ask.put(1))).to.equal(1);
		const first = a.node.id;
		await lab.pass(LEASE * 2, a);
		paused.jump(LEASE * 2);
		await lab.pass(LEASE);
		expect(a.node.id).to.not.equal(first);
		expect(await lab.during(job.ask.put(2))).to.equal(2);
	});

	it('does not evict a node that has come back, whatever was said against it before', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		await lab.during(b.spawn(Owner, { id: 'job' }));
		const gone = downs(a);
		// Silent for longer than it takes to be evicted, but back before anybody could write that down.
		for (let blink = 0; blink < 20; blink++) {
			lab.connection(b).disconnect();
			await lab.pass(SUSPEND_AFTER + EVICT_MARGIN - 100);
			lab.connection(b).reconnect();
			await lab.pass(100);
		}
		await lab.pass(5_000);
		expect(gone).to.deep.equal([]);
		expect(await lab.during(a.ref(Owner, 'job').ask.put(1))).to.equal(1);
	});

	it('registers everything again when the store is lost, and epochs go on rising', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		await lab.during(b.spawn(Owner, { id: 'job' }));
		const before = (await lab.during(a.whereis('job')))?.epoch as number;
		lab.bus.wipe();
		await lab.pass(LEASE * 2);
		const after = await lab.during(a.whereis('job'));
		expect(after?.node).to.equal(b.node.id);
		expect(after?.epoch).to.be.above(before);
		expect(await lab.during(a.ref(Owner, 'job').ask.put(1))).to.equal(1);
		expect(a.nodes()).to.have.lengthOf(2);
	});

	it('gives each of many racing names to exactly one node', async () => {
		const nodes = [await lab.node(), await lab.node(), await lab.node()];
		const wins = new Map<string, number>();
		const ids = Array.from({ length: 200 }, (_, index) => `name-${index}`);
		const attempts = nodes.flatMap((node) =>
			ids.map(async (id) => {
				const code = await codeOf(node.spawn(Owner, { id }));
				if (code === 'none') wins.set(id, (wins.get(id) ?? 0) + 1);
				else expect(code).to.equal('ERR_ID_TAKEN');
			}),
		);
		await lab.during(Promise.all(attempts));
		expect([...wins.values()].every((count) => count === 1)).to.equal(true);
		expect(wins.size).to.equal(200);
	});

	it('stops at once although a claim that will be lost is still under way', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		await lab.during(a.spawn(Owner, { id: 'job' }));
		const losing = codeOf(b.spawn(Owner, { id: 'job' }));
		const started = lab.clock.now();
		await lab.during(b.stop());
		expect(await losing).to.equal('ERR_ID_TAKEN');
		expect(lab.clock.now() - started).to.be.below(1_000);
		expect((await lab.during(a.whereis('job')))?.node).to.equal(a.node.id);
	});

	it('settles a claim whose answer was lost by reading back what it wrote', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		lab.bus.faults({ delay: 1, storeSilence: 0.5 });
		const outcomes: string[] = [];
		for (let index = 0; index < 20; index++)
			outcomes.push(await codeOf(lab.during(a.spawn(Owner, { id: `job-${index}` }))));
		lab.bus.faults({ delay: 1 });
		await lab.pass(LEASE);
		for (const [index, outcome] of outcomes.entries()) {
			const place = await lab.during(b.whereis(`job-${index}`));
			if (outcome === 'none') expect(place?.node, `job-${index}`).to.equal(a.node.id);
			else {
				expect(outcome).to.equal('ERR_CLAIM_UNAVAILABLE');
				await lab.during(b.spawn(Owner, { id: `job-${index}` }));
			}
		}
		expect(outcomes).to.include('none');
	});

	it('keeps the order of one sender when the actor moves to another node', async () => {
		const a = await lab.node({ node: 'a' });
		const b = await lab.node({ node: 'b' });
		const c = await lab.node({ node: 'c' });
		const first = await lab.during(a.spawn(Owner, { id: 'job' }));
		const job = c.ref(Owner, 'job');
		await lab.during(job.ask.put(0));
		await lab.during(first.stop());
		await lab.during(b.spawn(Owner, { id: 'job' }));
		lab.bus.faults({ delay: [5, 60] });
		for (let value = 1; value <= 300; value++) {
			job.tell.put(value);
			if (value % 5 === 0) await lab.clock.advance(7);
		}
		await lab.pass(2_000);
		expect(handled.map(({ value }) => value)).to.deep.equal(Array.from({ length: 301 }, (_, value) => value));
		expect(handled.at(-1)?.by).to.equal('b');
	});
});
