/** Actors that are spawned again when their node is gone: by whom, with what, and what becomes of their messages. */

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorRef, type ActorSystem, resume, type SystemOptions, stop } from '../../../index.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { LEASE } from '../../../runtime/core/config.ts';
import { failure } from '../../support/coded.ts';
import { Lab } from '../../support/lab.ts';

interface Put {
	readonly by: string;
	readonly value: number;
}

/** All that any of them has handled, in order. */
const handled: Put[] = [];
/** Who has started, in order. */
const started: string[] = [];
let clock: VirtualClock;
/** Nodes on which it cannot start. */
const barren = new Set<string>();

class Counter extends Actor<{ readonly start?: number; readonly pause?: number; readonly farewell?: number }> {
	static readonly kind = 'counter';
	static readonly supervision = (error: unknown) => (error instanceof RangeError ? stop() : resume());
	#total = this.args.start ?? 0;

	protected override onStart(): void {
		if (barren.has(this.system.node.name)) throw new Error('not here');
		started.push(this.system.node.name);
	}

	add(by: number): number {
		return (this.#total += by);
	}

	async put(value: number): Promise<number> {
		await passing(this.args.pause);
		handled.push({ by: this.system.node.name, value });
		return value;
	}

	/** Answers after a while, as itself. */
	async greet(friend: ActorRef<Friend>): Promise<void> {
		await passing(this.args.pause);
		friend.tell.hear();
	}

	meet(friend: ActorRef<Friend>): void {
		friend.tell.remember();
	}

	where(): string {
		return this.system.node.name;
	}

	protected override async onStop(): Promise<void> {
		await passing(this.args.farewell);
	}

	leave(): void {
		void this.self.stop();
	}

	break(): void {
		throw new RangeError('for good');
	}
}

async function passing(time = 0): Promise<void> {
	if (time > 0) await new Promise<void>((resolve) => clock.after(time, resolve));
}

/** Knows who spoke to it, and answers later. */
class Friend extends Actor {
	static readonly kind = 'friend';
	readonly #heard: (string | undefined)[] = [];
	readonly #known = new Map<string, ActorRef<Counter>>();

	hear(): void {
		this.#heard.push(this.sender?.id);
	}

	heard(): readonly (string | undefined)[] {
		return this.#heard;
	}

	remember(): void {
		const sender = this.sender as unknown as ActorRef<Counter>;
		this.#known.set(sender.id, sender);
	}

	answer(id: string, value: number): void {
		this.#known.get(id)?.tell.put(value);
	}
}

/** Writes to a counter from within its node. */
class Writer extends Actor {
	static readonly kind = 'writer';
	#value = 0;

	protected override onStart(): void {
		this.timers.every(20, () => this.system.ref(Counter, 'c').tell.put(this.#value++));
	}

	written(): number {
		return this.#value;
	}
}

const worker: SystemOptions = { roles: ['worker'], hosts: [Counter] };

describe('an actor with failover', () => {
	let lab: Lab;
	let front: ActorSystem;

	beforeEach(async () => {
		handled.length = 0;
		started.length = 0;
		barren.clear();
		lab = new Lab();
		clock = lab.clock;
		front = await lab.node({ node: 'front' });
	});

	afterEach(() => lab.close());

	const during = <T>(work: Promise<T>, ...paused: ActorSystem[]): Promise<T> => lab.during(work, ...paused);

	async function workers(...names: string[]): Promise<ActorSystem[]> {
		const nodes: ActorSystem[] = [];
		for (const node of names) nodes.push(await lab.node({ ...worker, node }));
		return nodes;
	}

	const named = (nodes: readonly ActorSystem[], name: string): ActorSystem =>
		nodes.find(({ node }) => node.name === name) as ActorSystem;

	function deadOf(...nodes: ActorSystem[]): Record<string, number> {
		const dead: Record<string, number> = {};
		for (const node of nodes)
			for (const [reason, count] of Object.entries(node.stats().deadLetters))
				dead[reason] = (dead[reason] ?? 0) + count;
		return dead;
	}

	it('is spawned again by a survivor when its node dies: a new actor with the same arguments, under a higher epoch', async () => {
		const nodes = await workers('east', 'west', 'north');
		const ref = await during(
			front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true, args: { start: 40 }, supervision: resume() }),
		);
		expect(await during(ref.ask.add(2))).to.equal(42);
		const before = await during(front.whereis('c'));
		const home = await during(ref.ask.where());
		lab.crash(named(nodes, home));
		await lab.pass(4_000);
		expect(await during(ref.ask.add(1)), 'fresh state').to.equal(41);
		expect(await during(ref.ask.where())).not.to.equal(home);
		expect((await during(front.whereis('c')))?.epoch).to.be.above(before?.epoch as number);
		expect(started, 'one successor, whoever else survived').to.have.lengthOf(2);
		await failure('ERR_ACTOR_CRASHED', during(ref.ask.break()));
		expect(await during(ref.ask.add(0)), 'its supervision came along').to.equal(41);
	});

	it('may live on a node that does not host its class, as long as some node does', async () => {
		await workers('east');
		await during(front.spawn(Counter, { id: 'c', failover: true }));
		const seer = await lab.node({ node: 'seer' });
		expect(await during(seer.ref(Counter, 'c').ask.where())).to.equal('front');
		lab.crash(front);
		await lab.pass(4_000);
		expect(await during(seer.ref(Counter, 'c').ask.where())).to.equal('east');
	});

	it('is spawned again as often as its node dies, and only where its `on` says', async () => {
		const nodes = await workers('east', 'west', 'north');
		await lab.node({ node: 'painter', roles: ['painter'], hosts: [Counter] });
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		const seen = new Set<string>();
		for (let life = 0; life < 3; life++) {
			const home = await during(ref.ask.where());
			seen.add(home);
			lab.crash(named(nodes, home));
			if (life < 2) await lab.pass(4_000);
		}
		expect([...seen].sort()).to.deep.equal(['east', 'north', 'west']);
		await lab.pass(10_000);
		expect(started).to.have.lengthOf(3);
	});

	it('has a second choice when the first one has died with its node', async () => {
		const nodes = await workers('east', 'west', 'north', 'south');
		const refs = await Promise.all(
			Array.from({ length: 12 }, (_, index) =>
				during(front.spawn(Counter, { id: `c-${index}`, on: 'role:worker', failover: true })),
			),
		);
		const [one, other] = nodes as [ActorSystem, ActorSystem];
		lab.crash(one);
		lab.crash(other);
		await lab.pass(8_000);
		for (const ref of refs) expect(['north', 'south']).to.include(await during(ref.ask.where()));
		expect(started, 'each that was lost was started once more').to.have.lengthOf(
			12 + started.slice(0, 12).filter((name) => name === 'east' || name === 'west').length,
		);
	});

	it('gets what was sent while it moved, in order; what its node may have taken is a dead letter', async () => {
		const nodes = await workers('east', 'west');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		const home = await during(ref.ask.where());
		await during(ref.ask.put(-1));
		lab.crash(named(nodes, home));
		const asks: Promise<unknown>[] = [];
		for (let value = 0; value < 100; value++) {
			asks.push(ref.with({ timeout: '1m' }).ask.put(value));
			asks.at(-1)?.catch(() => {});
			await lab.pass(50);
		}
		const outcomes = await during(Promise.allSettled(asks));
		const lost = outcomes.filter(({ status }) => status === 'rejected');
		for (const { reason } of lost as PromiseRejectedResult[]) expect(reason.code).to.equal('ERR_NODE_DOWN');
		// The first two seconds at most: until the silence is noticed, frames go to the dead.
		expect(lost.length).to.be.within(1, 40);
		const values = handled.slice(1).map(({ value }) => value);
		expect(values).to.deep.equal(Array.from({ length: 100 - lost.length }, (_, index) => index + lost.length));
		expect(deadOf(front)).to.deep.equal({ 'node-down': lost.length });
	});

	it('loses nothing when its node takes leave: that one finishes what it has, its successor gets the rest, in order', async () => {
		const nodes = await workers('east', 'west');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true, args: { pause: 10 } }));
		const home = named(nodes, await during(ref.ask.where()));
		const other = nodes.find((node) => node !== home) as ActorSystem;
		let value = 0;
		for (; value < 50; value++) ref.tell.put(value);
		await lab.pass(50);
		let stopped = false;
		const stopping = home.stop().then(() => {
			stopped = true;
		});
		for (; !stopped || value < 300; value++) {
			ref.tell.put(value);
			await lab.clock.advance(5);
		}
		await during(stopping);
		await during(ref.with({ timeout: '1m' }).ask.put(value));
		expect(handled.map((put) => put.value)).to.deep.equal(Array.from({ length: value + 1 }, (_, index) => index));
		expect(handled.at(-1)?.by).to.equal(other.node.name);
		expect(handled.filter(({ by }) => by === home.node.name).length, 'what it had').to.be.within(50, 200);
		expect(deadOf(front, home, other)).to.deep.equal({});
		expect(front.stats()).to.deep.include({ pending: 0 });
	});

	it('moves within a second when its node takes leave, whatever else that one has to finish', async () => {
		const nodes = await workers('east', 'west');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		const home = named(nodes, await during(ref.ask.where()));
		const slow = await during(home.spawn(Counter, { args: { pause: 8_000 } }));
		slow.tell.put(7);
		await lab.pass(50);
		const stopping = home.stop();
		const answer = ref.ask.where();
		const asked = lab.clock.now();
		expect(await during(answer)).not.to.equal(home.node.name);
		expect(lab.clock.now() - asked).to.be.at.most(1_000);
		await during(stopping);
	});

	it('gets what actors of the leaving node send to it, too', async () => {
		const nodes = await workers('east', 'west');
		const options = { id: 'c', on: 'role:worker', failover: true, args: { farewell: 300 } } as const;
		const ref = await during(front.spawn(Counter, options));
		const home = named(nodes, await during(ref.ask.where()));
		const writer = await during(home.spawn(Writer));
		await lab.pass(500);
		const written = await during(writer.ask.written());
		await during(home.stop());
		await lab.pass(500);
		expect(handled.length).to.be.at.least(written);
		expect(handled.map(({ value }) => value)).to.deep.equal(handled.map((_, index) => index));
		expect(deadOf(...nodes, front)).to.deep.equal({});
	});

	for (const by of ['by its ID', 'as a sender'] as const) {
		it(`loses nothing that is sent to it ${by} at any moment while its node takes leave`, async () => {
			await workers('west');
			const friend = await front.spawn(Friend);
			lab.bus.faults({ delay: 40 });
			const rounds = 30;
			for (let round = 0; round < rounds; round++) {
				const id = `c-${round}`;
				const [home] = (await workers(`home-${round}`)) as [ActorSystem];
				await during(home.spawn(Counter, { id, failover: true }));
				const ref = front.ref(Counter, id);
				await during(ref.ask.meet(friend));
				await lab.pass(100);
				const stopping = home.stop();
				for (let ms = 0; ms < round * 20; ms += 10) await lab.clock.advance(10);
				if (by === 'by its ID') ref.tell.put(round);
				else friend.tell.answer(id, round);
				await during(stopping);
			}
			await lab.pass(5_000);
			expect(handled.map(({ value }) => value)).to.deep.equal(Array.from({ length: rounds }, (_, round) => round));
			expect(deadOf(front)).to.deep.equal({});
		});
	}

	it('speaks as itself until it has finished, though its ID is on the way to another', async () => {
		const nodes = await workers('east', 'west');
		const options = { id: 'c', on: 'role:worker', failover: true, args: { pause: 20 } } as const;
		const ref = await during(front.spawn(Counter, options));
		const home = named(nodes, await during(ref.ask.where()));
		const friend = await front.spawn(Friend);
		for (let index = 0; index < 10; index++) ref.tell.greet(friend);
		await lab.pass(50);
		await during(home.stop());
		expect(await during(friend.ask.heard())).to.deep.equal(Array.from({ length: 10 }, () => 'c'));
	});

	for (const how of ['stops', 'dies'] as const) {
		it(`is reached by who remembers it as a sender, when its node ${how}`, async () => {
			const nodes = await workers('east', 'west');
			const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
			const home = named(nodes, await during(ref.ask.where()));
			const friend = await front.spawn(Friend);
			await during(ref.ask.meet(friend));
			await lab.pass(100);
			if (how === 'stops') await during(home.stop());
			else lab.crash(home);
			await lab.pass(4_000);
			friend.tell.answer('c', 1);
			await lab.pass(1_000);
			const other = nodes.find((node) => node !== home) as ActorSystem;
			expect(handled).to.deep.equal([{ by: other.node.name, value: 1 }]);
		});
	}

	it('finds a node that stays when several leave at the same time', async () => {
		const nodes = await workers('east', 'west', 'north', 'south');
		const ids = Array.from({ length: 20 }, (_, index) => `c-${index}`);
		const refs = await Promise.all(
			ids.map((id) => during(front.spawn(Counter, { id, on: 'role:worker', failover: true }))),
		);
		const [, ...leaving] = nodes;
		const asks = Promise.all(
			leaving.map(async (node) => {
				await node.stop();
				return Promise.all(refs.map((ref) => ref.with({ timeout: '20s' }).ask.where()));
			}),
		);
		await during(asks);
		for (const ref of refs) expect(await during(ref.ask.where())).to.equal('east');
		expect(deadOf(front)).to.deep.equal({});
	});

	it('comes back after all nodes have gone, on the next that hosts its class', async () => {
		const [east] = await workers('east');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true, args: { start: 5 } }));
		lab.crash(east as ActorSystem);
		const other = await during(
			front.spawn(Counter, { id: 'd', on: 'node:east', failover: true }).catch(({ code }) => code),
		);
		expect(other).to.equal('ERR_NO_HOST');
		await lab.pass(60_000);
		expect(started).to.deep.equal(['east']);
		await workers('west');
		await lab.pass(1_000);
		expect(await during(ref.ask.add(1))).to.equal(6);
		expect(started).to.deep.equal(['east', 'west']);
	});

	it('is over when it has stopped, been stopped or given up: nobody spawns it again', async () => {
		const nodes = await workers('east', 'west');
		for (const end of ['stop', 'leave', 'break'] as const) {
			const ref = await during(named(nodes, 'east').spawn(Counter, { id: end, failover: true }));
			if (end === 'stop') await during(front.ref(Counter, end).stop());
			else if (end === 'leave') ref.tell.leave();
			else await failure('ERR_ACTOR_CRASHED', during(front.ref(Counter, end).ask.break()));
		}
		await lab.pass(1_000);
		lab.crash(named(nodes, 'east'));
		await lab.pass(20_000);
		expect(started).to.deep.equal(['east', 'east', 'east']);
		await failure('ERR_NO_SUCH_ACTOR', during(front.ref(Counter, 'leave').ask.where()));
	});

	it('leaves nothing behind when it cannot start', async () => {
		const [east] = await workers('east', 'west');
		barren.add('east');
		await failure('ERR_START_FAILED', during(front.spawn(Counter, { id: 'c', on: 'node:east', failover: true })));
		lab.crash(east as ActorSystem);
		await lab.pass(10_000);
		expect(started).to.deep.equal([]);
		await failure('ERR_NO_SUCH_ACTOR', during(front.ref(Counter, 'c').ask.where()));
	});

	it('is tried again when it cannot start on the survivor; a warning says so', async () => {
		const [east, west] = (await workers('east', 'west')) as [ActorSystem, ActorSystem];
		const warned: string[] = [];
		west.events.on('warning', ({ code, actor }) => warned.push(`${code} ${actor}`));
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'node:east', failover: true }));
		await during(ref.stop());
		await during(front.spawn(Counter, { id: 'c', failover: true }));
		const seer = await lab.node({ node: 'seer' });
		lab.crash(east);
		barren.add('west');
		lab.crash(front);
		await lab.pass(6_000);
		expect(warned).to.include('FAILOVER_FAILED c');
		barren.clear();
		expect(await during(seer.ref(Counter, 'c').with({ timeout: '1m' }).ask.where())).to.equal('west');
	});

	it('loses to whoever spawns another under its ID without failover', async () => {
		const nodes = await workers('east');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		lab.crash(named(nodes, 'east'));
		await lab.pass(4_000);
		const own = await during(front.spawn(Counter, { id: 'c' }));
		const [west] = await workers('west');
		await lab.pass(5_000);
		expect(await during(ref.ask.where())).to.equal('front');
		await during(own.stop());
		await lab.pass(40_000);
		await workers('north');
		await lab.pass(5_000);
		expect(west?.stats().handled).to.equal(0);
		expect(started).to.deep.equal(['east', 'front']);
	});

	it('is never two: the one whose node was paused handles nothing when it wakes', async () => {
		const paused = new VirtualClock();
		const east = await lab.node({ ...worker, node: 'east' }, paused);
		await workers('west');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'node:east', failover: true }));
		const lasting = await during(front.spawn(Counter, { id: 'd', on: 'role:worker', failover: true }));
		await during(ref.ask.put(0));
		await lab.pass(LEASE * 2, east);
		expect(await during(lasting.ask.where(), east)).to.equal('west');
		const held = ref.with({ timeout: '2m' }).ask.put(1);
		await lab.pass(1_000, east);
		paused.jump(LEASE * 2 + 1_000);
		await lab.pass(LEASE);
		// `on: 'node:east'` means the new incarnation as well, by its name.
		await during(held.catch(({ code }) => code));
		const next = await during(ref.with({ timeout: '1m' }).ask.put(2));
		expect(next).to.equal(2);
		expect(started.filter((name) => name === 'east').length).to.be.at.least(2);
		expect(new Set(handled.map(({ value }) => value)).size).to.equal(handled.length);
	});

	it('gives its messages up in the end when nobody goes on with it', async () => {
		const nodes = await workers('east');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'node:east', failover: true }));
		await during(ref.ask.where());
		lab.crash(named(nodes, 'east'));
		await lab.pass(3_000);
		const asked = lab.clock.now();
		await failure('ERR_NODE_DOWN', during(ref.with({ timeout: '5m' }).ask.where()));
		expect(lab.clock.now() - asked).to.be.within(LEASE, LEASE * 2);
		expect(front.stats().pending).to.equal(0);
	});

	it('is told of when nobody hosts its class any more, and goes on with the next who does', async () => {
		const [east] = (await workers('east')) as [ActorSystem];
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		const others = [await lab.node({ node: 'm', hosts: [Friend] }), await lab.node({ node: 'n', hosts: [Friend] })];
		const told: (string | undefined)[] = [];
		for (const system of [front, ...others])
			system.events.on('warning', ({ code, actor }) => code === 'FAILOVER_NO_HOST' && told.push(actor));
		lab.crash(east);
		await lab.pass(10_000);
		lab.crash(others[1] as ActorSystem);
		await lab.pass(10_000);
		expect(told.length, 'by one node, once').to.be.within(1, 2);
		expect(new Set(told)).to.deep.equal(new Set(['c']));
		await workers('west');
		expect(await during(ref.ask.where())).to.equal('west');
	});

	it('can be given up although nobody hosts its class any more', async () => {
		const [east] = (await workers('east')) as [ActorSystem];
		await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		lab.crash(east);
		await lab.pass(5_000);
		const other = await lab.node({ node: 'm', hosts: [Friend] });
		await during(other.spawn(Friend, { id: 'c', failover: true }));
		await during(other.ref(Friend, 'c').stop());
		started.length = 0;
		await workers('west');
		await lab.pass(10_000);
		expect(started).to.deep.equal([]);
		expect(await during(front.whereis('c'))).to.equal(undefined);
	});

	it('keeps its failover when the store is lost', async () => {
		const nodes = await workers('east', 'west');
		const ref = await during(front.spawn(Counter, { id: 'c', on: 'role:worker', failover: true }));
		const home = await during(ref.ask.where());
		lab.bus.wipe();
		await lab.pass(LEASE * 2);
		lab.crash(named(nodes, home));
		await lab.pass(5_000);
		expect(await during(ref.ask.where())).not.to.equal(home);
	});

	it('is refused without an ID, with options that cannot travel, or where no node hosts its class', async () => {
		const nobody = await failure('ERR_NO_HOST', during(front.spawn(Counter, { id: 'c', failover: true })));
		expect(nobody.message).to.contain('counter');
		await workers('east');
		const nameless = await failure('ERR_BAD_OPTION', during(front.spawn(Counter, { failover: true })));
		expect(nameless.message).to.contain("'failover'").and.contain('id');
		await failure('ERR_BAD_OPTION', during(front.spawn(Counter, { id: 'c', failover: 1 } as never)));
		const supervision = () => resume();
		await failure('ERR_NOT_ENCODABLE', during(front.spawn(Counter, { id: 'c', failover: true, supervision })));
		const args = { start: 1, ballast: 'x'.repeat(600_000) };
		await failure('ERR_TOO_LARGE', during(front.spawn(Counter, { id: 'c', failover: true, args })));
		expect(await during(front.whereis('c')), 'nothing was claimed').to.equal(undefined);
		expect(started).to.deep.equal([]);
	});
});
