/** An actor's life: its hooks, its signal, its timers, its moods, and its end. */

import { expect } from 'chai';
import { Clumsy, Diarist, Mood, Ticker } from '../support/cast/lifecycle.ts';
import { Relay } from '../support/cast/messages.ts';
import { duration, failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a life', (stage) => {
	it('has its hooks in order: construction, onStart, messages, onStop', async () => {
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		diarist.tell.note('one');
		await diarist.ask.note('two');
		await diarist.stop();
		expect(await stage.journal(diarist.id)).to.deep.equal([
			'constructor',
			'onStart begins',
			'onStart ends',
			'one',
			'two',
			'onStop',
		]);
	});

	it('has its hooks in order around a restart, each awaited', async () => {
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		await failure('ERR_ACTOR_CRASHED', diarist.ask.crash());
		await diarist.ask.note('again');
		expect(await stage.journal(diarist.id)).to.deep.equal([
			...['constructor', 'onStart begins', 'onStart ends'],
			...['onStop', 'constructor', 'onRestart crash', 'onStart begins', 'onStart ends', 'again'],
		]);
	});

	it('begins for its messages when onStart is over; those that came before wait', async () => {
		const gate = stage.id('gate');
		const id = stage.id('diarist');
		const spawned = stage.spawn(Diarist, { id, args: { gate } });
		await stage.arrived(gate);
		const early = stage.near.ref(Diarist, id).ask.note('early');
		await stage.open(gate);
		await Promise.all([spawned, early]);
		expect(await stage.journal(id)).to.deep.equal(['constructor', 'onStart begins', 'onStart ends', 'early']);
	});

	it('ends after the message being handled, whose asker is answered', async () => {
		const gate = stage.id('gate');
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		const slow = diarist.ask.slowly(gate);
		await stage.arrived(gate);
		const stopped = diarist.stop();
		await stage.open(gate);
		expect(await slow).to.equal('finished');
		await stopped;
		expect((await stage.journal(diarist.id)).slice(-3)).to.deep.equal(['began', 'finished', 'onStop']);
	});

	it('ends once: stop may be called again, from anywhere, and resolves when the actor has stopped', async () => {
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		await Promise.all([diarist.stop(), diarist.stop(), stage.near.ref(Diarist, diarist.id).stop()]);
		await diarist.stop();
		expect((await stage.journal(diarist.id)).filter((line) => line === 'onStop')).to.have.length(1);
		await stage.noted({ event: 'actorStopped', id: diarist.id, reason: 'stopped' });
	});

	it('frees the ID at its end, before stop resolves', async () => {
		const id = stage.id('diarist');
		for (let round = 0; round < 3; round++) {
			const diarist = await stage.spawn(Diarist, { id });
			await diarist.stop();
			expect(await stage.near.whereis(id)).to.equal(undefined);
		}
	});

	it('can be ended by the actor itself, which may await it without waiting for itself', async () => {
		const relay = await stage.spawn(Relay, { id: stage.id('relay') });
		expect(await duration(relay.ask.stopYourself())).to.be.lessThan(1_500);
		await stage.noted({ event: 'actorStopped', id: relay.id, reason: 'stopped' });
		await failure('ERR_NO_SUCH_ACTOR', relay.ask.me());
	});

	for (const how of ['handler', 'async handler', 'timer', 'async timer'] as const) {
		it(`ended from inside a turn (${how}), goes on to the end of that turn, and not beyond`, async () => {
			const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
			await stage.open('never mind');
			const answered = diarist.ask.stopInside(how);
			const behind = how.endsWith('handler')
				? diarist.ask.note('behind').catch(({ code }) => code as string)
				: 'ERR_STOPPED';
			await answered;
			expect(await behind).to.equal('ERR_STOPPED');
			await stage.noted({ event: 'actorStopped', id: diarist.id, reason: 'stopped' });
			await failure('ERR_NO_SUCH_ACTOR', diarist.ask.note('late'));
			expect((await stage.journal(diarist.id)).slice(-2)).to.deep.equal(['end of turn', 'onStop']);
		});
	}

	it('can be ended by an actor of the other side', async () => {
		const relay = await stage.spawnNear(Relay);
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		await relay.ask.stopThat(diarist);
		expect(await stage.journal(diarist.id)).to.include('onStop');
	});

	it('ends although onStop fails; a warning says so', async () => {
		const clumsy = await stage.spawn(Clumsy, { id: stage.id('clumsy') });
		await clumsy.ask.hello();
		await clumsy.stop();
		await stage.noted({ event: 'warning', code: 'ON_STOP_FAILED', id: clumsy.id, error: 'dropped it' });
		await stage.noted({ event: 'actorStopped', id: clumsy.id, reason: 'stopped' });
	});

	it('gives its signal to whatever it waits for: a stop aborts it, and ends the wait', async () => {
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		const waiting = diarist.ask.untilAborted();
		await stage.until(async () => (await stage.journal(diarist.id)).includes('same signal: true, aborted: false'));
		await diarist.stop();
		await waiting;
		expect((await stage.journal(diarist.id)).slice(-2)).to.deep.equal(['aborted: ERR_STOPPED', 'onStop']);
	});

	it('aborts its signal on a restart, too, and gives the next instance a fresh one', async () => {
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		await diarist.ask.listenToSignal();
		await failure('ERR_ACTOR_CRASHED', diarist.ask.crash());
		expect(await diarist.ask.signalIsFresh()).to.equal(true);
		expect(await stage.journal(diarist.id)).to.include('aborted');
	});

	it('logs with its ID, and knows its system', async () => {
		const diarist = await stage.spawn(Diarist, { id: stage.id('diarist') });
		await diarist.ask.warn('look out');
		await stage.noted({ event: 'log.warn', message: 'WARNED', id: diarist.id, fields: { text: 'look out' } });
		expect(await diarist.ask.systemName()).to.equal(stage.near.name);
	});
});

onEveryStage('a change of behaviour', (stage) => {
	it('stands in for the class’s own handlers from the next message on; others go on as before', async () => {
		const mood = await stage.spawn(Mood);
		expect(await mood.ask.speak('hi')).to.equal('says hi');
		mood.tell.shout();
		expect(await mood.ask.speak('hi')).to.equal('SHOUTS HI');
		expect(await mood.ask.other()).to.equal('other of class');
		await mood.ask.whisperLater();
		expect(await mood.ask.speak('hi')).to.equal('whispers hi');
		await mood.ask.calm();
		expect(await mood.ask.speak('hi')).to.equal('says hi');
	});

	it('ends with a restart', async () => {
		const mood = await stage.spawn(Mood);
		await mood.ask.sulk();
		await failure('ERR_ACTOR_CRASHED', mood.ask.speak('hi'));
		expect(await mood.ask.speak('hi')).to.equal('says hi');
	});

	it('to handlers of messages that the class does not have is refused', async () => {
		const mood = await stage.spawn(Mood, { id: stage.id('mood') });
		const error = await failure('ERR_ACTOR_CRASHED', mood.ask.learn());
		expect(error.cause).to.have.property('code', 'ERR_BAD_OPTION');
		expect((error.cause as Error).message).to.contain('become.dance');
	});
});

onEveryStage('a timer', { clock: 'virtual' }, (stage) => {
	it('runs once, when it is due, as a turn of its actor', async () => {
		const ticker = await stage.spawn(Ticker);
		expect(
			await ticker.ask.inOneTurn(['once', 20, 'second'], ['once', 10, 'first'], ['once', 0, 'at once']),
		).to.deep.equal([]);
		await stage.until(async () => (await ticker.ask.ticks()).length === 3);
		await ticker.ask.once(20, 'last');
		await stage.until(async () => (await ticker.ask.ticks()).includes('last'));
		expect(await ticker.ask.ticks()).to.deep.equal(['at once', 'first', 'second', 'last']);
	});

	it('runs every interval until it is cancelled', async () => {
		const ticker = await stage.spawn(Ticker);
		await ticker.ask.every(10, 'tick');
		await stage.until(async () => (await ticker.ask.ticks()).length >= 3);
		await ticker.ask.cancelLast();
		const { length } = await ticker.ask.ticks();
		await ticker.ask.once(40, 'much later');
		await stage.until(async () => (await ticker.ask.ticks()).includes('much later'));
		expect(await ticker.ask.ticks()).to.have.length(length + 1);
	});

	it('is cancelled by its key, replaced under its key, and cleared with all others', async () => {
		const ticker = await stage.spawn(Ticker);
		await ticker.ask.inOneTurn(
			['once', 10, 'cancelled', 'key'],
			['every', 10, 'cancelled by its own function'],
			['cancelLast'],
			['cancel', 'key'],
			['cancel', 'never there'],
			['every', 10, 'replaced', 'other'],
			['once', 15, 'replacement', 'other'],
			['once', 40, 'end'],
		);
		await stage.until(async () => (await ticker.ask.ticks()).includes('end'));
		expect(await ticker.ask.ticks()).to.deep.equal(['replacement', 'end']);
		await ticker.ask.inOneTurn(['every', 5, 'cleared'], ['once', 5, 'cleared'], ['clear'], ['once', 30, 'after']);
		await stage.until(async () => (await ticker.ask.ticks()).includes('after'));
		expect(await ticker.ask.ticks()).to.deep.equal(['replacement', 'end', 'after']);
	});

	it('ends when its actor restarts', async () => {
		const ticker = await stage.spawn(Ticker, { id: stage.id('ticker') });
		await ticker.ask.everyIntoJournal(5);
		await stage.until(async () => (await stage.journal(ticker.id)).length > 1);
		await failure('ERR_ACTOR_CRASHED', ticker.ask.crash());
		await stage.noted({ event: 'actorRestarted', id: ticker.id });
		const { length } = await stage.journal(ticker.id);
		await ticker.ask.once(40, 'of the new instance');
		await stage.until(async () => (await ticker.ask.ticks()).length > 0);
		expect(await stage.journal(ticker.id)).to.have.length(length);
	});

	it('ends when its actor stops', async () => {
		const ticker = await stage.spawn(Ticker, { id: stage.id('ticker') });
		const pacemaker = await stage.spawn(Ticker);
		await ticker.ask.everyIntoJournal(5);
		await stage.until(async () => (await stage.journal(ticker.id)).length > 1);
		await ticker.stop();
		const { length } = await stage.journal(ticker.id);
		await pacemaker.ask.once(40, 'much later');
		await stage.until(async () => (await pacemaker.ask.ticks()).length === 1);
		expect(await stage.journal(ticker.id)).to.have.length(length);
	});

	it('never runs beside a message, and before those that wait', async () => {
		const gate = stage.id('gate');
		const ticker = await stage.spawn(Ticker);
		ticker.tell.slowTick(5, gate);
		await stage.arrived(gate);
		ticker.tell.note('a message');
		await stage.open(gate);
		await stage.until(async () => (await ticker.ask.ticks()).length === 3);
		expect(await ticker.ask.ticks()).to.deep.equal(['begins', 'ends', 'a message']);
	});

	it('comes once, however many intervals went by while the actor was busy', async () => {
		const gate = stage.id('gate');
		const ticker = await stage.spawn(Ticker);
		const pacemaker = await stage.spawn(Ticker);
		await ticker.ask.every(5, 'tick', 'key');
		const blocked = ticker.ask.block(gate);
		await stage.arrived(gate);
		await pacemaker.ask.once(60, 'enough');
		await stage.until(async () => (await pacemaker.ask.ticks()).length === 1);
		ticker.tell.cancel('key');
		await stage.open(gate);
		// What it had when the gate opened, and at most the one tick that waited.
		const seen = (await blocked).length;
		expect((await ticker.ask.ticks()).length).to.be.at.most(seen + 1);
	});

	it('crashes its actor when it throws', async () => {
		const ticker = await stage.spawn(Ticker, { id: stage.id('ticker') });
		await ticker.ask.failIn(5);
		await stage.noted({ event: 'actorRestarted', id: ticker.id, error: 'crash in a timer' });
	});

	it('takes durations, and names what is none', async () => {
		expect(await (await stage.spawn(Ticker)).ask.badDelay())
			.to.contain('timers.once')
			.and.contain('soon');
	});
});
