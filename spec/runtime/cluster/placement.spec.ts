/** Spawning on other nodes: who is chosen, what crosses, and what comes back when it cannot be done. */

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, ActorSystem, type AnyRef, bounded, priority, resume } from '../../../index.ts';
import { clerkAt, spawnBy } from '../../../runtime/cluster/host.ts';
import type { Kernel } from '../../../runtime/kernel/kernel.ts';
import { Ref } from '../../../runtime/kernel/ref.ts';
import { RemoteActor } from '../../../runtime/kernel/remote-actor.ts';
import { failure } from '../../support/coded.ts';
import { Lab } from '../../support/lab.ts';

class Worker extends Actor<{ readonly start?: number; readonly fail?: boolean; readonly gate?: boolean }> {
	static readonly kind = 'worker';
	static opened: Promise<void> = Promise.resolve();
	#total = this.args.start ?? 0;

	add(by: number): { readonly node: string; readonly total: number } {
		this.#total += by;
		return { node: this.system.node.name, total: this.#total };
	}

	crash(): void {
		throw new Error('as asked');
	}

	protected override async onStart(): Promise<void> {
		if (this.args.gate) await Worker.opened;
		if (this.args.fail) throw new Error('no start');
	}
}

class Homely extends Actor {
	static readonly kind = 'homely';

	where(): string {
		return this.system.node.name;
	}
}

describe('spawning on another node', () => {
	let lab: Lab;
	let front: ActorSystem;
	let east: ActorSystem;

	beforeEach(async () => {
		lab = new Lab();
		front = await lab.node({ node: 'front' });
		east = await lab.node({ node: 'east', roles: ['worker'], hosts: [Worker] });
	});

	afterEach(() => lab.close());

	const during = <T>(work: Promise<T>): Promise<T> => lab.during(work);

	it('starts the actor there, with its arguments and under its ID', async () => {
		const ref = await during(front.spawn(Worker, { id: 'w', on: 'role:worker', args: { start: 40 } }));
		expect(ref.id).to.equal('w');
		expect(await during(ref.ask.add(2))).to.deep.equal({ node: 'east', total: 42 });
		expect((await during(front.whereis('w')))?.node).to.equal(east.node.id);
		expect(await during(east.ref(Worker, 'w').ask.add(1))).to.deep.equal({ node: 'east', total: 43 });
	});

	it('gives a working ref to an actor without an ID', async () => {
		const ref = await during(front.spawn(Worker, { on: 'node:east' }));
		expect((await during(ref.ask.add(2))).node).to.equal('east');
		await during(ref.stop());
		await failure('ERR_NO_SUCH_ACTOR', during(ref.ask.add(1)));
	});

	it('finds a node by its name and by its ID', async () => {
		for (const on of ['node:east', `node:${east.node.id}`] as const)
			expect((await during((await during(front.spawn(Worker, { on }))).ask.add(0))).node).to.equal('east');
	});

	it('takes mailbox and supervision along', async () => {
		const options = { on: 'node:east', mailbox: bounded({ capacity: 1 }), supervision: resume() } as const;
		const ref = await during(front.spawn(Worker, options));
		await during(ref.ask.add(5));
		await failure('ERR_ACTOR_CRASHED', during(ref.ask.crash()));
		expect((await during(ref.ask.add(1))).total, 'resumed, not restarted').to.equal(6);
		for (let i = 0; i < 3; i++) ref.tell.add(1);
		await lab.pass(100);
		expect(east.stats().deadLetters).to.deep.equal({ crashed: 1, 'mailbox-full': 2 });
	});

	it('is refused with ERR_NOT_ENCODABLE when an option is a function', async () => {
		const mailbox = priority(() => 0);
		const error = await failure('ERR_NOT_ENCODABLE', during(front.spawn(Worker, { on: 'node:east', mailbox })));
		expect(error.message).to.contain('urgency');
	});

	it('spreads IDs over all nodes that are meant, and every node chooses the same', async () => {
		const west = await lab.node({ node: 'west', roles: ['worker'], hosts: [Worker] });
		const counts = new Map<string, number>();
		for (let i = 0; i < 40; i++) {
			const from = [front, east, west][i % 3] as ActorSystem;
			const ref = await during(from.spawn(Worker, { id: `w-${i}`, on: 'role:worker' }));
			const { node } = await during(ref.ask.add(0));
			counts.set(node, (counts.get(node) ?? 0) + 1);
			const again = (from === front ? west : front).spawn(Worker, { id: `w-${i}`, on: 'role:worker' });
			expect((await failure('ERR_ID_TAKEN', during(again))).message).to.contain(`w-${i}`);
		}
		expect([...counts.keys()].sort()).to.deep.equal(['east', 'west']);
		for (const count of counts.values()) expect(count).to.be.greaterThan(8);
	});

	it('stays at home when home is the one that is meant', async () => {
		const ref = await during(east.spawn(Worker, { on: 'role:worker' }));
		expect((await during(ref.ask.add(1))).node).to.equal('east');
	});

	it('is spawning here on a system without servers, when that is meant', async () => {
		await using local = await ActorSystem.start({ node: 'alone', roles: ['worker'] });
		for (const on of ['role:worker', 'node:alone', `node:${local.node.id}`] as const)
			expect(await (await local.spawn(Homely, { on })).ask.where()).to.equal('alone');
		await failure('ERR_NO_HOST', local.spawn(Homely, { on: 'role:painter' }));
	});

	it('fails with ERR_NO_HOST, naming both, when no node that is meant hosts the class', async () => {
		const spawns: readonly (readonly [() => Promise<unknown>, string, string])[] = [
			[() => front.spawn(Homely, { on: 'role:worker' }), 'homely', 'role:worker'],
			[() => front.spawn(Homely, { on: 'node:front' }), 'homely', 'node:front'],
			[() => front.spawn(Worker, { on: 'role:painter' }), 'worker', 'role:painter'],
			[() => front.spawn(Worker, { on: 'node:nowhere' }), 'worker', 'node:nowhere'],
		];
		for (const [spawn, kind, on] of spawns) {
			const error = await failure('ERR_NO_HOST', during(spawn()));
			expect(error.message).to.contain(`'${kind}'`).and.contain(`'${on}'`).and.contain('hosts: [');
		}
	});

	it('refuses an `on` that says neither a role nor a node', async () => {
		for (const on of ['worker', 'role:', 'pod:x', '', 7] as unknown as 'role:x'[])
			await failure('ERR_BAD_OPTION', during(front.spawn(Worker, { on })));
	});

	it('is not for children, which live with their parent', async () => {
		class Parent extends Actor {
			static readonly kind = 'parent';
			bear(): void {
				this.spawn(Worker, { on: 'node:east' } as never);
			}
		}
		const parent = await front.spawn(Parent);
		const error = await failure('ERR_ACTOR_CRASHED', during(parent.ask.bear()));
		expect((error.cause as { code: string }).code).to.equal('ERR_BAD_OPTION');
	});

	it('fails as at home: ERR_ID_TAKEN, ERR_BAD_OPTION, and ERR_START_FAILED with its cause', async () => {
		await during(front.spawn(Worker, { id: 'w', on: 'node:east' }));
		await failure('ERR_ID_TAKEN', during(front.spawn(Worker, { id: 'w', on: 'node:east' })));
		await failure('ERR_BAD_OPTION', during(front.spawn(Worker, { on: 'node:east', colour: 'red' } as never)));
		const failed = await failure(
			'ERR_START_FAILED',
			during(front.spawn(Worker, { on: 'node:east', args: { fail: true } })),
		);
		expect((failed.cause as Error).message).to.equal('no start');
	});

	it('keeps nobody waiting behind an actor that is slow to start', async () => {
		let open = (): void => {};
		Worker.opened = new Promise((resolve) => {
			open = resolve;
		});
		const slow = front.spawn(Worker, { on: 'node:east', args: { gate: true } });
		const quick = await during(front.spawn(Worker, { on: 'node:east' }));
		expect((await during(quick.ask.add(1))).total).to.equal(1);
		await lab.pass(20_000);
		open();
		expect((await during((await during(slow)).ask.add(3))).total, 'a start has no deadline').to.equal(3);
	});

	it('fails with ERR_NODE_DOWN when the node dies meanwhile', async () => {
		Worker.opened = new Promise(() => {});
		const failing = failure('ERR_NODE_DOWN', front.spawn(Worker, { on: 'node:east', args: { gate: true } }));
		await lab.pass(500);
		lab.crash(east);
		await during(failing);
		Worker.opened = Promise.resolve();
	});

	for (const [who, failover] of [
		['front', false],
		['front', true],
		['east', false],
		['east', true],
	] as const) {
		it(`fails with a code when ${who} stops and the start never ends${failover ? ', with failover' : ''}`, async () => {
			Worker.opened = new Promise(() => {});
			try {
				const options = { id: 'w', on: 'node:east', args: { gate: true }, failover } as const;
				const outcome = front.spawn(Worker, options).then(
					() => 'started',
					({ code }) => code,
				);
				await lab.pass(500);
				const stopping = { front, east }[who].stop();
				await lab.during(stopping);
				expect(await lab.during(Promise.race([outcome, lab.pass(60_000).then(() => 'nothing')]))).to.match(/^ERR_/);
			} finally {
				Worker.opened = Promise.resolve();
			}
		});
	}

	it('fails with a code when its own system stops and the start never ends', async () => {
		Worker.opened = new Promise(() => {});
		try {
			const outcome = east
				.spawn(Worker, { id: 'w', on: 'node:east', args: { gate: true } })
				.catch(({ code }) => code as string);
			await lab.pass(500);
			await lab.during(east.stop());
			expect(await lab.during(Promise.race([outcome, lab.pass(60_000).then(() => 'nothing')]))).to.equal('ERR_STOPPED');
		} finally {
			Worker.opened = Promise.resolve();
		}
	});

	it('waits for a node that is joining, and claims the ID there', async () => {
		// The new node waits for the one that is gone to say hello, while the other knows it already.
		lab.crash(east);
		const joining = lab.node({ node: 'west', roles: ['worker'], hosts: [Worker] });
		const up = new Promise<void>((resolve) => front.events.once('nodeUp', () => resolve()));
		const spawning = up.then(() => front.spawn(Worker, { id: 'w', on: 'node:west' }));
		const west = await joining;
		const ref = await during(spawning);
		expect((await during(front.whereis('w')))?.node).to.equal(west.node.id);
		expect((await during(ref.ask.add(1))).node).to.equal('west');
		await failure('ERR_ID_TAKEN', during(front.spawn(Worker, { id: 'w', on: 'node:west' })));
	});

	it('passes over a node that stops for the next one that is meant', async () => {
		const west = await lab.node({ node: 'west', roles: ['worker'], hosts: [Worker] });
		let open = (): void => {};
		Worker.opened = new Promise((resolve) => {
			open = resolve;
		});
		const stuck = east.spawn(Worker, { args: { gate: true } }).catch(() => {});
		const stopping = east.stop();
		for (let i = 0; i < 10; i++) {
			const ref = await during(front.spawn(Worker, { id: `w-${i}`, on: 'role:worker' }));
			expect((await during(ref.ask.add(0))).node).to.equal('west');
		}
		open();
		await during(stopping);
		await stuck;
		expect(
			west
				.nodes()
				.map(({ name }) => name)
				.sort(),
		).to.deep.equal(['front', 'west']);
	});

	it('takes nothing else from other nodes: what they may say is checked', async () => {
		const kernels: Kernel[] = [];
		class Spy extends Actor {
			static readonly kind = 'spy';
			protected override onStart(): void {
				kernels.push((this.self as unknown as { target: { kernel: Kernel } }).target.kernel);
			}
		}
		await front.spawn(Spy);
		const [kernel] = kernels as [Kernel];
		const { id: node } = east.node;
		const hostile: unknown[] = [
			undefined,
			null,
			7,
			'',
			'x'.repeat(2_000),
			{ toString: 1, valueOf: 1 },
			['worker'],
			'homely',
		];
		const host = { id: 'troupe.host', kind: 'troupe.host', path: '/', node, uid: 1 };
		for (const one of hostile) {
			for (const other of hostile) {
				const clerk = await during(clerkAt(kernel, node));
				const outcome = await during(spawnBy(clerk, one as string, other as object).catch(({ code }) => code));
				expect(outcome).to.equal('ERR_NO_HOST');
				const loose = new Ref(new RemoteActor(kernel, host)) as unknown as AnyRef;
				expect(await during(loose.ask['adopt']?.(one, other) as Promise<unknown>)).to.equal(
					one === 'homely' && typeof other === 'string',
				);
				const mover = (await during(clerkAt(kernel, node))) as unknown as AnyRef;
				await during(mover.ask['moved']?.(one, other) as Promise<unknown>);
			}
		}
		for (const options of hostile) {
			const clerk = await during(clerkAt(kernel, node));
			await failure('ERR_BAD_OPTION', during(spawnBy(clerk, 'worker', options as object)));
		}
		expect((await during((await during(front.spawn(Worker, { on: 'node:east' }))).ask.add(1))).total).to.equal(1);
	});

	it('shows nobody the servants that do it', async () => {
		const told: string[] = [];
		for (const event of ['actorStarted', 'actorStopped'] as const) east.events.on(event, ({ kind }) => told.push(kind));
		for (let i = 0; i < 5; i++) await during(front.spawn(Worker, { id: `w-${i}`, on: 'node:east' }));
		await lab.pass(100);
		const workers = Array.from({ length: 5 }, () => 'worker');
		expect(east.mailboxes().map(({ kind }) => kind)).to.deep.equal(workers);
		expect(told).to.deep.equal(workers);
	});
});
