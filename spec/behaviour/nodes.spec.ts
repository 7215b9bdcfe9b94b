/** Nodes: who is there, who comes and goes, and how busy they are. */

import { expect } from 'chai';
import type { NodeChange } from '../../index.ts';
import { Hand } from '../support/cast/groups.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a node', (stage) => {
	it('says how busy it is, here and to others', async () => {
		const hand = await stage.spawn(Hand);
		const gate = stage.id('gate');
		hand.tell.hang(gate);
		hand.tell.work(1);
		await stage.arrived(gate);
		await stage.near.load(stage.farNode);
		const load = await stage.near.load(stage.farNode);
		expect(load.pending).to.be.at.least(2);
		expect(load.actors).to.be.at.least(1);
		expect(load.memory).to.be.above(1e7);
		// It measures once a second.
		await stage.until(async () => (await stage.near.load(stage.farNode)).cpu > 0);
		expect((await stage.near.load()).delay).to.be.within(0, 5_000);
		await stage.open(gate);
	});

	it('gives a loop the members there are, and each change, until it is told to end', async () => {
		const abort = new AbortController();
		const changes: NodeChange[] = [];
		const loop = (async () => {
			for await (const change of stage.near.watchNodes({ signal: abort.signal })) changes.push(change);
		})();
		await stage.until(() => changes.length === stage.near.nodes().length);
		expect(changes.map(({ node, change }) => [node, change])).to.deep.include([stage.farNode, 'up']);
		abort.abort();
		await loop;
	});
});

onEveryStage('a node that goes', { apart: true }, (stage) => {
	it('is told of to whoever watches', async () => {
		const changes: NodeChange[] = [];
		const abort = new AbortController();
		void (async () => {
			for await (const change of stage.near.watchNodes({ signal: abort.signal })) changes.push(change);
		})();
		const gone = stage.farNode;
		await stage.stopFar();
		await stage.until(() =>
			changes.some(({ node, change, reason }) => node === gone && change === 'down' && reason === 'left'),
		);
		abort.abort();
	});
});
