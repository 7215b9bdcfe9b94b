/** Spawning where another node is meant, and actors that go on elsewhere when their node is gone. */

import { expect } from 'chai';
import { resume } from '../../index.ts';
import { Stillborn } from '../support/cast/crashing.ts';
import { Counter, Echo, Recorder } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('an actor that is spawned on a node', (stage) => {
	it('lives there, has its arguments, and its ref works like any other', async () => {
		const { near, farNode } = stage;
		const recorder = await stage.spawnNear(Recorder);
		const on = `node:${farNode}` as const;
		const counter = await near.spawn(Counter, { id: stage.id('placed'), on, args: { start: 40 } });
		expect(await counter.ask.add(2)).to.equal(42);
		expect((await near.whereis(counter.id))?.node).to.equal(farNode);
		expect(await near.ref(Counter, counter.id).ask.get()).to.equal(42);
		await recorder.ask.note(counter);
		const [again] = (await recorder.ask.notes()) as [typeof counter];
		expect(again.equals(counter)).to.equal(true);
		await counter.stop();
		expect(await near.whereis(counter.id)).to.equal(undefined);
		const nameless = await near.spawn(Counter, { on });
		expect(await nameless.ask.add(1)).to.equal(1);
		await nameless.stop();
	});

	it('is supervised as its options say', async () => {
		const { near, farNode } = stage;
		const echo = await near.spawn(Echo, { on: `node:${farNode}`, supervision: resume() });
		await echo.ask.nothing();
		await echo.stop();
		await failure('ERR_NO_SUCH_ACTOR', echo.ask.nothing());
	});

	it('fails as at home: ERR_ID_TAKEN, ERR_BAD_ID, ERR_BAD_OPTION, ERR_START_FAILED with its cause', async () => {
		const { near, farNode } = stage;
		const on = `node:${farNode}` as const;
		const { id } = await stage.spawn(Counter, { id: stage.id('taken') });
		expect((await failure('ERR_ID_TAKEN', near.spawn(Counter, { id, on }))).message).to.contain(id);
		await failure('ERR_BAD_ID', near.spawn(Counter, { id: '', on }));
		await failure('ERR_BAD_OPTION', near.spawn(Counter, { on, colour: 'red' } as never));
		await failure('ERR_BAD_OPTION', near.spawn(Counter, { on, restart: 'always' } as never));
		const args = { at: 'onStart', starts: [false] } as const;
		const stillborn = stage.id('stillborn');
		const failed = await failure('ERR_START_FAILED', near.spawn(Stillborn, { id: stillborn, on, args }));
		expect(failed.cause).to.be.an.instanceOf(Error);
		expect(await near.whereis(stillborn)).to.equal(undefined);
	});

	it('has to have a node: ERR_NO_HOST names the class, the place and the remedy', async () => {
		for (const on of ['role:painter', 'node:nowhere'] as const) {
			const error = await failure('ERR_NO_HOST', stage.near.spawn(Counter, { on }));
			expect(error.message).to.contain("'counter'").and.contain(`'${on}'`).and.contain('hosts: [Counter]');
		}
		for (const on of ['painter', 'role:', '', 7]) {
			const error = await failure('ERR_BAD_OPTION', stage.near.spawn(Counter, { on } as never));
			expect(error.message).to.contain("'on'");
		}
	});

	it('may have failover, which takes an ID', async () => {
		const { near, farNode } = stage;
		const options = { id: stage.id('lasting'), on: `node:${farNode}`, failover: true } as const;
		const counter = await near.spawn(Counter, options);
		expect(await counter.ask.add(1)).to.equal(1);
		await failure('ERR_ID_TAKEN', near.spawn(Counter, options));
		await counter.stop();
		expect(await near.whereis(counter.id)).to.equal(undefined);
		await (await near.spawn(Counter, options)).stop();
		expect((await failure('ERR_BAD_OPTION', near.spawn(Counter, { failover: true }))).message).to.contain("'failover'");
	});
});

onEveryStage('an actor that is spawned on another node', { apart: true }, (stage) => {
	it('is refused with ERR_NOT_ENCODABLE when its arguments cannot travel', async () => {
		const args = { start: (() => 1) as never };
		const error = await failure('ERR_NOT_ENCODABLE', stage.near.spawn(Counter, { on: `node:${stage.farNode}`, args }));
		expect(error.message).to.contain('start');
	});
});

onEveryStage('an actor with failover', { apart: true }, (stage) => {
	it('goes on with the other node when its own takes leave; nothing that was sent is lost', async () => {
		const { near } = stage;
		const counter = await stage.spawn(Counter, { id: stage.id('lasting'), failover: true });
		expect((await near.whereis(counter.id))?.node).to.equal(stage.farNode);
		const add = (): Promise<number> => counter.with({ timeout: '20s' }).ask.add(1);
		const totals = [await add()];
		let gone = false;
		const leaving = stage.stopFar().then(() => {
			gone = true;
		});
		while (!gone) totals.push(...(await Promise.all([add(), add(), add()])));
		await leaving;
		totals.push(await add());
		// A successor counts from the beginning.
		const restarts = totals.slice(1).filter((total, index) => total !== (totals[index] as number) + 1);
		expect(restarts).to.deep.equal([1]);
		expect((await near.whereis(counter.id))?.node).to.equal(near.node.id);
		await counter.stop();
	});
});

onEveryStage('an actor with failover whose node dies', { apart: true, heartbeat: 100, lease: 1_000 }, (stage) => {
	it('answers again from a survivor', async () => {
		const { near, farNode } = stage;
		const mortal = await stage.spawn(Counter, { id: stage.id('mortal'), failover: true });
		expect(await mortal.ask.add(1)).to.equal(1);
		const before = await near.whereis(mortal.id);
		expect(before?.node).to.equal(farNode);
		await stage.killFar();
		// What goes to the dead before anybody notices fails with ERR_NODE_DOWN; what comes later waits for the successor.
		const total = (): Promise<unknown> =>
			mortal
				.with({ timeout: '20s' })
				.ask.get()
				.catch(({ code }) => code);
		await stage.until(async () => (await total()) === 0, 20_000);
		const after = await near.whereis(mortal.id);
		expect(after?.node).to.equal(near.node.id);
		expect(after?.epoch).to.be.above(before?.epoch as number);
		await mortal.stop();
	}).timeout(30_000);
});
