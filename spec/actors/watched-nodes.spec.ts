/** What `watchNodes` tells of a node that is silent for a while, in virtual time. */

import { expect } from 'chai';
import { Lab } from '../support/lab.ts';

describe('a loop over the changes of a cluster', () => {
	it('is told that a suspected node is there after all', async () => {
		const lab = new Lab();
		const [a, b] = [await lab.node({ node: 'a' }), await lab.node({ node: 'b' })];
		const changes: string[] = [];
		void (async () => {
			for await (const { change, name } of a.watchNodes()) changes.push(`${name} ${change}`);
		})();
		await lab.pass(100);
		lab.isolate(b);
		await lab.pass(4_000);
		lab.bus.heal();
		await lab.pass(4_000);
		expect(changes.filter((line) => line.startsWith('b'))).to.deep.equal(['b up', 'b suspect', 'b up']);
		expect(a.nodes().map(({ status }) => status)).to.deep.equal(['up', 'up']);
		await lab.close();
	});
});
