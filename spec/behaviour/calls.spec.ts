/** Promises 1 to 3: tell, send and ask; their order, their answers, and how they fail. */

import { expect } from 'chai';
import { bounded, isRejection, Rejection } from '../../index.ts';
import { Tight } from '../support/cast/mailbox.ts';
import { Counter, Echo, Recorder, Relay, Stranger } from '../support/cast/messages.ts';
import { duration, failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

/** What "at once" may take: far below every timeout, far above a busy machine's hiccup. */
const AT_ONCE = 1_500;

onEveryStage('a call', (stage) => {
	it('counts as the first page of the design has it', async () => {
		const id = stage.id('counter');
		const counter = await stage.spawn(Counter, { id, args: { start: 10 } });
		expect(counter.tell.add(1)).to.equal(undefined);
		expect(await counter.send.add(1)).to.equal(undefined);
		expect(await counter.ask.add(5)).to.equal(17);
		const far = stage.near.ref(Counter, id);
		expect(await far.with({ timeout: '500ms', signal: new AbortController().signal }).ask.get()).to.equal(17);
	});

	it('by tell returns nothing and waits for nothing', async () => {
		const recorder = await stage.spawn(Recorder);
		expect(recorder.tell.note(1)).to.equal(undefined);
		expect(await recorder.ask.notes()).to.deep.equal([1]);
	});

	it('by send resolves once the message is in the mailbox, though its handler has not run', async () => {
		const gate = stage.id('gate');
		const echo = await stage.spawn(Echo);
		const first = echo.ask.linger(gate);
		await stage.arrived(gate);
		await echo.send.linger(gate);
		await stage.open(gate);
		expect(await first).to.equal(1);
	});

	it('by ask resolves to what the handler returned, or its promise resolved to', async () => {
		const echo = await stage.spawn(Echo);
		expect(await echo.ask.echo('a')).to.equal('a');
		expect(await echo.ask.echoLater('b')).to.equal('b');
		expect(await echo.ask.nothing()).to.equal(undefined);
		expect(await echo.ask.sum(1, 2, 3)).to.equal(6);
		expect(await echo.ask.sum()).to.equal(0);
	});

	it('takes whatever thenable a handler returns for a promise', async () => {
		const echo = await stage.spawn(Echo);
		expect(await echo.ask.answerWithThenable()).to.equal('awaited');
	});

	it('arrives in the order sent, whatever mix of tell, send and ask, from outside an actor', async () => {
		const recorder = await stage.spawn(Recorder, { id: stage.id() });
		const waits: Promise<unknown>[] = [];
		for (let i = 0; i < 3_000; i++) {
			if (i % 3 === 0) recorder.tell.note(i);
			else waits.push(i % 3 === 1 ? recorder.send.note(i) : recorder.ask.note(i));
		}
		await Promise.all(waits);
		expect(await recorder.ask.notes()).to.deep.equal(Array.from({ length: 3_000 }, (_, i) => i));
	});

	it('arrives in the order sent from the very first message on, whichever ref to the actor is used', async () => {
		const id = stage.id();
		const spawned = await stage.spawn(Recorder, { id });
		const other = stage.near.ref(Recorder, id);
		other.tell.note(0);
		spawned.tell.note(1);
		stage.near.ref(Recorder, id).tell.note(2);
		const asked = other.ask.note(3);
		const sent = spawned.send.note(4);
		await Promise.all([asked, sent]);
		expect(await spawned.ask.notes()).to.deep.equal([0, 1, 2, 3, 4]);
	});

	it('arrives in the order sent from an actor to an actor on the other side', async () => {
		const recorder = await stage.spawn(Recorder, { id: stage.id() });
		const relay = await stage.spawnNear(Relay);
		await relay.ask.mixed(recorder, 600);
		expect(await recorder.ask.notes()).to.deep.equal(Array.from({ length: 600 }, (_, i) => i));
	});

	it('arrives in the order sent when big messages and small ones alternate', async () => {
		const recorder = await stage.spawn(Recorder);
		for (let i = 0; i < 12; i++) recorder.tell.note(i % 3 === 0 ? 'x'.repeat(300_000 + i) : i);
		const notes = await recorder.ask.notes();
		expect(notes.map((note) => (typeof note === 'string' ? note.length - 300_000 : note))).to.deep.equal([
			...Array(12).keys(),
		]);
	});

	it('loses and repeats nothing over ten thousand tells', async () => {
		const counter = await stage.spawn(Counter);
		for (let i = 0; i < 10_000; i++) counter.tell.add(1);
		expect(await counter.ask.get()).to.equal(10_000);
	});

	it('is handled one at a time, though handlers wait', async () => {
		const gate = stage.id('gate');
		const echo = await stage.spawn(Echo);
		const asks = [echo.ask.linger(gate), echo.ask.linger(gate), echo.ask.linger(gate)];
		await stage.arrived(gate);
		await stage.open(gate);
		expect(await Promise.all(asks)).to.deep.equal([1, 1, 1]);
		expect(await echo.ask.mostInside()).to.equal(1);
	});

	it('suspends its own actor only, while a handler waits', async () => {
		const gate = stage.id('gate');
		const busy = await stage.spawn(Echo);
		const idle = await stage.spawn(Echo);
		const waiting = busy.ask.linger(gate);
		await stage.arrived(gate);
		expect(await idle.ask.echo('here')).to.equal('here');
		await stage.open(gate);
		await waiting;
	});

	it('tells the handler who sent it, and nobody when that was no actor', async () => {
		const recorder = await stage.spawn(Recorder, { id: stage.id() });
		const id = stage.id('relay');
		const relay = await stage.spawnNear(Relay, { id });
		const back = await stage.spawn(Relay, { id: stage.id('relay') });
		const nearRecorder = await stage.spawnNear(Recorder);
		expect(await recorder.ask.whoAsks()).to.equal('nobody');
		expect(await relay.ask.whoAmITo(recorder)).to.equal(id);
		expect(await relay.ask.whoAmILater(recorder)).to.equal(id);
		expect(await back.ask.whoAmITo(nearRecorder)).to.equal(back.id);
	});

	it('gives the handler a sender that it can write back to', async () => {
		const recorder = await stage.spawn(Recorder);
		const relay = await stage.spawnNear(Relay);
		await relay.ask.greet(recorder);
		await stage.until(async () => (await relay.ask.noted()).length === 1);
		expect(await relay.ask.noted()).to.deep.equal(['hello']);
	});

	it('has its sender, too, when an asynchronous timer or behaviour sent it after an await', async () => {
		const recorder = await stage.spawn(Recorder);
		const relay = await stage.spawn(Relay, { id: stage.id('relay') });
		await relay.ask.tellFromElsewhere(recorder);
		await relay.ask.noted();
		await stage.until(async () => (await recorder.ask.notes()).length === 2);
		expect(await recorder.ask.notes()).to.deep.equal([relay.id, relay.id]);
	});

	it('never claims to come from another actor than the one that sent it', async () => {
		const recorder = await stage.spawn(Recorder);
		const innocent = await stage.spawn(Relay, { id: stage.id('innocent') });
		const through = await stage.spawn(Relay, { id: stage.id('through') });
		await innocent.ask.haveItTell(through, recorder);
		const [sender] = await recorder.ask.notes();
		expect(sender).to.be.oneOf([through.id, 'nobody']);
	});

	it('knows itself', async () => {
		const relay = await stage.spawn(Relay, { id: stage.id('relay') });
		const me = await relay.ask.me();
		expect(me.equals(relay)).to.equal(true);
		expect(me.id).to.equal(relay.id);
		expect(await relay.ask.isMe(relay)).to.equal(true);
		expect(await relay.ask.isMe(await stage.spawn(Relay, { id: stage.id('relay') }))).to.equal(false);
	});

	it('knows itself without an ID, too', async () => {
		const relay = await stage.spawn(Relay);
		expect((await relay.ask.me()).equals(relay)).to.equal(true);
		expect(await relay.ask.isMe(relay)).to.equal(true);
	});

	it('reaches an actor whose class this side does not have', async () => {
		const stranger = await stage.spawn(Stranger);
		expect(await stranger.ask.hail('you')).to.equal('hail, you');
		stranger.tell.hail('unheard');
		await stranger.send.hail('unheard');
	});
});

onEveryStage('a call that cannot succeed', (stage) => {
	it('fails with what the handler rejected, and the actor lives on with its state', async () => {
		const echo = await stage.spawn(Echo);
		await echo.ask.keep('state');
		const error = await failure('OUT_OF_STOCK', echo.ask.reject('OUT_OF_STOCK', 'none left', { until: new Date(7) }));
		expect(error).to.be.an.instanceOf(Rejection);
		expect(isRejection(error)).to.equal(true);
		expect(error.message).to.equal('none left');
		expect((error as unknown as Rejection).data).to.deep.equal({ until: new Date(7) });
		await failure('LATER', echo.ask.rejectLater('LATER'));
		expect(await echo.ask.kept()).to.equal('state');
		expect(stage.notes.filter(({ event }) => event === 'deadLetter')).to.deep.equal([]);
	});

	it('fails at once with ERR_ACTOR_CRASHED and the cause when the handler throws', async () => {
		const echo = await stage.spawn(Echo, { id: stage.id('echo') });
		const error = await failure('ERR_ACTOR_CRASHED', echo.ask.failWithCause());
		expect(error.actor).to.equal(echo.id);
		expect(error.message).to.contain('failWithCause').and.contain(echo.id).and.contain('nothing left');
		const cause = error.cause as Error & { code: string; left: number; cause: Error };
		expect(cause.name).to.equal('OutOfStock');
		expect(cause.message).to.equal('nothing left');
		expect([cause.code, cause.left]).to.deep.equal(['OUT', 0]);
		expect(cause.constructor.name).to.equal('OutOfStock');
		expect(cause.cause).to.be.an.instanceOf(RangeError);
		expect(cause.cause.message).to.equal('the root of it');
	});

	it('fails with ERR_ACTOR_CRASHED whatever it is that was thrown', async () => {
		const echo = await stage.spawn(Echo);
		for (const thrown of [undefined, null, 0, '', 'text', { code: 'ERR_STOPPED' }]) {
			const error = await failure('ERR_ACTOR_CRASHED', echo.ask.throwValue(thrown));
			expect(error.cause).to.deep.equal(thrown);
		}
	});

	it('fails at once with ERR_NO_SUCH_ACTOR when nobody has the ID', async () => {
		const nobody = stage.near.ref(Counter, stage.id('nobody')).with({ timeout: '10s' });
		let error: Error | undefined;
		expect(await duration(failure('ERR_NO_SUCH_ACTOR', nobody.ask.get()).then((met) => (error = met)))).to.be.lessThan(
			AT_ONCE,
		);
		expect(error?.message).to.contain(nobody.id);
		await failure('ERR_NO_SUCH_ACTOR', nobody.send.add(1));
		expect(nobody.tell.add(1)).to.equal(undefined);
		await stage.noted({ event: 'deadLetter', reason: 'no-such-actor', id: nobody.id, message: 'add', args: [1] });
	});

	it('fails at once with ERR_NO_SUCH_ACTOR when the actor has stopped, with an ID or without', async () => {
		for (const options of [{ id: stage.id() }, {}]) {
			const echo = await stage.spawn(Echo, options);
			await echo.ask.nothing();
			await echo.stop();
			expect(await duration(failure('ERR_NO_SUCH_ACTOR', echo.with({ timeout: '10s' }).ask.nothing()))).to.be.lessThan(
				AT_ONCE,
			);
		}
	});

	it('fails at once with ERR_STOPPED when the actor stops with the message in its mailbox', async () => {
		const gate = stage.id('gate');
		const echo = await stage.spawn(Echo, { id: stage.id() });
		const handled = echo.ask.linger(gate);
		const behind = failure('ERR_STOPPED', echo.with({ timeout: '10s' }).ask.echo(1));
		await stage.arrived(gate);
		const stopped = echo.stop();
		await stage.open(gate);
		expect(await handled).to.equal(1);
		expect((await behind).message).to.contain(echo.id);
		await stopped;
		await stage.noted({ event: 'deadLetter', reason: 'stopped', id: echo.id, message: 'echo', args: [1] });
	});

	it('fails at once with ERR_MAILBOX_FULL when the mailbox is', async () => {
		const gate = stage.id('gate');
		const tight = await stage.spawn(Tight, { id: stage.id('tight') });
		tight.tell.block(gate);
		await stage.arrived(gate);
		const taken = [tight.ask.note(1), tight.ask.note(2)];
		const error = await failure('ERR_MAILBOX_FULL', tight.with({ timeout: '10s' }).ask.note(3));
		expect(error.message).to.contain(tight.id);
		await stage.noted({ event: 'deadLetter', reason: 'mailbox-full', id: tight.id, message: 'note', args: [3] });
		await stage.open(gate);
		expect(await Promise.all(taken)).to.deep.equal([1, 2]);
		expect(await tight.ask.notes()).to.deep.equal([1, 2]);
	});

	it('fails with ERR_ASK_TIMEOUT after its timeout, naming actor and message; the message is still handled', async () => {
		const gate = stage.id('gate');
		const echo = await stage.spawn(Echo, { id: stage.id('echo') });
		const late = failure('ERR_ASK_TIMEOUT', echo.with({ timeout: 30 }).ask.linger(gate));
		const error = await late;
		expect(error.message).to.contain(echo.id).and.contain('linger');
		await stage.arrived(gate);
		await stage.open(gate);
		expect(await echo.ask.mostInside()).to.equal(1);
	});

	it('fails with ERR_ABORTED when its signal aborts, with the reason as its cause', async () => {
		const gate = stage.id('gate');
		const echo = await stage.spawn(Echo);
		const controller = new AbortController();
		const aborted = failure('ERR_ABORTED', echo.with({ signal: controller.signal }).ask.linger(gate));
		await stage.arrived(gate);
		controller.abort(new Error('changed my mind'));
		expect(((await aborted).cause as Error).message).to.equal('changed my mind');
		await stage.open(gate);
	});

	it('is not sent at all when its signal has been aborted before', async () => {
		const counter = await stage.spawn(Counter);
		const late = counter.with({ signal: AbortSignal.abort() });
		await failure('ERR_ABORTED', late.ask.add(1));
		await failure('ERR_ABORTED', late.send.add(1));
		expect(await counter.ask.get()).to.equal(0);
	});

	it('keeps the options of with() apart from the ref it was made of', async () => {
		const gate = stage.id('gate');
		const echo = await stage.spawn(Echo);
		const hasty = echo.with({ timeout: 20 });
		const waiting = echo.ask.linger(gate);
		await failure('ERR_ASK_TIMEOUT', hasty.ask.nothing());
		await failure('ERR_ASK_TIMEOUT', hasty.with({ signal: new AbortController().signal }).ask.nothing());
		await stage.open(gate);
		await waiting;
		expect(hasty.equals(echo)).to.equal(true);
	});

	it('refuses call options that cannot be used, naming them', async () => {
		const echo = await stage.spawn(Echo);
		expect((await failure('ERR_BAD_OPTION', () => echo.with({ timeout: 'soon' as never }))).message).to.contain(
			'timeout',
		);
		expect((await failure('ERR_BAD_OPTION', () => echo.with({ timeout: -1 }))).message).to.contain('timeout');
		expect((await failure('ERR_BAD_OPTION', () => echo.with({ signal: {} as never }))).message).to.contain('signal');
	});

	it('fails at once when a reply cannot travel, and the actor lives on', async () => {
		const echo = await stage.spawn(Echo);
		// Within a node a reply passes by reference, unless checks are strict.
		if (stage.name !== 'on one node') {
			const error = await failure('ERR_NOT_ENCODABLE', echo.ask.answerWithFunction());
			expect(error.message).to.contain('list[0].onClick');
		}
		expect(await echo.ask.echo(1)).to.equal(1);
	});

	it('settles every one of a thousand asks whose actor stops meanwhile', async () => {
		const echo = await stage.spawn(Echo, { id: stage.id(), mailbox: bounded({ capacity: 100 }) });
		const asks = Array.from({ length: 1_000 }, () =>
			echo.ask.echoLater(1).then(
				() => 'answered',
				({ code }) => code as string,
			),
		);
		const stopped = echo.stop();
		const outcomes = new Set(await Promise.all(asks));
		await stopped;
		expect(
			[...outcomes].filter(
				(outcome) => !['answered', 'ERR_STOPPED', 'ERR_NO_SUCH_ACTOR', 'ERR_MAILBOX_FULL'].includes(outcome),
			),
		).to.deep.equal([]);
	});
});
