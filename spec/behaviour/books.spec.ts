/** Dead letters, each with its reason; the events of a system; and books that balance at any time. */

import { expect } from 'chai';
import { bounded } from '../../index.ts';
import { Fragile, Parent } from '../support/cast/crashing.ts';
import { Tight } from '../support/cast/mailbox.ts';
import { Counter, Echo, Recorder, Relay, Validated } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import { Loose } from '../support/loose.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a dead letter', (stage) => {
	it('says what was sent, to whom, by whom, why it is dead, and on which node', async () => {
		const relay = await stage.spawnNear(Relay, { id: stage.id('relay') });
		const nobody = stage.near.ref(Recorder, stage.id('nobody'));
		relay.tell.tellOn(nobody, { some: 'value' });
		const note = await stage.noted({ event: 'deadLetter', id: nobody.id });
		expect(note).to.deep.include({
			reason: 'no-such-actor',
			message: 'note',
			sender: relay.id,
			count: 1,
			node: stage.near.node.id,
		});
		expect(note.args).to.deep.equal([{ some: 'value' }]);
	});

	it('has the sender undefined when that was no actor', async () => {
		const nobody = stage.near.ref(Recorder, stage.id('nobody'));
		nobody.tell.note(1);
		expect((await stage.noted({ event: 'deadLetter', id: nobody.id })).sender).to.equal(undefined);
	});

	it('has the target of an actor that is there, and the error that killed it', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		fragile.tell.fail('boom');
		const note = await stage.noted({ event: 'deadLetter', reason: 'crashed', id: fragile.id });
		expect(note).to.deep.include({ message: 'fail', error: 'boom', node: stage.farNode });
	});

	it('has one of the reasons, each in its case, and each is counted', async () => {
		const count = async (reason: string) => ((await stage.books()).deadLetters as Record<string, number>)[reason] ?? 0;
		const gate = stage.id('gate');
		const full = async (overflow: 'reject' | 'drop-oldest' | 'drop-newest') => {
			const actor = await stage.spawn(Tight, { mailbox: bounded({ capacity: 1, overflow }) });
			await actor.send.block(gate);
			await stage.arrived(gate, ++blocked);
			await actor.send.note('in');
			return actor;
		};
		let blocked = 0;
		const [rejecting, oldest, newest, stopping] = [
			await full('reject'),
			await full('drop-oldest'),
			await full('drop-newest'),
			await full('reject'),
		];
		const [fragile, validated] = [await stage.spawn(Fragile), await stage.spawn(Validated, { id: stage.id() })];
		for (const [reason, cause] of [
			['no-such-actor', () => stage.near.ref(Counter, stage.id('nobody')).tell.add(1)],
			['mailbox-full', () => rejecting.tell.note(1)],
			['dropped-oldest', () => oldest.tell.note(1)],
			['dropped-newest', () => newest.tell.note(1)],
			['withdrawn', () => failure('ERR_SEND_TIMEOUT', rejecting.with({ timeout: 10 }).send.note(1))],
			['crashed', () => fragile.tell.fail('boom')],
			['not-a-message', () => Loose.refTo(stage.near, validated.id).tell('onStop')],
			['invalid-message', () => validated.tell.add('x' as never)],
			['stopped', () => Promise.all([stopping.stop(), stage.open(gate)])],
		] as const) {
			const before = await count(reason);
			await cause();
			await stage.noted({ event: 'deadLetter', reason });
			await stage.until(async () => (await count(reason)) === before + 1);
		}
	});
});

onEveryStage('the books', (stage) => {
	it('balance whenever they are looked at, while messages are queued, stashed, waiting, handled and lost', async () => {
		const gate = stage.id('gate');
		const tight = await stage.spawn(Tight, { mailbox: bounded({ capacity: 3 }) });
		tight.tell.block(gate);
		await stage.arrived(gate);
		const sends = Array.from({ length: 6 }, (_, i) => tight.send.note(i));
		for (let i = 0; i < 4; i++) tight.tell.note('lost');
		// Nothing is under way any more: what is pending is in a mailbox, in line for one, or being handled.
		await stage.until(async () => {
			const { sent, handled, deadLetters, pending } = await stage.books();
			const dead = Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
			return sent === handled + dead + pending && pending === 7;
		});
		await stage.open(gate);
		await Promise.all(sends);
	});

	it('count a message once, wherever it went, and no call of the runtime’s own', async () => {
		const counter = await stage.spawn(Counter, { id: stage.id() });
		await counter.ask.get();
		const before = await stage.books();
		await counter.ask.get();
		await counter.send.add(1);
		counter.tell.add(1);
		await stage.until(async () => (await stage.books()).handled === before.handled + 3);
		await stage.near.whereis(counter.id);
		await counter.stop();
		const after = await stage.books();
		expect([after.sent - before.sent, after.handled - before.handled]).to.deep.equal([3, 3]);
	});

	it('count what the handler rejected as handled, and what could not be sent not at all', async () => {
		const echo = await stage.spawn(Echo);
		await echo.ask.nothing();
		await stage.until(async () => (await stage.books()).pending === 0);
		const before = await stage.books();
		await failure('NO', echo.ask.reject('NO', 'no'));
		await stage.until(async () => (await stage.books()).handled === before.handled + 1);
		if (stage.name !== 'on one node') await failure('ERR_NOT_ENCODABLE', () => echo.tell.echo(() => {}));
		expect((await stage.books()).sent).to.equal(before.sent + 1);
	});
});

onEveryStage('the events of a system', (stage) => {
	it('tell of each actor that starts, restarts and stops: ID, path, kind, node, and why', async () => {
		const fragile = await stage.spawn(Fragile, { id: stage.id('fragile') });
		await failure('ERR_ACTOR_CRASHED', fragile.ask.fail('boom'));
		await fragile.ask.get();
		await fragile.stop();
		const about = {
			id: fragile.id,
			path: `/${fragile.id}`,
			kind: 'fragile',
			node: stage.farNode,
			fields: { sameRef: true },
		};
		await stage.noted({ event: 'actorStopped', reason: 'stopped', ...about });
		const lives = stage.notes.filter(({ id, event }) => id === fragile.id && event.startsWith('actor'));
		expect(lives.map(({ event }) => event)).to.deep.equal(['actorStarted', 'actorRestarted', 'actorStopped']);
		await stage.noted({ event: 'actorStarted', ...about });
		await stage.noted({ event: 'actorRestarted', restarts: 1, error: 'boom', ...about });
		expect(lives.at(-1)?.error).to.equal(undefined);
	});

	it('tell of children, too', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		await parent.ask.raise('child');
		await parent.stop();
		await stage.noted({ event: 'actorStopped', id: `${parent.id}/child`, path: `${parent.path}/child` });
	});

	it('are heard until the listener is taken off, and once where that was asked for', async () => {
		const { events } = stage.near;
		let [each, once] = [0, 0];
		const off = events.on('deadLetter', () => each++);
		events.once('deadLetter', () => once++);
		const nobody = stage.near.ref(Counter, stage.id('nobody'));
		await failure('ERR_NO_SUCH_ACTOR', nobody.ask.get());
		await failure('ERR_NO_SUCH_ACTOR', nobody.ask.get());
		off();
		await failure('ERR_NO_SUCH_ACTOR', nobody.ask.get());
		expect([each, once]).to.deep.equal([2, 1]);
	});

	it('refuse a name that is no event’s', async () => {
		await failure('ERR_BAD_OPTION', () => stage.near.events.on('deadLetters' as never, () => {}));
	});
});

onEveryStage('a listener that throws', (stage) => {
	it('harms nobody: the message it was told of, the other listeners and the system go on; the log has its error', async () => {
		const off = stage.near.events.on('deadLetter', () => {
			throw new Error('thrown by a listener');
		});
		const nobody = stage.near.ref(Counter, stage.id('nobody'));
		await failure('ERR_NO_SUCH_ACTOR', nobody.ask.get());
		off();
		await stage.noted({ event: 'deadLetter', reason: 'no-such-actor', id: nobody.id });
		await stage.noted({ event: 'log.error', message: 'LISTENER_FAILED' });
	});
});
