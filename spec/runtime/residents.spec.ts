/** Residents: the one actor of a class that each node has, which serves those of the others. */

import { expect } from 'chai';
import { Actor } from '../../index.ts';
import { ownResident, residentOf } from '../../runtime/service-door.ts';
import { ActorSystem as Runtime } from '../../runtime/system.ts';

class Porter extends Actor {
	static readonly kind = 'spec.porter';
	#rung = 0;

	ring() {
		this.#rung++;
		return `${this.system.node.name} ${this.#rung}`;
	}
}

class Hotel extends Runtime {
	protected static override readonly residents = [Porter];

	static at(node: string): Promise<Runtime> {
		return Hotel.start({ name: 'hotel', servers: 'memory://residents', node });
	}
}

describe('a resident', () => {
	let east: Runtime;
	let west: Runtime;

	beforeEach(async () => {
		[east, west] = [await Hotel.at('east'), await Hotel.at('west')];
	});

	afterEach(() => Promise.all([east, west].map((system) => system.stop())));

	it('is one on each node, for whoever asks', async () => {
		expect(await ownResident(east, Porter).ask.ring()).to.equal('east 1');
		expect(await (await residentOf(west, Porter, east.node.id)).ask.ring()).to.equal('east 2');
		expect(await (await residentOf(west, Porter, west.node.id)).ask.ring()).to.equal('west 1');
	});

	it('is refused with ERR_NO_HOST by a node that has no such class', async () => {
		const plain = await Runtime.start({ name: 'hotel', servers: 'memory://residents' });
		const refused = await residentOf(east, Porter, plain.node.id).catch(({ code }) => code);
		expect(refused).to.equal('ERR_NO_HOST');
		await plain.stop();
	});

	it('fails with ERR_NODE_DOWN where the node has gone', async () => {
		const { id } = west.node;
		await west.stop();
		const refused = await residentOf(east, Porter, id).catch(({ code }) => code);
		expect(refused).to.equal('ERR_NODE_DOWN');
	});
});
