/** Durable mailboxes: what is stored is handled, in order, whoever lives meanwhile. */

import { expect } from 'chai';
import type { ActorRef } from '../../index.ts';
import { Clerk, Counted } from '../support/cast/durable.ts';
import { onEveryStage } from '../support/stages.ts';

/** The code that it fails with; nothing when it does not. */
async function codeOf(failing: Promise<unknown>): Promise<string | undefined> {
	return failing.then(
		() => undefined,
		(error) => error.code,
	);
}

onEveryStage('a durable mailbox', (stage) => {
	let id: string;
	let clerk: ActorRef<Clerk>;

	beforeEach(() => {
		id = stage.id('clerk');
		clerk = stage.near.ref(Clerk, id);
	});

	const hire = (): Promise<ActorRef<Clerk>> => stage.spawn(Clerk, { id, args: { journal: id } });
	const journal = (): Promise<readonly string[]> => stage.journal(id);
	const written = (count: number): Promise<void> => stage.until(async () => (await journal()).length >= count);
	const texts = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

	it('takes messages before there is an actor, and gives them to it in order when it has come', async () => {
		for (const text of texts(200)) clerk.tell.note(text);
		await clerk.send.note('last');
		await hire();
		await written(201);
		expect(await journal()).to.deep.equal([...texts(200), 'last']);
	});

	it('has stored a message when its send resolves, and answers an ask', async () => {
		await hire();
		await Promise.all(texts(100).map((text) => clerk.send.note(text)));
		expect(await clerk.ask.note('asked')).to.equal('asked');
		expect(await journal()).to.deep.equal([...texts(100), 'asked']);
	});

	it('tells who has sent a message', async () => {
		const far = await hire();
		expect(await far.ask.who()).to.equal(undefined);
	});

	it('keeps what an actor leaves for the next one of its ID', async () => {
		await hire();
		clerk.tell.leave('gone');
		for (const text of texts(10)) clerk.tell.note(text);
		await stage.until(async () => (await stage.near.whereis(id)) === undefined);
		expect(await journal()).to.deep.equal(['gone']);
		await hire();
		await written(11);
		expect(await journal()).to.deep.equal(['gone', ...texts(10)]);
	});

	it('tries again what has failed, before what came later', async () => {
		await hire();
		for (const text of ['a', 'b']) clerk.tell.note(text);
		const trying = clerk.ask.fail(2, `${id}-x`);
		clerk.tell.note('c');
		expect(await trying).to.equal(`${id}-x`);
		await written(7);
		expect(await journal()).to.deep.equal(['a', 'b', `${id}-x?`, `${id}-x?`, `${id}-x?`, `${id}-x`, 'c']);
	});

	it('gives a message up after maxDeliver attempts, keeps it with its history, and goes on', async () => {
		await hire();
		const failing = clerk.ask.failLater('poison');
		clerk.tell.note('after');
		expect(await codeOf(failing)).to.equal('ERR_ACTOR_CRASHED');
		await written(4);
		expect(await journal()).to.deep.equal(['poison?', 'poison?', 'poison?', 'after']);
		const [letter, ...others] = await stage.near.deadLetters.list({ actor: id });
		expect(others).to.deep.equal([]);
		expect(letter).to.deep.include({ actor: id, kind: Clerk.kind, message: { name: 'failLater', args: ['poison'] } });
		expect(letter?.failures.map(({ message, node }) => [message, node])).to.deep.equal(
			Array.from({ length: 3 }, () => ['poison has failed', stage.farNode]),
		);
	});

	it('gives up a handler that takes longer than ackWait, and its actor goes on', async () => {
		await hire();
		clerk.tell.hang('stuck');
		expect(await clerk.with({ timeout: '4s' }).ask.note('after')).to.equal('after');
		expect(await journal()).to.deep.equal(['stuck?', 'stuck?', 'stuck?', 'after']);
		expect(
			(await stage.near.deadLetters.list({ actor: id })).map(({ failures }) => failures[0]?.message),
		).to.deep.equal([`'hang' took ${id} longer than 300 ms: make it quicker, or raise ackWait`]);
	});

	it('takes a Rejection for an answer', async () => {
		await hire();
		expect(await codeOf(clerk.ask.refuse('ERR_NO_WAY'))).to.equal('ERR_NO_WAY');
		expect(await clerk.ask.note('after')).to.equal('after');
		expect(await stage.near.deadLetters.list({ actor: id })).to.deep.equal([]);
	});

	it('gives up at once what is no message of the class', async () => {
		await hire();
		const loose = clerk as unknown as ActorRef<{ dance(): void }>;
		expect(await codeOf(loose.ask.dance())).to.equal('ERR_NOT_A_MESSAGE');
		const [letter] = await stage.near.deadLetters.list({ actor: id });
		expect(letter?.message).to.deep.equal({ name: 'dance', args: [] });
		expect(letter?.failures).to.have.length(1);
	});

	it('gives up at once what its schema refuses', async () => {
		const counted = stage.near.ref(Counted, id);
		await stage.spawn(Counted, { id });
		counted.tell.add(1);
		expect(await codeOf(counted.ask.add('two' as unknown as number))).to.equal('ERR_INVALID_MESSAGE');
		expect(await counted.ask.add(3)).to.equal(4);
		const [letter, ...others] = await stage.near.deadLetters.list({ actor: id });
		expect(others).to.deep.equal([]);
		expect(letter?.message.args).to.deep.equal(['two']);
		expect(letter?.failures.map(({ code }) => code)).to.deep.equal(['ERR_INVALID_MESSAGE']);
	});

	it('takes a dead letter again, or forgets it', async () => {
		const { deadLetters } = stage.near;
		await hire();
		clerk.tell.fail(3, `${id}-a`);
		clerk.tell.failLater('b');
		await clerk.ask.note('after');
		const [one, other] = await deadLetters.list({ actor: id });
		expect(await deadLetters.replay(one?.number as number)).to.equal(true);
		expect(await deadLetters.drop(other?.number as number)).to.equal(true);
		expect(await deadLetters.drop(other?.number as number)).to.equal(false);
		await stage.until(async () => (await journal()).at(-1) === `${id}-a`);
		expect(await deadLetters.list({ actor: id })).to.deep.equal([]);
	});

	it('is reached by who knows nothing but the ID, too', async () => {
		await hire();
		const untyped = stage.near.ref(id) as unknown as ActorRef<Clerk>;
		await untyped.send.note('sent');
		untyped.tell.note('told');
		expect(await untyped.ask.note('asked')).to.equal('asked');
		expect(await journal()).to.deep.equal(['sent', 'told', 'asked']);
	});

	it('takes a message that its sender has named once, whoever sends it again', async () => {
		await hire();
		const named = clerk.with({ messageId: `order ${id}` });
		for (let n = 0; n < 3; n++) {
			await named.send.note('once');
			named.with({ timeout: '5s' }).tell.note('once');
		}
		expect(await codeOf(named.ask.note('once'))).to.equal('ERR_NOT_STORED');
		expect(await clerk.with({ messageId: `other ${id}` }).ask.note('other')).to.equal('other');
		const { near } = stage;
		await near
			.ref(Clerk, stage.id('clerk'))
			.with({ messageId: `order ${id}` })
			.send.note('another actor');
		expect(await clerk.ask.note('after')).to.equal('after');
		expect(await journal()).to.deep.equal(['once', 'other', 'after']);
		for (const messageId of ['', 'x'.repeat(300), 7 as unknown as string])
			expect(() => clerk.with({ messageId }))
				.to.throw()
				.with.property('code', 'ERR_BAD_OPTION');
		expect(() => near.ref('somebody').with({ messageId: 'x' }))
			.to.throw()
			.with.property('code', 'ERR_BAD_OPTION');
	});

	it('refuses what cannot travel, at the sender', async () => {
		const value = (() => 'a function') as unknown as string;
		expect(() => clerk.tell.note(value))
			.to.throw()
			.with.property('code', 'ERR_NOT_ENCODABLE');
		expect(await codeOf(clerk.send.note(value))).to.equal('ERR_NOT_ENCODABLE');
		expect(await codeOf(clerk.send.note('x'.repeat(2_000_000)))).to.equal('ERR_TOO_LARGE');
	});

	it('lets nothing be stashed, and says so', async () => {
		await hire();
		expect(await codeOf(clerk.ask.setAside())).to.equal('ERR_ACTOR_CRASHED');
		const [letter] = await stage.near.deadLetters.list({ actor: id });
		expect(letter?.failures[0]?.message).to.contain('durable mailbox');
	});

	it('is there for an actor without an ID of its own, too, but for a child', async () => {
		const clerk = await stage.near.spawn(Clerk, { args: { journal: id } });
		expect(await clerk.ask.note('here')).to.equal('here');
		await clerk.stop();
		await hire();
		expect(await codeOf(stage.near.ref(Clerk, id).ask.raise())).to.equal('ERR_BAD_OPTION');
	});

	it('is a matter of the class', async () => {
		const mailbox = Clerk.mailbox;
		expect(await codeOf(stage.near.spawn(Clerk, { id, mailbox: { ...mailbox }, args: { journal: id } }))).to.equal(
			'ERR_BAD_OPTION',
		);
	});
});
