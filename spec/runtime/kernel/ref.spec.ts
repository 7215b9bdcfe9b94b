import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../../index.ts';

class Till extends Actor {
	static readonly kind = 'till';

	me(): unknown {
		return this.self;
	}
}

describe('refs to the same ID', () => {
	const start = (name: string, servers?: string) => ActorSystem.start({ name, servers });

	for (const [title, names, servers, equal] of [
		['in two systems without servers are of two actors', ['shop', 'shop'], undefined, false],
		['in two systems of one bus are of two actors', ['shop', 'stock'], 'memory://equals', false],
		['in two nodes of one system are of one actor', ['shop', 'shop'], 'memory://equals', true],
	] as const)
		it(title, async () => {
			const systems = await Promise.all(names.map((name) => start(name, servers)));
			const [one, two] = systems.map((system) => system.ref(Till, 'till'));
			expect([one?.equals(two as never), two?.equals(one as never)]).to.deep.equal([equal, equal]);
			await Promise.all(systems.map((system) => system.stop()));
		});

	it('are equal by whatever way one of them came', async () => {
		const [near, far] = await Promise.all(['shop', 'shop'].map((name) => start(name, 'memory://equals')));
		const spawned = await far?.spawn(Till, { id: 'till' });
		const known = near?.ref(Till, 'till');
		const answered = (await known?.ask.me()) as typeof spawned;
		expect([answered?.equals(known as never), known?.equals(answered as never)]).to.deep.equal([true, true]);
		expect([answered?.equals(spawned as never), spawned?.equals(answered as never)]).to.deep.equal([true, true]);
		await Promise.all([near?.stop(), far?.stop()]);
	});
});
