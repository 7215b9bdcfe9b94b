/** Promise 4: mailboxes are bounded, each policy does what it says, and a send is backpressure. */

import { expect } from 'chai';
import { type ActorRef, bounded } from '../../index.ts';
import { Door, Tight, TightTriage, Triage } from '../support/cast/mailbox.ts';
import { Recorder } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import type { Stage } from '../support/stage.ts';
import { onEveryStage } from '../support/stages.ts';

/** An actor that is busy until the gate opens. */
async function busy(stage: Stage, overflow: 'reject' | 'drop-oldest' | 'drop-newest' = 'reject', capacity = 2) {
	const gate = stage.id('gate');
	const actor = await stage.spawn(Tight, { id: stage.id('tight'), mailbox: bounded({ capacity, overflow }) });
	actor.tell.block(gate);
	await stage.arrived(gate);
	return { actor, gate };
}

/** Resolves when everything told so far has reached the other side: a later message cannot arrive before it. */
async function delivered(stage: Stage, actor: ActorRef<Tight>): Promise<void> {
	await failure('ERR_NOT_A_MESSAGE', stage.near.ref(Recorder, actor.id).ask.whoAsks());
}

/** Asks until the mailbox has room for it: an actor that can go on, or has let a send in, may not have caught up yet. */
async function onceThereIsRoom<T>(stage: Stage, ask: () => Promise<T>): Promise<T> {
	let answer: { readonly value: T } | undefined;
	await stage.until(async () => {
		try {
			answer = { value: await ask() };
		} catch (error) {
			expect(error).to.have.property('code', 'ERR_MAILBOX_FULL');
		}
		return answer !== undefined;
	});
	return (answer as { readonly value: T }).value;
}

onEveryStage('a full mailbox', (stage) => {
	it('that is bounded by its class rejects tells, as dead letters, and asks, with ERR_MAILBOX_FULL', async () => {
		const gate = stage.id('gate');
		const actor = await stage.spawn(Tight, { id: stage.id('tight') });
		actor.tell.block(gate);
		await stage.arrived(gate);
		const taken = [actor.ask.note(1), actor.ask.note(2)];
		actor.tell.note(3);
		await failure('ERR_MAILBOX_FULL', actor.ask.note(4));
		await stage.noted({ event: 'deadLetter', reason: 'mailbox-full', id: actor.id, args: [3] });
		await stage.noted({ event: 'deadLetter', reason: 'mailbox-full', id: actor.id, args: [4] });
		await stage.open(gate);
		await Promise.all(taken);
		expect(await actor.ask.notes()).to.deep.equal([1, 2]);
	});

	it('takes the capacity given at spawn rather than that of the class', async () => {
		const { actor, gate } = await busy(stage, 'reject', 5);
		const taken = [0, 1, 2, 3, 4].map((value) => actor.ask.note(value));
		for (const value of [5, 6]) actor.tell.note(value);
		await delivered(stage, actor);
		await stage.open(gate);
		await Promise.all(taken);
		expect(await actor.ask.notes()).to.deep.equal([0, 1, 2, 3, 4]);
	});

	it('drops the oldest where its policy says so; who asked it is told at once', async () => {
		const { actor, gate } = await busy(stage, 'drop-oldest');
		const oldest = failure('ERR_MAILBOX_FULL', actor.with({ timeout: '10s' }).ask.note('asked'));
		actor.tell.note(1);
		actor.tell.note(2);
		expect((await oldest).message).to.contain('dropped');
		await stage.noted({ event: 'deadLetter', reason: 'dropped-oldest', id: actor.id, args: ['asked'] });
		const last = actor.ask.note(3);
		await stage.noted({ event: 'deadLetter', reason: 'dropped-oldest', id: actor.id, args: [1] });
		await stage.open(gate);
		await last;
		expect(await actor.ask.notes()).to.deep.equal([2, 3]);
	});

	it('drops the newest where its policy says so; who asks is told at once', async () => {
		const { actor, gate } = await busy(stage, 'drop-newest');
		const taken = [actor.ask.note(1), actor.ask.note(2)];
		actor.tell.note(3);
		await failure('ERR_MAILBOX_FULL', actor.with({ timeout: '10s' }).ask.note(4));
		await stage.noted({ event: 'deadLetter', reason: 'dropped-newest', id: actor.id, args: [3] });
		await stage.noted({ event: 'deadLetter', reason: 'dropped-newest', id: actor.id, args: [4] });
		await stage.open(gate);
		await Promise.all(taken);
		expect(await actor.ask.notes()).to.deep.equal([1, 2]);
	});

	it('makes a send wait for room, and lets it in in its turn', async () => {
		const { actor, gate } = await busy(stage);
		await actor.send.note(1);
		await actor.send.note(2);
		let entered = 0;
		const waiting = [3, 4, 5].map((value) => actor.send.note(value).then(() => entered++));
		await delivered(stage, actor);
		expect(entered).to.equal(0);
		await stage.open(gate);
		await Promise.all(waiting);
		expect(await onceThereIsRoom(stage, () => actor.ask.notes())).to.deep.equal([1, 2, 3, 4, 5]);
	});

	it('stays full while any send waits, so that nothing overtakes it', async () => {
		const { actor, gate } = await busy(stage, 'reject', 1);
		await actor.send.note('in');
		const waiting = actor.send.note('waits');
		actor.tell.note('overtakes');
		await delivered(stage, actor);
		await stage.open(gate);
		await waiting;
		expect(await onceThereIsRoom(stage, () => actor.ask.notes())).to.deep.equal(['in', 'waits']);
	});

	it('lets a thousand sends through a mailbox of two, in order and without loss', async () => {
		const actor = await stage.spawn(Tight);
		await Promise.all(Array.from({ length: 1_000 }, (_, i) => actor.send.note(i)));
		expect(await onceThereIsRoom(stage, () => actor.ask.notes())).to.deep.equal(
			Array.from({ length: 1_000 }, (_, i) => i),
		);
	});

	it('takes a send back whose timeout has passed: it fails with ERR_SEND_TIMEOUT and is never handled', async () => {
		const { actor, gate } = await busy(stage, 'reject', 1);
		const taken = actor.ask.note('in');
		const error = await failure('ERR_SEND_TIMEOUT', actor.with({ timeout: 30 }).send.note('withdrawn'));
		expect(error.message).to.contain(actor.id);
		await stage.noted({ event: 'deadLetter', reason: 'withdrawn', id: actor.id, message: 'note', args: ['withdrawn'] });
		await stage.open(gate);
		await taken;
		expect(await actor.ask.notes()).to.deep.equal(['in']);
	});

	it('takes a send back whose signal aborts, and keeps those around it', async () => {
		const { actor, gate } = await busy(stage, 'reject', 1);
		await actor.send.note('in');
		const controller = new AbortController();
		const before = actor.send.note('before');
		const withdrawn = failure('ERR_ABORTED', actor.with({ signal: controller.signal }).send.note('withdrawn'));
		const behind = actor.send.note('behind');
		await delivered(stage, actor);
		controller.abort();
		await withdrawn;
		await stage.noted({ event: 'deadLetter', reason: 'withdrawn', id: actor.id });
		await stage.open(gate);
		await Promise.all([before, behind]);
		expect(await onceThereIsRoom(stage, () => actor.ask.notes())).to.deep.equal(['in', 'before', 'behind']);
	});

	it('makes sends wait under drop-newest, too, and never under drop-oldest', async () => {
		const newest = await busy(stage, 'drop-newest', 1);
		await newest.actor.send.note(1);
		const waiting = newest.actor.send.note(2);
		await stage.open(newest.gate);
		await waiting;
		expect(await onceThereIsRoom(stage, () => newest.actor.ask.notes())).to.deep.equal([1, 2]);
		const oldest = await busy(stage, 'drop-oldest', 1);
		for (const value of [1, 2]) await oldest.actor.send.note(value);
		const last = oldest.actor.ask.note(3);
		await stage.noted({ event: 'deadLetter', reason: 'dropped-oldest', id: oldest.actor.id, args: [2] });
		await stage.open(oldest.gate);
		await last;
		expect(await oldest.actor.ask.notes()).to.deep.equal([3]);
	});

	it('tells waiting sends at once when the actor stops', async () => {
		const { actor, gate } = await busy(stage, 'reject', 1);
		await actor.send.note('in');
		const waiting = [failure('ERR_STOPPED', actor.send.note(1)), failure('ERR_STOPPED', actor.send.note(2))];
		await delivered(stage, actor);
		const stopped = actor.stop();
		await stage.open(gate);
		await Promise.all([...waiting, stopped]);
	});
});

onEveryStage('a priority mailbox', (stage) => {
	it('hands out the most urgent first, and equals in the order sent', async () => {
		const gate = stage.id('gate');
		const triage = await stage.spawn(Triage);
		triage.tell.block(gate);
		await stage.arrived(gate);
		for (const [urgency, text] of [
			[1, 'a'],
			[5, 'b'],
			[1, 'c'],
			[5, 'd'],
			[9, 'e'],
		] as const)
			triage.tell.note(urgency, text);
		await stage.open(gate);
		expect(await triage.ask.notes()).to.deep.equal(['9 e', '5 b', '5 d', '1 a', '1 c']);
	});

	it('makes room, where its policy drops the oldest, by dropping the least urgent', async () => {
		const gate = stage.id('gate');
		const triage = await stage.spawn(TightTriage, { id: stage.id('triage') });
		triage.tell.block(gate);
		await stage.arrived(gate);
		const first = triage.ask.note(2, 'a');
		const least = failure('ERR_MAILBOX_FULL', triage.ask.note(1, 'b'));
		const others = [triage.ask.note(3, 'c'), triage.ask.note(4, 'd')];
		await stage.noted({ event: 'deadLetter', reason: 'dropped-oldest', id: triage.id, args: [1, 'b'] });
		await stage.open(gate);
		await Promise.all([first, least, ...others]);
		expect(await triage.ask.notes()).to.deep.equal(['4 d', '3 c', '2 a']);
	});
});

onEveryStage('a stash', (stage) => {
	it('sets messages aside, unanswered, and puts them back to the front in the order they came', async () => {
		const door = await stage.spawn(Door);
		const early = [door.ask.enter('Ada'), door.ask.enter('Bob')];
		door.tell.enter('Cleo');
		await door.ask.guests();
		const opened = door.ask.open();
		const late = door.ask.enter('Dan');
		expect(await Promise.all(early)).to.deep.equal(['welcome, Ada', 'welcome, Bob']);
		await Promise.all([opened, late]);
		expect(await door.ask.guests()).to.deep.equal(['Ada', 'Bob', 'Cleo', 'Dan']);
	});

	it('gives the message back in the same turn when asked to', async () => {
		expect(await (await stage.spawn(Door)).ask.waver()).to.equal('here after all');
	});

	it('takes a message once', async () => {
		expect(await (await stage.spawn(Door)).ask.stashTwice()).to.equal('ERR_STASH_FULL');
	});

	it('holds as many messages as the mailbox does; one more is ERR_STASH_FULL, a crash', async () => {
		const door = await stage.spawn(Door);
		for (const name of ['a', 'b', 'c', 'd']) await door.send.enter(name);
		expect(await onceThereIsRoom(stage, () => door.ask.guests())).to.deep.equal([]);
		const error = await failure('ERR_ACTOR_CRASHED', door.ask.enter('e'));
		expect((error.cause as { code: string }).code).to.equal('ERR_STASH_FULL');
	});

	it('goes back to the mailbox when the actor restarts, but for the message that crashed it', async () => {
		const door = await stage.spawn(Door);
		const ada = door.ask.enter('Ada');
		await door.ask.guests();
		await failure('ERR_ACTOR_CRASHED', door.ask.stashAndThrow());
		await door.ask.open();
		expect(await ada).to.equal('welcome, Ada');
		expect(await door.ask.guests()).to.deep.equal(['Ada']);
	});

	it('fails with ERR_STOPPED what it holds when the actor stops', async () => {
		const door = await stage.spawn(Door, { id: stage.id('door') });
		const held = failure('ERR_STOPPED', door.with({ timeout: '10s' }).ask.enter('Ada'));
		await door.ask.guests();
		await door.stop();
		await held;
		await stage.noted({ event: 'deadLetter', reason: 'stopped', id: door.id, args: ['Ada'] });
	});
});
