/** Promise 6: what a crash costs, what it does not cost, and who decides what follows. */

import { expect } from 'chai';
import { escalate, restart, resume, stop, type TroupeError } from '../../index.ts';
import { Discerning, Fragile, quickly, Stillborn } from '../support/cast/crashing.ts';
import { Observer } from '../support/cast/lifecycle.ts';
import { Counter } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('an actor that crashes', (stage) => {
	it('starts over with fresh state under the same ID, and its old refs go on working', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		const before = await stage.near.whereis(fragile.id);
		await fragile.ask.add(7);
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('boom'));
		expect(await fragile.ask.get()).to.equal(0);
		expect(await fragile.ask.add(1)).to.equal(1);
		expect(await stage.near.whereis(fragile.id)).to.deep.equal(before);
		const { restarts, error } = await stage.noted({ event: 'actorRestarted', id: fragile.id });
		expect([restarts, error]).to.deep.equal([1, 'boom']);
	});

	it('is spawned with the same arguments after a restart', async () => {
		const counter = await stage.spawn(Counter, { id: stage.id(), args: { start: 5 }, supervision: quickly });
		await failure('ERR_ACTOR_CRASHED', counter.ask.add(1n as never));
		expect(await counter.ask.get()).to.equal(5);
	});

	it('keeps the messages behind the one that crashed it, in order; that one is a dead letter', async () => {
		const gate = stage.id('gate');
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		const crashing = failure('ERR_ACTOR_CRASHED', fragile.ask.failAt(gate));
		await stage.arrived(gate);
		const behind = [1, 2, 3].map((by) => fragile.ask.add(by));
		fragile.tell.add(4);
		await stage.open(gate);
		expect(((await crashing).cause as Error).message).to.equal('failed at the gate');
		expect(await Promise.all(behind)).to.deep.equal([1, 3, 6]);
		expect(await fragile.ask.get()).to.equal(10);
		await stage.noted({
			event: 'deadLetter',
			reason: 'crashed',
			id: fragile.id,
			message: 'failAt',
			error: 'failed at the gate',
		});
		expect(stage.notes.filter(({ event }) => event === 'deadLetter')).to.have.length(1);
	});

	it('does no harm to others, whether it throws, rejects, or fails in a timer', async () => {
		const bystander = await stage.spawn(Fragile, { id: stage.id('bystander') });
		await bystander.ask.add(1);
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('thrown'));
		await failure('ERR_ACTOR_CRASHED', fragile.ask.failLater('rejected'));
		await failure('ERR_ACTOR_CRASHED', fragile.ask.throwNothing());
		await fragile.ask.failInTimer('in a timer');
		await stage.noted({ event: 'actorRestarted', id: fragile.id, error: 'in a timer' });
		expect(await fragile.ask.get()).to.equal(0);
		expect(await bystander.ask.get()).to.equal(1);
	});

	it('tells the new instance why, before it starts', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('boom'));
		expect(await fragile.ask.restartedBy()).to.deep.equal(['boom']);
		expect(await stage.journal(fragile.id)).to.deep.equal(['onStart', 'onStop', 'onRestart boom', 'onStart']);
	});

	it('did not crash when it rejected', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		await fragile.ask.add(3);
		await failure('NO', fragile.ask.rejects());
		fragile.tell.rejects();
		expect(await fragile.ask.get()).to.equal(3);
		expect(await stage.journal(fragile.id)).to.deep.equal(['onStart']);
	});

	it('tries the message that crashed it again as often as its supervision says, and answers when it succeeds', async () => {
		const fragile = await stage.spawn(Fragile, { supervision: restart({ ...quickly, retries: 2 }) });
		const name = stage.id('retried');
		const behind = stage.id('behind');
		const retried = fragile.ask.tryTimes(name, 2);
		const after = fragile.ask.tryTimes(behind, 0);
		expect(await retried).to.equal(3);
		expect(await after).to.equal(1);
		expect(await stage.journal(name)).to.have.length(3);
	});

	it('drops the message once the retries are used up, with the last error as the cause', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id(), supervision: restart({ ...quickly, retries: 2 }) });
		const name = stage.id('retried');
		const error = await failure('ERR_ACTOR_CRASHED', fragile.ask.tryTimes(name, 9));
		expect((error.cause as Error).message).to.equal('attempt 3');
		expect(await stage.journal(name)).to.have.length(3);
		expect(await fragile.ask.get()).to.equal(0);
		expect(stage.notes.filter(({ event }) => event === 'deadLetter')).to.have.length(1);
	});

	it('does not try it again when nobody said so', async () => {
		const fragile = await stage.spawn(Fragile);
		const name = stage.id('tried');
		await failure('ERR_ACTOR_CRASHED', fragile.ask.tryTimes(name, 1));
		expect(await fragile.ask.get()).to.equal(0);
		expect(await stage.journal(name)).to.have.length(1);
	});

	it('goes on in the same instance where its supervision is to resume', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), supervision: resume() });
		await fragile.ask.add(3);
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('boom'));
		await failure('ERR_ACTOR_CRASHED', fragile.ask.failLater('boom'));
		expect(await fragile.ask.get()).to.equal(3);
		expect(await stage.journal(fragile.id)).to.deep.equal(['onStart']);
	});

	it('ends where its supervision is to stop; what it held are dead letters, and watchers learn why', async () => {
		const gate = stage.id('gate');
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), supervision: stop() });
		const observer = await stage.spawnNear(Observer);
		await observer.ask.begin(fragile);
		const crashing = failure('ERR_ACTOR_CRASHED', fragile.ask.failAt(gate));
		await stage.arrived(gate);
		const behind = failure('ERR_STOPPED', fragile.with({ timeout: '10s' }).ask.get());
		await stage.open(gate);
		await Promise.all([crashing, behind]);
		await stage.until(async () => (await observer.ask.ends()).length > 0);
		const [end] = await observer.ask.ends();
		expect([end?.id, end?.reason, (end?.error as Error | undefined)?.message]).to.deep.equal([
			fragile.id,
			'crashed',
			'failed at the gate',
		]);
		await failure('ERR_NO_SUCH_ACTOR', fragile.ask.get());
		expect(await stage.near.whereis(fragile.id)).to.equal(undefined);
		await stage.noted({ event: 'actorStopped', id: fragile.id, reason: 'crashed', error: 'failed at the gate' });
	});

	it('ends, with a warning, where its supervision escalates and there is no parent', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), supervision: escalate() });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('boom'));
		await stage.noted({ event: 'actorStopped', id: fragile.id, reason: 'crashed', error: 'boom' });
		await stage.noted({ event: 'warning', code: 'ACTOR_GIVEN_UP', id: fragile.id });
		await failure('ERR_NO_SUCH_ACTOR', fragile.ask.get());
	});

	it('gets the directive that its supervision picks by the error', async () => {
		const one = await stage.spawn(Discerning, { id: stage.id('discerning') });
		await one.ask.add(3);
		await failure('ERR_ACTOR_CRASHED', one.ask.fail('resume'));
		expect(await one.ask.get()).to.equal(3);
		await failure('ERR_ACTOR_CRASHED', one.ask.fail('anything else'));
		expect(await one.ask.get()).to.equal(0);
		await failure('ERR_ACTOR_CRASHED', one.ask.fail('stop'));
		await failure('ERR_NO_SUCH_ACTOR', one.ask.get());
	});

	it('ends when its supervision fails itself or answers nonsense: nobody knows if it may go on', async () => {
		for (const message of ['throw', 'nonsense', 'escalate']) {
			const one = await stage.spawn(Discerning, { id: stage.id('discerning') });
			await failure('ERR_ACTOR_CRASHED', one.ask.fail(message));
			await stage.noted({ event: 'actorStopped', id: one.id, reason: 'crashed', error: message });
		}
	});

	it('ends when it crashes more often than its supervision allows', async () => {
		const limited = restart({ maxRestarts: 2, within: '1m', backoff: { initial: 1, jitter: 0 } });
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), supervision: limited });
		for (const message of ['one', 'two', 'three']) await failure('ERR_ACTOR_CRASHED', fragile.ask.fail(message));
		await stage.noted({ event: 'actorStopped', id: fragile.id, reason: 'crashed', error: 'three' });
		await failure('ERR_NO_SUCH_ACTOR', fragile.ask.get());
		expect(stage.notes.filter(({ event }) => event === 'actorRestarted').map(({ restarts }) => restarts)).to.deep.equal(
			[1, 2],
		);
	});

	it('ends at the first crash where it may restart zero times', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), supervision: restart({ maxRestarts: 0 }) });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('once'));
		await stage.noted({ event: 'actorStopped', id: fragile.id, reason: 'crashed' });
	});

	it('that is temporary is not restarted', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), restart: 'temporary' });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('once'));
		await stage.noted({ event: 'actorStopped', id: fragile.id, reason: 'crashed' });
	});

	it('can be stopped while it waits for its restart', async () => {
		const patient = restart({ backoff: { initial: '1m', max: '1m', jitter: 0 } });
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile'), supervision: patient });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('once'));
		const queued = failure('ERR_STOPPED', fragile.with({ timeout: '10s' }).ask.get());
		await fragile.stop();
		await queued;
		expect(await stage.journal(fragile.id)).to.deep.equal(['onStart', 'onStop']);
	});

	it('loses none of five hundred messages, though every fifth crashes it', async () => {
		const fragile = await stage.spawn(Fragile, {
			supervision: restart({ maxRestarts: 10_000, backoff: { initial: 0, jitter: 0 } }),
		});
		const outcomes = await Promise.all(
			Array.from({ length: 500 }, (_, i) =>
				(i % 5 === 4 ? fragile.ask.fail(`${i}`) : fragile.ask.add(1)).catch((error: TroupeError) => error.code),
			),
		);
		const expected = Array.from({ length: 500 }, (_, i) => (i % 5 === 4 ? 'ERR_ACTOR_CRASHED' : (i % 5) + 1));
		expect(outcomes).to.deep.equal(expected);
	});
});

onEveryStage('an actor that cannot start', (stage) => {
	for (const at of ['constructor', 'onStart', 'later'] as const) {
		it(`fails the spawn with ERR_START_FAILED and the cause (${at})`, async () => {
			const id = stage.id('stillborn');
			const error = await failure('ERR_START_FAILED', stage.spawn(Stillborn, { id, args: { at, starts: [false] } }));
			expect(error.message).to.contain(id).and.contain('cannot start');
			expect(error.actor).to.equal(id);
			expect(error.cause).to.be.an.instanceOf(RangeError);
			expect((error.cause as Error).message).to.equal('cannot start');
			expect(await stage.near.whereis(id)).to.equal(undefined);
			await stage.noted({ event: 'actorStopped', id, reason: 'crashed' });
			expect(await stage.journal(id)).to.deep.equal(['start 1']);
		});

		it(`leaves its ID free for the next (${at})`, async () => {
			const id = stage.id('stillborn');
			await failure('ERR_START_FAILED', stage.spawn(Stillborn, { id, args: { at, starts: [false, true] } }));
			const second = await stage.spawn(Stillborn, { id, args: { at, starts: [false, true] } });
			expect(await second.ask.hello()).to.equal('hello');
		});

		it(`crashes once more when it fails on a restart, and keeps its mailbox through that (${at})`, async () => {
			const starts = [true, false, false, true];
			const actor = await stage.spawn(Stillborn, { id: stage.id('stillborn'), args: { at, starts } });
			const crash = failure('ERR_ACTOR_CRASHED', actor.ask.crash());
			const hello = actor.ask.hello();
			await crash;
			expect(await hello).to.equal('hello');
			expect((await stage.journal(actor.id)).filter((line) => line.startsWith('start'))).to.have.length(4);
			await stage.noted({ event: 'actorRestarted', id: actor.id, restarts: 3 });
		});

		it(`ends a loop of failed restarts at the limit (${at})`, async () => {
			const supervision = restart({ maxRestarts: 3, within: '1m', backoff: { initial: 1, jitter: 0 } });
			const starts = [true, ...Array(20).fill(false)];
			const actor = await stage.spawn(Stillborn, { id: stage.id('stillborn'), args: { at, starts }, supervision });
			await failure('ERR_ACTOR_CRASHED', actor.ask.crash());
			await stage.noted({ event: 'actorStopped', id: actor.id, reason: 'crashed' });
			expect((await stage.journal(actor.id)).filter((line) => line.startsWith('start'))).to.have.length(4);
		});
	}
});
