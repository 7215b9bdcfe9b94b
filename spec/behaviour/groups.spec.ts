/** Groups: actors of one class on any nodes, called by one name. */

import { expect } from 'chai';
import { Actor, type ActorRef } from '../../index.ts';
import { Hand } from '../support/cast/groups.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a group', (stage) => {
	/** Members on either side, and the group's name. */
	async function company(far: number, near = 0): Promise<{ readonly name: string; readonly hands: ActorRef<Hand>[] }> {
		const name = stage.id('group');
		const hands: ActorRef<Hand>[] = [];
		for (let n = 0; n < far + near; n++) {
			const hand = await (n < far
				? stage.spawn(Hand, { id: stage.id('hand') })
				: stage.spawnNear(Hand, { id: stage.id('hand') }));
			await hand.ask.join(name);
			hands.push(hand);
		}
		await stage.near.group(Hand, name).atLeast(far + near);
		return { name, hands };
	}

	it('has those who joined it, on whatever node, until they leave or end', async () => {
		const { name, hands } = await company(2, 1);
		const group = stage.near.group(Hand, name);
		const ids = (): string[] => group.members().map(({ ref }) => ref.id);
		expect(ids().sort()).to.deep.equal(hands.map(({ id }) => id).sort());
		await hands[0]?.ask.leave(name);
		await stage.until(() => group.members().length === 2);
		await hands[1]?.stop();
		await stage.until(() => group.members().length === 1);
		expect(ids()).to.deep.equal([hands[2]?.id]);
	});

	it('sends each message to one member: each in its turn, by chance, by its key, or to the one with the least to do', async () => {
		const { name, hands } = await company(3);
		const calls = async (
			group: { ask: { work(n: number): Promise<string> } },
			keys: readonly number[],
		): Promise<string[]> => Promise.all(keys.map((n) => group.ask.work(n)));
		const count = (all: readonly string[]): number[] => hands.map(({ id }) => all.filter((one) => one === id).length);
		const numbers = Array.from({ length: 300 }, (_, n) => n);
		expect(count(await calls(stage.near.group(Hand, name), numbers))).to.deep.equal([100, 100, 100]);
		for (const part of count(await calls(stage.near.group(Hand, name, { route: 'random' }), numbers)))
			expect(part).to.be.within(50, 150);
		const hashed = stage.near.group(Hand, name, { route: { hash: (n: number) => n % 50 } });
		const [first, second] = [await calls(hashed, numbers), await calls(hashed, numbers)];
		expect(first).to.deep.equal(second);
		for (let n = 50; n < 300; n++) expect(first[n]).to.equal(first[n % 50]);
		for (const part of count(first)) expect(part).to.be.within(30, 200);
	});

	it('moves few keys when a member goes', async () => {
		const { name, hands } = await company(4);
		const group = stage.near.group(Hand, name, { route: { hash: (n: number) => n } });
		const numbers = Array.from({ length: 200 }, (_, n) => n);
		const before = await Promise.all(numbers.map((n) => group.ask.work(n)));
		await hands[3]?.stop();
		await stage.until(() => group.members().length === 3);
		const after = await Promise.all(numbers.map((n) => group.ask.work(n)));
		for (const n of numbers) if (before[n] !== hands[3]?.id) expect(after[n]).to.equal(before[n]);
	});

	it('spares a member that is busy', async () => {
		const { name, hands } = await company(2);
		const group = stage.near.group(Hand, name, { route: 'least-loaded' });
		const gate = stage.id('gate');
		hands[0]?.tell.hang(gate);
		for (let n = 0; n < 20; n++) hands[0]?.tell.work(n);
		await stage.arrived(gate);
		// A far node says once a second what waits there.
		let idle = 0;
		await stage.until(async () => {
			const who = await group
				.with({ timeout: 50 })
				.ask.who()
				.catch(() => undefined);
			idle = who === hands[1]?.id ? idle + 1 : 0;
			return idle >= 5;
		});
		await stage.open(gate);
	});

	it('broadcasts to all of them', async () => {
		const { name, hands } = await company(2, 1);
		stage.near.group(Hand, name).broadcast.work(7);
		for (const hand of hands) await stage.until(async () => (await hand.ask.done()).includes(7));
	});

	it('gathers what is wanted of the replies: all, the first, a quorum', async () => {
		const { name, hands } = await company(3);
		const group = stage.near.group(Hand, name);
		const ids = hands.map(({ id }) => id).sort();
		expect([...(await group.scatter().who())].sort()).to.deep.equal(ids);
		expect(await group.scatter({ gather: 'first' }).who()).to.have.length(1);
		const gate = stage.id('gate');
		hands[0]?.tell.hang(gate);
		expect([...(await group.scatter({ gather: 'quorum' }).who())].sort()).to.deep.equal(
			[hands[1]?.id, hands[2]?.id].sort(),
		);
		const late = await group
			.scatter({ gather: 'all', timeout: 50 })
			.who()
			.catch((error) => error);
		expect(late).to.include({ code: 'ERR_NO_QUORUM' });
		expect(late.cause).to.include({ code: 'ERR_ASK_TIMEOUT' });
		await stage.open(gate);
		expect(
			await group
				.scatter({ gather: 4 })
				.who()
				.catch(({ code }) => code),
		).to.equal('ERR_NO_MEMBER');
	});

	it('fails at once while it is empty, with ERR_NO_MEMBER and a dead letter, or waits for a member, as it is told', async () => {
		const name = stage.id('group');
		const failing = stage.near.group(Hand, name);
		expect(await failing.ask.who().catch(({ code }) => code)).to.equal('ERR_NO_MEMBER');
		failing.tell.work(1);
		await stage.noted({ event: 'deadLetter', reason: 'no-member', message: 'work' });
		const waiting = stage.near.group(Hand, name, { empty: 'wait' }).ask.who();
		const hand = await stage.spawn(Hand, { id: stage.id('hand') });
		await hand.ask.join(name);
		expect(await waiting).to.equal(hand.id);
	});

	it('gives back a send that was given up while no member was there', async () => {
		const name = stage.id('group');
		const group = stage.near.group(Hand, name, { empty: 'wait' });
		expect(
			await group
				.with({ timeout: 20 })
				.send.work(13)
				.catch(({ code }) => code),
		).to.equal('ERR_SEND_TIMEOUT');
		const hand = await stage.spawn(Hand, { id: stage.id('hand') });
		await hand.ask.join(name);
		expect(await group.ask.work(14)).to.equal(hand.id);
		expect(await hand.ask.done()).to.deep.equal([14]);
	});

	it('keeps a member that two nodes have entered, until both let it go', async () => {
		const name = stage.id('group');
		const hand = await stage.spawn(Hand, { id: stage.id('hand') });
		await hand.ask.join(name);
		const group = stage.near.group(Hand, name);
		await group.join(hand);
		expect(group.members()).to.have.length(1);
		await hand.ask.leave(name);
		await group.leave(hand);
		await stage.until(() => group.members().length === 0);
	});

	it('refuses who is of another class, and what is no option', async () => {
		class Other extends Actor {
			static readonly kind = 'other-hand';
		}
		const other = await stage.spawnNear(Other);
		const group = stage.near.group(Hand, stage.id('group'));
		expect(await group.join(other as never).catch(({ code }) => code)).to.equal('ERR_BAD_OPTION');
		expect(() => stage.near.group(Hand, 'x', { route: 'best' as never }))
			.to.throw('route')
			.with.property('code', 'ERR_BAD_OPTION');
		expect(() => stage.near.group(Hand, ''))
			.to.throw()
			.with.property('code', 'ERR_BAD_ID');
		expect(group).not.to.have.property('then');
	});
});

onEveryStage('a group across nodes', { apart: true, heartbeat: 300, lease: 1_500 }, (stage) => {
	it('loses the members of a node that dies', async () => {
		const name = stage.id('group');
		const [far, near] = [
			await stage.spawn(Hand, { id: stage.id('hand') }),
			await stage.spawnNear(Hand, { id: stage.id('hand') }),
		];
		await Promise.all([far.ask.join(name), near.ask.join(name)]);
		const group = stage.near.group(Hand, name);
		await group.atLeast(2);
		await stage.killFar();
		await stage.until(() => group.members().length === 1, 15_000);
		expect(await group.ask.who()).to.equal(near.id);
	});
});
