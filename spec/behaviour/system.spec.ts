/** A system's own life: its options, its members, and its end. */

import { expect } from 'chai';
import { Actor, ActorSystem, child, supervisor } from '../../index.ts';
import { VirtualClock } from '../../testkit.ts';
import { Diarist, Observer } from '../support/cast/lifecycle.ts';
import { Counter, Echo, Recorder } from '../support/cast/messages.ts';
import { duration, failure } from '../support/coded.ts';
import { journalOf, openGate } from '../support/props.ts';
import { onEveryStage } from '../support/stages.ts';

describe('the options of a system', () => {
	for (const [name, value] of [
		['name', ''],
		['name', 'a b'],
		['name', 'x'.repeat(65)],
		['name', 'a.b'],
		['servers', ''],
		['servers', []],
		['servers', [7]],
		['servers', 'memory://'],
		['node', ''],
		['roles', 'worker'],
		['roles', ['']],
		['hosts', Counter],
		['checks', 'lax'],
		['askTimeout', 0],
		['askTimeout', '5 minutes'],
		['connectTimeout', -1],
		['lease', Number.NaN],
		['heartbeat', '1 s ago'],
		['stopGrace', -1],
		['replicas', 0],
		['replicas', 1.5],
		['nats', 'user:pass'],
		['errors', [7]],
		['log', 'console'],
		['clock', 'now'],
		['timeout', 5],
	] as const) {
		it(`are checked by name: ${name}: ${JSON.stringify(value)} is ERR_BAD_OPTION`, async () => {
			const error = await failure('ERR_BAD_OPTION', ActorSystem.start({ [name]: value } as never));
			expect(error.message).to.contain(`'${name}'`);
		});
	}

	it('must be an object, and a heartbeat must be well within the lease', async () => {
		await failure('ERR_BAD_OPTION', ActorSystem.start(null as never));
		await failure('ERR_BAD_OPTION', ActorSystem.start('shop' as never));
		expect((await failure('ERR_BAD_OPTION', ActorSystem.start({ heartbeat: '5s', lease: '10s' }))).message).to.contain(
			'heartbeat',
		);
	});

	it('name a class that is none among the hosts', async () => {
		await failure('ERR_BAD_ACTOR', ActorSystem.start({ hosts: [class Plain {} as never] }));
	});

	it('set the default timeout of an ask', async () => {
		const system = await ActorSystem.start({ askTimeout: '20ms' });
		const echo = await system.spawn(Echo);
		await failure('ERR_ASK_TIMEOUT', echo.ask.linger('never opened'));
		openGate('never opened');
		await system.stop();
	});

	it('need no server: a system without any is local, and a cluster of one', async () => {
		await using system = await ActorSystem.start();
		expect(system.name).to.equal('troupe');
		expect(system.nodes()).to.deep.equal([system.node]);
		const counter = await system.spawn(Counter, { id: 'c' });
		expect(await counter.ask.add(1)).to.equal(1);
	});

	it('let two local systems of one name live side by side', async () => {
		await using one = await ActorSystem.start({ name: 'twin' });
		await using other = await ActorSystem.start({ name: 'twin' });
		await one.spawn(Counter, { id: 'c', args: { start: 1 } });
		await other.spawn(Counter, { id: 'c', args: { start: 2 } });
		expect([await one.ref(Counter, 'c').ask.get(), await other.ref(Counter, 'c').ask.get()]).to.deep.equal([1, 2]);
	});
});

describe('the default of an ask', () => {
	it('is to wait five seconds, and to fail neither before nor after', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock });
		const echo = await system.spawn(Echo);
		let code: string | undefined;
		echo.ask.linger('five seconds').catch((error) => (code = error.code));
		await clock.advance(4_999);
		expect(code).to.equal(undefined);
		await clock.advance(1);
		expect(code).to.equal('ERR_ASK_TIMEOUT');
		openGate('five seconds');
		await system.stop();
	});
});

onEveryStage('a system', (stage) => {
	it('knows its nodes and its own', async () => {
		const ids = stage.near.nodes().map(({ id }) => id);
		expect(ids).to.include(stage.near.node.id).and.include(stage.farNode);
		expect(new Set(ids).size).to.equal(stage.name === 'on one node' ? 1 : 2);
		for (const node of stage.near.nodes()) {
			expect(node.status).to.equal('up');
			expect(node.kinds).to.include('counter').and.include('recorder');
			expect(node.name).to.be.a('string').that.is.not.equal('');
		}
	});

	it('checks the specs and the strategy of a tree', async () => {
		const { near } = stage;
		await failure('ERR_BAD_OPTION', () => near.supervise(child(Counter) as never));
		await failure('ERR_BAD_ACTOR', () => near.supervise([child(class Plain {} as never)]));
		await failure('ERR_BAD_ACTOR', () => supervisor([child(class Bare extends Actor {} as never)]));
		expect(
			(await failure('ERR_BAD_OPTION', () => near.supervise([child(Counter)], 'all' as never))).message,
		).to.contain('strategy');
		expect(
			(await failure('ERR_BAD_OPTION', () => near.supervise([child(Counter)], (() => {}) as never))).message,
		).to.contain('strategy');
	});
});

onEveryStage('a system that stops', (stage) => {
	it('stops its actors in good order: messages being handled are finished, those behind are dead letters', async () => {
		const gate = stage.id('gate');
		const diarist = await stage.near.spawn(Diarist, { id: stage.id('diarist') });
		const echo = await stage.spawn(Echo, { id: stage.id('echo') });
		await echo.ask.nothing();
		const slow = diarist.ask.slowly(gate);
		await stage.until(() => journalOf(diarist.id).includes('began'));
		const behind = failure('ERR_STOPPED', diarist.ask.note('behind'));
		const stopping = stage.stopNear();
		await failure('ERR_SYSTEM_STOPPED', stage.near.spawn(Counter));
		await failure('ERR_SYSTEM_STOPPED', stage.near.supervise([child(Counter)]));
		openGate(gate);
		expect(await slow).to.equal('finished');
		await behind;
		await stopping;
		await stage.near.stop();
		expect(journalOf(diarist.id).slice(-2)).to.deep.equal(['finished', 'onStop']);
		// Afterwards nothing is sent any more, and whoever waits is told so at once.
		for (const late of [
			() => diarist.ask.note('late'),
			() => diarist.send.note('late'),
			() => echo.ask.nothing(),
			() => stage.near.ref(Counter, 'nobody').ask.get(),
			() => stage.near.spawn(Counter, { id: 'late' }),
		]) {
			expect(await duration(failure('ERR_SYSTEM_STOPPED', late))).to.be.lessThan(1_500);
		}
		await failure('ERR_SYSTEM_STOPPED', () => stage.near.whereis(echo.id));
		// On one node it has stopped with the others; on another it lives on, out of reach.
		if (stage.name === 'on one node') await echo.stop();
		else await failure('ERR_SYSTEM_STOPPED', echo.stop());
		diarist.tell.note('late');
		await stage.noted({ event: 'deadLetter', reason: 'system-stopped', id: diarist.id, args: ['late'] });
	});
});

onEveryStage('a node that takes leave', { apart: true }, (stage) => {
	it('is told of to the others: its actors have stopped, its IDs are free, and calls to it fail at once', async () => {
		const observer = await stage.spawnNear(Observer);
		const [named, nameless] = [await stage.spawn(Recorder, { id: stage.id('named') }), await stage.spawn(Recorder)];
		await observer.ask.begin(named);
		await observer.ask.begin(nameless);
		// Whoever answers now has been reached by the watch before.
		await Promise.all([named.ask.notes(), nameless.ask.notes()]);
		const { farNode } = stage;
		await stage.stopFar();
		await stage.noted({ event: 'nodeDown', node: farNode, reason: 'left' });
		await stage.until(async () => (await observer.ask.ends()).length === 2);
		expect((await observer.ask.ends()).map(({ reason }) => reason)).to.deep.equal(['stopped', 'stopped']);
		expect(await stage.near.whereis(named.id)).to.equal(undefined);
		await failure('ERR_NO_SUCH_ACTOR', named.with({ timeout: '10s' }).ask.notes());
		await failure('ERR_NODE_DOWN', nameless.with({ timeout: '10s' }).ask.notes());
		expect(stage.near.nodes().map(({ id }) => id)).to.deep.equal([stage.near.node.id]);
		const again = await stage.spawnNear(Recorder, { id: named.id });
		await named.ask.note('to the new one');
		expect(await again.ask.notes()).to.deep.equal(['to the new one']);
	});
});

onEveryStage('a node that dies', { apart: true, heartbeat: 100, lease: 1_000 }, (stage) => {
	it('is declared dead by the others; what was lost with it is counted, and nobody waits for it', async () => {
		const gate = stage.id('gate');
		const observer = await stage.spawnNear(Observer);
		const [named, nameless, busy] = [
			await stage.spawn(Recorder, { id: stage.id('named') }),
			await stage.spawn(Recorder),
			await stage.spawn(Echo),
		];
		for (const ref of [named, nameless, busy]) await observer.ask.begin(ref);
		await named.ask.notes();
		const before = await stage.near.whereis(named.id);
		const waiting = failure('ERR_NODE_DOWN', busy.with({ timeout: '30s' }).ask.linger(gate));
		await stage.arrived(gate);
		const queued = failure('ERR_NODE_DOWN', busy.with({ timeout: '30s' }).ask.nothing());
		await busy.send.nothing();
		const { farNode } = stage;
		await stage.killFar();
		named.tell.note('told the dead');
		const sent = failure('ERR_NODE_DOWN', named.send.note('sent to the dead'));
		expect((await waiting).message).to.contain(farNode);
		await Promise.all([queued, sent]);
		await stage.noted({ event: 'nodeSuspect', node: farNode });
		await stage.noted({ event: 'nodeDown', node: farNode });
		await stage.until(async () => (await observer.ask.ends()).length === 3);
		expect((await observer.ask.ends()).map(({ id, reason }) => `${id} ${reason}`)).to.have.members(
			[named, nameless, busy].map(({ id }) => `${id} node-down`),
		);
		const told = await stage.noted({
			event: 'deadLetter',
			reason: 'node-down',
			id: named.id,
			message: 'note',
			args: ['told the dead'],
		});
		expect(told.node).to.equal(stage.near.node.id);
		// What had arrived there and was not finished is known by number only.
		const unknown = stage.notes.filter(
			({ event, reason, id }) => event === 'deadLetter' && reason === 'node-down' && id === undefined,
		);
		expect(unknown.reduce((sum, { count = 0 }) => sum + count, 0)).to.be.at.least(3);
		// Calls to it fail at once from now on, and its IDs can be taken over, under a higher epoch.
		expect(await duration(failure('ERR_NODE_DOWN', nameless.with({ timeout: '30s' }).ask.notes()))).to.be.lessThan(
			1_500,
		);
		expect(await stage.near.whereis(named.id)).to.equal(undefined);
		const again = await stage.spawnNear(Recorder, { id: named.id });
		expect((await stage.near.whereis(named.id))?.epoch).to.be.greaterThan(before?.epoch as number);
		await named.ask.note('to the new one');
		expect(await again.ask.notes()).to.deep.equal(['to the new one']);
	}).timeout(30_000);
});
