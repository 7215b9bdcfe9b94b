/** Pools: workers that are kept in number, and called as one. */

import { expect } from 'chai';
import type { ActorRef } from '../../index.ts';
import { Hand } from '../support/cast/groups.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a pool', (stage) => {
	const far = () => ({ on: `node:${stage.farNode}` }) as const;

	for (const where of ['here', 'on the far side'] as const) {
		const place = () => (where === 'here' ? {} : far());

		it(`of workers ${where} shares what is sent to it among them`, async () => {
			const pool = await stage.near.pool(Hand, { size: 3, route: 'round-robin', ...place() });
			await pool.atLeast(3);
			const who = await Promise.all(Array.from({ length: 30 }, (_, n) => pool.ask.work(n)));
			const counts = new Map<string, number>();
			for (const one of who) counts.set(one, (counts.get(one) ?? 0) + 1);
			expect([...counts.values()]).to.deep.equal([10, 10, 10]);
			await pool.stop();
		});

		it(`of workers ${where} goes on when one crashes, and has another when one ends`, async () => {
			const pool = await stage.near.pool(Hand, { size: 2, ...place() });
			await pool.atLeast(2);
			expect(await pool.ask.refuse().catch(({ code }) => code)).to.equal('ERR_ACTOR_CRASHED');
			const [first] = pool.members();
			await first?.ref.stop();
			await stage.until(() => pool.size === 2 && pool.members().every(({ ref }) => !ref.equals(first?.ref as never)));
			expect(await pool.ask.work(1)).to.be.a('string');
			await pool.stop();
		});
	}

	it('grows while more waits than its workers can do, and shrinks when there is nothing to do', async () => {
		const pool = await stage.near.pool(Hand, { elastic: { min: 1, max: 3 }, ...far() });
		const gate = stage.id('gate');
		for (let n = 0; n < 12; n++) pool.tell.hang(gate);
		await stage.until(() => pool.size === 3, 10_000);
		await stage.open(gate);
		await stage.until(() => pool.size === 1, 15_000);
		await pool.stop();
	});

	it('has stopped its workers when it has stopped; what is sent then is a dead letter', async () => {
		const pool = await stage.near.pool(Hand, { size: 2, ...far() });
		await pool.atLeast(2);
		const refs = pool.members().map(({ ref }) => ref as ActorRef<Hand>);
		await pool.stop();
		for (const ref of refs) {
			expect(await ref.ask.who().catch(({ code }) => code)).to.be.oneOf(['ERR_NO_SUCH_ACTOR', 'ERR_STOPPED']);
		}
	});

	it('refuses what it cannot be', async () => {
		const refused = async (options: object): Promise<unknown> =>
			stage.near.pool(Hand, options).catch(({ code }) => code);
		expect(await refused({ size: 0 })).to.equal('ERR_BAD_OPTION');
		expect(await refused({ size: 1, elastic: { max: 2 } })).to.equal('ERR_BAD_OPTION');
		expect(await refused({ sice: 1 })).to.equal('ERR_BAD_OPTION');
		expect(await refused({ on: 'role:nobody' })).to.be.oneOf(['ERR_NO_HOST', 'ERR_START_FAILED']);
	});
});

onEveryStage('a pool whose node stops', { apart: true }, (stage) => {
	it('takes its workers elsewhere with it', async () => {
		const pool = await stage.near.pool(Hand, { size: 2, on: `node:${stage.farNode}` });
		await pool.atLeast(2);
		await stage.stopNear();
		for (const { ref } of pool.members()) await stage.noted({ event: 'actorStopped', id: ref.id });
	});
});
