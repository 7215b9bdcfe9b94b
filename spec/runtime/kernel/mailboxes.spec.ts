import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../../index.ts';

class Parent extends Actor {
	static readonly kind = 'parent';
	readonly #child = this.spawn(Hanging, { id: 'child' });

	fill(count: number): void {
		for (let index = 0; index < count; index++) this.#child.tell.hang();
	}
}

class Hanging extends Actor {
	static readonly kind = 'hanging';

	hang(): Promise<void> {
		return new Promise((resolve) => this.signal.addEventListener('abort', () => resolve()));
	}
}

describe('the mailboxes of a node', () => {
	it('are listed with what waits in each, parents before their children', async () => {
		const system = await ActorSystem.start();
		const parent = await system.spawn(Parent, { id: 'parent' });
		await parent.ask.fill(3);
		expect(system.mailboxes()).to.deep.equal([
			{ id: 'parent', kind: 'parent', pending: 0 },
			{ id: 'parent/child', kind: 'hanging', pending: 3 },
		]);
		await system.stop();
		expect(system.mailboxes()).to.deep.equal([]);
	});
});
