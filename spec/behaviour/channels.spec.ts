/** Channels: what Go promises of them in one process, on any number of nodes. */

import { expect } from 'chai';
import { type ActorRef, type Channel, type ChannelOptions, select } from '../../index.ts';
import { Porter } from '../support/cast/channels.ts';
import type { Stage } from '../support/stage.ts';
import { onEveryStage } from '../support/stages.ts';

/** The code that it fails with; nothing when it does not. */
async function codeOf(failing: Promise<unknown>): Promise<string | undefined> {
	return failing.then(
		() => undefined,
		(error) => error.code,
	);
}

onEveryStage('a channel', (stage) => {
	for (const home of ['near', 'far'] as const) {
		describe(`that was made on the ${home} side`, () => channels(stage, home));
	}
	describe('that is durable, and was made on the far side', () => channels(stage, 'far', { durable: true }));
});

function channels(stage: Stage, home: 'near' | 'far', kind: ChannelOptions = {}): void {
	let porter: ActorRef<Porter>;

	beforeEach(async () => {
		porter = (await stage.spawn(Porter)).with({ timeout: '10s' });
	});

	/** A channel of which each side has a handle. */
	async function make(options: ChannelOptions = {}): Promise<Channel<unknown>> {
		const name = stage.id('channel');
		if (home === 'far') await porter.ask.open(name, { ...kind, ...options });
		const channel = await stage.near.channel(name, { ...kind, ...options });
		await porter.ask.open(name, {});
		return channel;
	}

	it('gives each value to one receiver, in the order of its sender, and ends when it is closed and drained', async () => {
		const channel = await make({ capacity: 10 });
		const all = Array.from({ length: 100 }, (_, n) => n);
		const sent = porter.ask.sendAtOnce(channel.name, all).then(() => porter.ask.close(channel.name));
		const got: unknown[] = [];
		for await (const value of channel) got.push(value);
		await sent;
		expect(got).to.deep.equal(all);
		expect(await channel.receive()).to.equal(undefined);
		expect(await porter.ask.receive(channel.name)).to.deep.equal([undefined]);
	});

	it('takes values up to its capacity, then makes a send wait until one is received', async () => {
		const channel = await make({ capacity: 2 });
		await channel.send('a');
		await porter.ask.send(channel.name, ['b']);
		expect(await channel.trySend('x')).to.equal(false);
		expect(await porter.ask.trySend(channel.name, 'x')).to.equal(false);
		let sent = false;
		const third = channel.send('c').then(() => {
			sent = true;
		});
		await stage.until(async () => (await channel.stat()).waiting.sends === 1);
		expect(sent).to.equal(false);
		expect(await porter.ask.receive(channel.name)).to.deep.equal(['a']);
		await third;
		expect(await porter.ask.receive(channel.name, 2)).to.deep.equal(['b', 'c']);
		expect(await channel.stat()).to.deep.include({ capacity: 2, length: 0, sent: 3, received: 3, closed: false });
	});

	it('without a capacity is a rendezvous: a send waits for its receive', async () => {
		const channel = await make();
		expect(await channel.trySend(1)).to.equal(false);
		expect(await channel.tryReceive()).to.equal(undefined);
		const sent = channel.send(1);
		await stage.until(async () => (await channel.stat()).waiting.sends === 1);
		expect((await channel.stat()).length).to.equal(0);
		expect(await porter.ask.receive(channel.name)).to.deep.equal([1]);
		await sent;
		const received = channel.receive();
		await stage.until(async () => (await channel.stat()).waiting.receives === 1);
		expect(await porter.ask.trySend(channel.name, 2)).to.equal(true);
		expect(await received).to.equal(2);
	});

	it('holds what a try has sent, whatever is tried and closed after that', async () => {
		const channel = await make({ capacity: 3 });
		expect(await porter.ask.trySend(channel.name, 'far')).to.equal(true);
		expect(await channel.trySend('near')).to.equal(true);
		expect(await porter.ask.trySend(channel.name, 'third')).to.equal(true);
		expect(await channel.trySend('too many')).to.equal(false);
		await channel.close();
		expect(await channel.stat()).to.deep.include({ length: 3, sent: 3, lost: 0 });
		expect(await porter.ask.receive(channel.name, 4)).to.deep.equal(['far', 'near', 'third', undefined]);
	});

	it('leaves no dead letter when it is made', async () => {
		await make();
		expect(stage.notes.filter(({ event }) => event === 'deadLetter')).to.deep.equal([]);
	});

	it('never has more values than it has room for, however quick its receivers are', async () => {
		const channel = await make({ capacity: 8 });
		await porter.ask.take(channel.name, 50);
		let most = 0;
		for (let n = 0; n < 50; n++) {
			await channel.send(n);
			most = Math.max(most, (await channel.stat()).length);
		}
		expect(most).to.be.at.most(8);
		await stage.until(async () => (await porter.ask.taken(channel.name)).length === 51);
		for (let n = 0; n < 8; n++) await channel.send(n);
		expect(await channel.trySend('x')).to.equal(false);
	});

	it('gives what a loop that pauses has not come for to others', async () => {
		const channel = await make({ capacity: 64 });
		for (let n = 0; n < 64; n++) await channel.send(n);
		let paused = (): void => {};
		const pause = new Promise<void>((resolve) => {
			paused = resolve;
		});
		let went = (): void => {};
		const goOn = new Promise<void>((resolve) => {
			went = resolve;
		});
		const slow: unknown[] = [];
		const loop = (async () => {
			for await (const value of channel) {
				slow.push(value);
				if (slow.length === 20) {
					paused();
					await goOn;
				}
			}
		})();
		await pause;
		const rest = Array.from({ length: 44 }, (_, n) => n + 20);
		expect(await porter.ask.receive(channel.name, 44)).to.deep.equal(rest);
		await channel.close();
		went();
		await loop;
		expect(slow).to.deep.equal(Array.from({ length: 20 }, (_, n) => n));
	});

	it('ends a loop’s wait when the loop is left, and loses no value by that', async () => {
		for (const redeliver of [false, true]) {
			const channel = await make({ capacity: 1, redeliver });
			const loop = channel[Symbol.asyncIterator]();
			const waiting = loop.next();
			await stage.until(async () => (await channel.stat()).waiting.receives === 1);
			await loop.return?.();
			expect(await waiting).to.deep.equal({ done: true, value: undefined });
			await porter.ask.send(channel.name, ['kept']);
			expect(await channel.receive()).to.equal('kept');
		}
	});

	it('fails sends once it is closed, those that wait too; receivers still get what it holds', async () => {
		const channel = await make({ capacity: 1 });
		await channel.send('held');
		const waiting = codeOf(channel.send('late'));
		const far = codeOf(porter.ask.send(channel.name, ['later']));
		await stage.until(async () => (await channel.stat()).waiting.sends === 2);
		await channel.close();
		await porter.ask.close(channel.name);
		expect(await waiting).to.equal('ERR_CHANNEL_CLOSED');
		expect(await far).to.equal('ERR_CHANNEL_CLOSED');
		expect(await codeOf(channel.send('x'))).to.equal('ERR_CHANNEL_CLOSED');
		expect(await codeOf(channel.trySend('x'))).to.equal('ERR_CHANNEL_CLOSED');
		expect(await channel.receive()).to.equal('held');
		expect(await channel.receive()).to.equal(undefined);
		expect(await channel.stat()).to.deep.include({ closed: true, aborted: false });
	});

	it('that is aborted drops what it holds, and fails all with the reason', async () => {
		const channel = await make({ capacity: 1 });
		await channel.send('held');
		const waiting = channel.send('late').catch((error) => error);
		await stage.until(async () => (await channel.stat()).waiting.sends === 1);
		await porter.ask.abort(channel.name, new RangeError('enough'));
		const error = await waiting;
		expect(error).to.include({ code: 'ERR_CHANNEL_ABORTED' });
		expect(error.cause).to.include({ message: 'enough' });
		expect(await codeOf(channel.receive())).to.equal('ERR_CHANNEL_ABORTED');
		expect(await codeOf(porter.ask.receive(channel.name))).to.equal('ERR_CHANNEL_ABORTED');
		expect(await channel.stat()).to.deep.include({ aborted: true, length: 0 });
	});

	it('lets a wait end by its timeout or signal, and nothing is lost or sent by that', async () => {
		const channel = await make({ capacity: 1 });
		const ending = new AbortController();
		const first = codeOf(channel.receive({ timeout: 10 }));
		const second = codeOf(channel.receive({ signal: ending.signal }));
		await stage.until(async () => (await channel.stat()).waiting.receives === 1);
		expect(await first).to.equal('ERR_RECEIVE_TIMEOUT');
		ending.abort();
		expect(await second).to.equal('ERR_ABORTED');
		expect(await codeOf(channel.receive({ signal: ending.signal }))).to.equal('ERR_ABORTED');
		await porter.ask.send(channel.name, ['one']);
		expect(await codeOf(channel.send('two', { timeout: 10 }))).to.equal('ERR_SEND_TIMEOUT');
		expect(await channel.receive()).to.equal('one');
		expect(await channel.tryReceive()).to.equal(undefined);
		expect((await channel.stat()).waiting).to.deep.equal({ sends: 0, receives: 0 });
	});

	it('shares its values among receivers on all nodes: each gets some, none gets another’s', async () => {
		const channel = await make({ capacity: 4 });
		await porter.ask.take(channel.name);
		const mine: unknown[] = [];
		const loop = (async () => {
			for await (const value of channel) mine.push(value);
		})();
		for (let n = 0; n < 200; n++) await channel.send(n);
		await channel.close();
		await loop;
		await stage.until(async () => (await porter.ask.taken(channel.name)).includes('end'));
		const theirs = (await porter.ask.taken(channel.name)).slice(0, -1);
		expect([...mine, ...theirs].sort((one, other) => Number(one) - Number(other))).to.deep.equal(
			Array.from({ length: 200 }, (_, n) => n),
		);
		expect(mine).to.deep.equal(mine.toSorted((one, other) => Number(one) - Number(other)));
		expect(theirs).to.deep.equal(theirs.toSorted((one, other) => Number(one) - Number(other)));
	});

	it('refuses options other than those it was made with, and what is no option', async () => {
		const channel = await make({ capacity: 3 });
		expect((await stage.near.channel(channel.name)).capacity).to.equal(3);
		expect(await codeOf(stage.near.channel(channel.name, { capacity: 4 }))).to.equal('ERR_BAD_OPTION');
		expect(await codeOf(stage.near.channel(channel.name, { redeliver: true }))).to.equal('ERR_BAD_OPTION');
		for (const bad of [{ capacity: -1 }, { capacity: 1.5 }, { size: 1 }, 3])
			expect(await codeOf(stage.near.channel(stage.id(), bad as never))).to.equal('ERR_BAD_OPTION');
		expect(await codeOf(stage.near.channel(''))).to.equal('ERR_BAD_ID');
	});

	it('refuses at the sender what cannot travel, and goes on with what was sent beside it', async () => {
		const channel = await make({ capacity: 3 });
		const sends = ['a', () => 'a function', 'c'].map((value) => codeOf(channel.send(value)));
		// Within a node values pass as they are.
		const travels = kind.durable || (home === 'far' && stage.name !== 'on one node');
		expect(await Promise.all(sends)).to.deep.equal([undefined, travels ? 'ERR_NOT_ENCODABLE' : undefined, undefined]);
		expect(await channel.receive()).to.equal('a');
	});

	it('counts, when it is asked, what was asked of it before', async () => {
		const channel = await make({ capacity: 10 });
		for (let n = 0; n < 5; n++) void channel.trySend(n);
		expect(await channel.stat()).to.deep.include({ length: 5, sent: 5 });
	});

	it('goes on when more than one message of sends was given up before it went out', async () => {
		const channel = await make();
		const giveUp = new AbortController();
		const given = Array.from({ length: 1_200 }, (_, n) => codeOf(channel.send(n, { signal: giveUp.signal })));
		const kept = channel.send('kept');
		giveUp.abort();
		expect(new Set(await Promise.all(given))).to.deep.equal(new Set(['ERR_ABORTED']));
		expect(await porter.ask.receive(channel.name)).to.deep.equal(['kept']);
		await kept;
	});

	describe('in a choice', () => {
		it('is chosen when it can give or take; the others are as they were', async () => {
			const [one, other] = [await make(), await make({ capacity: 1 })];
			await porter.ask.send(other.name, ['there']);
			expect(await select([one.receive(), other.receive()])).to.deep.equal({ index: 1, value: 'there', ok: true });
			expect(await select([one.receive(), other.send('back')])).to.deep.equal({
				index: 1,
				value: undefined,
				ok: true,
			});
			expect(await porter.ask.receive(other.name)).to.deep.equal(['back']);
			await stage.until(async () => (await one.stat()).waiting.receives === 0);
			expect(await one.stat()).to.deep.include({ received: 0 });
		});

		it('waits until one of them can, and then takes exactly one', async () => {
			const [one, other] = [await make({ capacity: 1 }), await make({ capacity: 1 })];
			const chosen = select([one.receive(), undefined, other.receive()]);
			await stage.until(async () => (await one.stat()).waiting.receives + (await other.stat()).waiting.receives === 2);
			await Promise.all([porter.ask.send(one.name, ['one']), porter.ask.send(other.name, ['other'])]);
			const { index, value } = await chosen;
			expect([0, 2]).to.include(index);
			expect(value).to.equal(index === 0 ? 'one' : 'other');
			expect(await (index === 0 ? other : one).receive()).to.equal(index === 0 ? 'other' : 'one');
		});

		it('that takes turns with another in a loop starves none of its cases', async () => {
			const channels = await Promise.all([make({ capacity: 1 }), make({ capacity: 1 }), make({ capacity: 1 })]);
			const [one, other, third] = channels as [Channel<unknown>, Channel<unknown>, Channel<unknown>];
			for (const channel of channels) await channel.send(0);
			const taken = [0, 0];
			for (let n = 0; n < 100; n++) {
				const { index } = await select([one.receive(), other.receive()]);
				taken[index] = (taken[index] ?? 0) + 1;
				await (index === 0 ? one : other).send(n);
				await select([third.receive(), undefined, one.send(0)], { timeout: 0 });
				await third.trySend(0);
			}
			// By chance alone, either is below this once in a hundred million runs.
			expect(Math.min(...taken)).to.be.above(20);
		});

		it('takes none when none can in time, or at once', async () => {
			const [one, other] = [await make(), await make()];
			const none = { index: -1, value: undefined, ok: false };
			expect(await select([one.receive(), other.send(1)], { timeout: 0 })).to.deep.equal(none);
			expect(await select([one.receive(), other.send(1)], { timeout: 5 })).to.deep.equal(none);
			expect(await select([undefined, null], { timeout: 0 })).to.deep.equal(none);
			await stage.until(async () => {
				const [{ waiting }, { waiting: more }] = [await one.stat(), await other.stat()];
				return waiting.receives + waiting.sends + more.receives + more.sends === 0;
			});
		});

		it('ends a receive of a closed channel, and fails with a send to one', async () => {
			const [one, other] = [await make(), await make()];
			await other.close();
			expect(await select([one.receive(), other.receive()])).to.deep.equal({ index: 1, value: undefined, ok: false });
			expect(await codeOf(select([one.receive(), other.send(1)]))).to.equal('ERR_CHANNEL_CLOSED');
		});

		it('meets other choices, from both sides at once, and nothing is done twice or by halves', async () => {
			const [one, other] = [await make(), await make()];
			const got: unknown[] = [];
			for (let n = 0; n < 20; n++) {
				const [theirs, mine] = await Promise.all([
					porter.ask.choose([one.name, other.name]),
					select([other.send(n), one.send(n)]),
				]);
				expect(theirs.value).to.equal(n);
				expect(theirs.index).to.equal(mine.index === 0 ? 1 : 0);
				got.push(theirs.value);
			}
			const [ones, others] = [await one.stat(), await other.stat()];
			expect(ones.sent + others.sent).to.equal(20);
			expect(ones.received + others.received).to.equal(20);
		});

		it('that is refused has done none of its operations', async () => {
			const [one, other] = [await make({ capacity: 1 }), await make({ capacity: 1 })];
			await one.send('kept');
			expect(() => select([one.receive(), other.send('never'), Promise.resolve(1)]))
				.to.throw()
				.with.property('code', 'ERR_BAD_OPTION');
			expect(await other.tryReceive()).to.equal(undefined);
			expect(await one.receive()).to.equal('kept');
		});

		it('fails with an operation that cannot begin, and the others do not happen', async () => {
			const [one, other] = [await make({ capacity: 1 }), await make({ capacity: 1 })];
			const signal = AbortSignal.abort('not wanted');
			expect(await codeOf(select([one.send('never'), other.receive({ signal })]))).to.equal('ERR_ABORTED');
			expect(await one.tryReceive()).to.equal(undefined);
		});

		it('refuses what is no fresh operation', async () => {
			const one = await make({ capacity: 1 });
			await one.send(1);
			const begun = one.receive();
			await begun;
			expect(() => select([begun]))
				.to.throw()
				.with.property('code', 'ERR_BAD_OPTION');
			expect(() => select([Promise.resolve(1)]))
				.to.throw()
				.with.property('code', 'ERR_BAD_OPTION');
		});
	});
}

onEveryStage('a channel whose values are confirmed', (stage) => {
	let porter: ActorRef<Porter>;

	beforeEach(async () => {
		porter = (await stage.spawn(Porter)).with({ timeout: '10s' });
	});

	it('gives a value that a loop left unconfirmed to others, as the first', async () => {
		const name = stage.id('channel');
		await porter.ask.open(name, { capacity: 5, redeliver: true });
		const channel = await stage.near.channel(name);
		await porter.ask.sendAtOnce(name, [1, 2, 3, 4]);
		for await (const value of channel) if (value === 2) break;
		expect(await porter.ask.receive(name, 3)).to.deep.equal([2, 3, 4]);
	});

	it('ends only when nothing can come back', async () => {
		const name = stage.id('channel');
		await porter.ask.open(name, { capacity: 5, redeliver: true });
		const channel = await stage.near.channel<number>(name);
		await channel.send(1);
		await channel.close();
		expect(await channel.receive()).to.equal(1);
		await porter.ask.take(name);
		await stage.until(async () => (await channel.stat()).waiting.receives === 1);
		channel.confirm();
		await stage.until(async () => (await porter.ask.taken(name)).length === 1);
		expect(await porter.ask.taken(name)).to.deep.equal(['end']);
	});
});

onEveryStage('a channel whose receiver’s node dies', { apart: true, heartbeat: 200, lease: 2_000 }, (stage) => {
	it('gives others what it had not confirmed; what a loop had been given ahead is lost, and counted', async () => {
		const porter = await stage.spawn(Porter);
		const [kept, plain] = [stage.id('channel'), stage.id('channel')];
		const confirmed = await stage.near.channel(kept, { capacity: 10, redeliver: true });
		const channel = await stage.near.channel(plain, { capacity: 64 });
		for (let n = 0; n < 5; n++) await confirmed.send(n);
		for (let n = 0; n < 64; n++) await channel.send(n);
		await porter.ask.receive(kept, 2);
		await porter.ask.hold(plain, 20);
		await stage.until(async () => (await porter.ask.taken(plain)).length === 20);
		await stage.killFar();
		expect(await take(confirmed, 4)).to.deep.equal([2, 3, 4, 1]); // the one that comes back comes when its node is known to be gone
		await stage.until(async () => (await channel.stat()).lost > 0);
		const { received, lost, length } = await channel.stat();
		expect(received + lost + length).to.equal(64);
		const rest = Array.from({ length }, (_, n) => n + 64 - length);
		expect(await take(channel, length)).to.deep.equal(rest);
	});
});

onEveryStage('a durable channel whose home dies', { apart: true, heartbeat: 200, lease: 2_000 }, (stage) => {
	it('is had again with what it held, in order', async () => {
		const porter = await stage.spawn(Porter);
		const name = stage.id('channel');
		const options = { capacity: 1_000, durable: true };
		await porter.ask.open(name, options);
		const channel = await stage.near.channel(name);
		await Promise.all(Array.from({ length: 500 }, (_, n) => channel.send(n)));
		expect(await porter.ask.receive(name, 3)).to.deep.equal([0, 1, 2]);
		await stage.killFar();
		await stage.until(async () => (await codeOf(channel.stat())) === 'ERR_NODE_DOWN', 20_000);
		let again: Channel<unknown> | undefined;
		await stage.until(async () => {
			again = await stage.near.channel(name, options).catch(() => undefined);
			return again !== undefined;
		}, 20_000);
		expect(await take(again as Channel<unknown>, 497)).to.deep.equal(Array.from({ length: 497 }, (_, n) => n + 3));
	});
});

onEveryStage('a channel whose home dies', { apart: true, heartbeat: 200, lease: 2_000 }, (stage) => {
	it('fails all that wait with ERR_NODE_DOWN, and is made anew by who asks for it', async () => {
		const porter = await stage.spawn(Porter);
		const name = stage.id('channel');
		await porter.ask.open(name, { capacity: 1 });
		const channel = await stage.near.channel(name);
		const waiting = codeOf(channel.receive());
		await stage.until(async () => (await channel.stat()).waiting.receives === 1);
		await stage.killFar();
		expect(await waiting).to.equal('ERR_NODE_DOWN');
		expect(await codeOf(channel.send(1))).to.equal('ERR_NODE_DOWN');
		expect(await codeOf(channel.stat())).to.equal('ERR_NODE_DOWN');
		expect(await codeOf(select([channel.receive()]))).to.equal('ERR_NODE_DOWN');
		let anew: Channel<unknown> | undefined;
		await stage.until(async () => {
			anew = await stage.near.channel(name, { capacity: 3 }).catch(() => undefined);
			return anew !== undefined;
		}, 20_000);
		await anew?.send('there');
		expect(await anew?.receive()).to.equal('there');
	});
});

/** The next values, each of which must come. */
async function take(channel: Channel<unknown>, count: number): Promise<unknown[]> {
	const got: unknown[] = [];
	while (got.length < count) got.push(await channel.receive({ timeout: '20s' }));
	return got;
}
