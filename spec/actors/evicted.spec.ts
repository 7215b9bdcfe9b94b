/** Groups and topics of a node that others have evicted, and that joins again as another: nothing of it is forgotten for good. */

import { expect } from 'chai';
import { Actor, type ActorSystem } from '../../index.ts';
import { Lab } from '../support/lab.ts';

class Hand extends Actor {
	static readonly kind = 'lab.hand';
	who(): string {
		return this.system.node.name;
	}
}

describe('a node that was evicted and is back', () => {
	let lab: Lab;
	let a: ActorSystem;
	let b: ActorSystem;

	beforeEach(async () => {
		lab = new Lab();
		[a, b] = [await lab.node({ node: 'a' }), await lab.node({ node: 'b' })];
	});

	afterEach(() => lab.close());

	/** Cut off for longer than its lease, until all know it; then back. */
	async function away(system: ActorSystem): Promise<void> {
		const before = system.node.id;
		lab.isolate(system);
		await lab.pass(30_000);
		lab.bus.heal();
		await lab.pass(10_000);
		expect(system.node.id).not.to.equal(before);
	}

	it('has its members in the group again, and those of the others', async () => {
		const [here, there] = [await a.spawn(Hand), await lab.during(b.spawn(Hand))];
		await lab.during(a.group(Hand, 'hands').join(here));
		await lab.during(b.group(Hand, 'hands').join(there));
		for (const system of [a, b]) expect(system.group(Hand, 'hands').members()).to.have.length(2);
		await away(b);
		for (const system of [a, b]) {
			const group = system.group(Hand, 'hands');
			expect(group.members(), system.node.name).to.have.length(2);
			expect([...(await lab.during(group.scatter().who()))].sort()).to.deep.equal(['a', 'b']);
		}
	});

	it('has forgotten the members of a node that died meanwhile', async () => {
		const c = await lab.node({ node: 'c' });
		for (const system of [b, c])
			await lab.during(system.group(Hand, 'hands').join(await lab.during(system.spawn(Hand))));
		expect(b.group(Hand, 'hands').members()).to.have.length(2);
		lab.isolate(b);
		await lab.pass(12_000);
		lab.crash(c);
		await lab.pass(25_000);
		lab.bus.heal();
		await lab.pass(15_000);
		for (const system of [a, b]) expect(system.group(Hand, 'hands').members(), system.node.name).to.have.length(1);
	});

	it('gets what is published, and is heard', async () => {
		const got: string[] = [];
		const subscriptions = [a, b].map((system) =>
			system.topic<string>('news').subscribe((value) => void got.push(`${system.node.name}: ${value}`)),
		);
		await lab.during(Promise.all(subscriptions.map(({ ready }) => ready)));
		await away(b);
		a.topic<string>('news').publish('from a');
		b.topic<string>('news').publish('from b');
		await lab.pass(1_000);
		expect(got.sort()).to.deep.equal(['a: from a', 'a: from b', 'b: from a', 'b: from b']);
	});
});
