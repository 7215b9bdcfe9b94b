/** Topics: what is published, all who have subscribed get, on whatever nodes. */

import { expect } from 'chai';
import type { ActorRef, Subscription } from '../../index.ts';
import { Reader } from '../support/cast/groups.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a topic', (stage) => {
	let far: ActorRef<Reader>;

	beforeEach(async () => {
		far = await stage.spawn(Reader);
	});

	async function some<T>(subscription: Subscription<T>, count: number): Promise<T[]> {
		const got: T[] = [];
		for await (const value of subscription) if (got.push(value) === count) break;
		return got;
	}

	it('gives each value to every subscriber, on whatever node, in the order of its publisher', async () => {
		const name = stage.id('prices');
		await far.ask.subscribe(name);
		const topic = stage.near.topic<number>(name);
		const [one, other] = [topic.subscribe(), topic.subscribe()];
		await Promise.all([one.ready, other.ready]);
		const values = Array.from({ length: 200 }, (_, n) => n);
		for (const n of values) topic.publish(n);
		expect(await some(one, 200)).to.deep.equal(values);
		expect(await some(other, 200)).to.deep.equal(values);
		await stage.until(async () => (await far.ask.all()).length === 200);
		expect(await far.ask.all()).to.deep.equal(values.map((n) => [name, n]));
		const third = topic.subscribe();
		await third.ready;
		await far.ask.publish(name, ['from afar']);
		expect(await some(third as never, 1)).to.deep.equal(['from afar']);
	});

	it('means by a pattern what NATS does: one token, or all the rest', async () => {
		const name = stage.id('stock');
		const all = stage.near.topic<number>(name);
		const got = { below: [] as string[], star: [] as string[], rest: [] as string[] };
		const listen = (into: keyof typeof got) => (_: number, subject: string) =>
			void got[into].push(subject.slice(name.length + 1));
		const subscriptions = [
			all.subscribe(listen('below')),
			stage.near.topic<number>(`${name}.*.usd`).subscribe(listen('star')),
			stage.near.topic<number>(`${name}.eur.>`).subscribe(listen('rest')),
		];
		const byKey = all.subscribe('chf');
		await Promise.all(subscriptions.map(({ ready }) => ready));
		await far.ask.publish(`${name}.eur.usd`, [1]);
		await far.ask.publish(`${name}.chf`, [2]);
		await far.ask.publish(`${name}.eur`, [3]);
		await stage.until(() => got.below.length === 3);
		expect(got).to.deep.equal({ below: ['eur.usd', 'chf', 'eur'], star: ['eur.usd'], rest: ['eur.usd'] });
		expect(await some(byKey, 1)).to.deep.equal([2]);
		all.publish(4, { key: 'eur.usd' });
		await stage.until(() => got.star.length === 2);
		for (const subscription of subscriptions) subscription.close();
	});

	it('lets a slow subscriber lose the oldest, or the newest, and no other wait for it', async () => {
		const topic = stage.near.topic<number>(stage.id('flood'));
		const [slow, stubborn, quick] = [
			topic.subscribe({ capacity: 3 }),
			topic.subscribe({ capacity: 3, overflow: 'drop-newest' }),
			topic.subscribe(),
		];
		await quick.ready;
		for (let n = 0; n < 10; n++) topic.publish(n);
		expect(await some(quick, 10)).to.have.length(10);
		expect([slow.dropped, stubborn.dropped]).to.deep.equal([7, 7]);
		expect(await some(slow, 3)).to.deep.equal([7, 8, 9]);
		expect(await some(stubborn, 3)).to.deep.equal([0, 1, 2]);
	});

	it('tells who comes late the last values, of all publishers, and then what comes, nothing twice', async () => {
		const name = stage.id('news');
		await far.ask.publish(name, ['a', 'b', 'c'], 2);
		const topic = stage.near.topic<string>(name, { retain: 5 });
		topic.publish('d');
		const late = topic.subscribe({ last: 3 });
		topic.publish('e');
		await late.ready;
		topic.publish('f');
		const got = await some(late, 5);
		expect(got.slice(0, 3).sort()).to.deep.equal(['b', 'c', 'd']);
		expect(got.slice(3)).to.deep.equal(['e', 'f']);
	});

	it('forgets an actor that has ended, and a subscription that was closed', async () => {
		const name = stage.id('ends');
		await far.ask.subscribe(name);
		await far.stop();
		const topic = stage.near.topic<number>(name);
		const closed = topic.subscribe();
		await closed.ready;
		topic.publish(1);
		closed.close();
		topic.publish(2);
		expect(await some(closed, 5)).to.deep.equal([1]);
		// What it has not heard in time would be a dead letter: the books are looked at behind each test.
		await stage.until(() => stage.near.stats().pending === 0);
	});

	it('lets who awaits its sends not outrun the nodes of the subscribers', async () => {
		const name = stage.id('sends');
		await far.ask.subscribe(name);
		const topic = stage.near.topic<number>(name);
		for (let n = 0; n < 100; n++) await topic.send(n);
		await stage.until(async () => (await far.ask.all()).length === 100);
	});

	it('reports a listener that fails, in time or at once, and goes on with the others', async () => {
		const topic = stage.near.topic<number>(stage.id('failing'));
		const got: number[] = [];
		const all = [
			topic.subscribe(async () => Promise.reject(new Error('in time'))),
			topic.subscribe(() => {
				throw new Error('at once');
			}),
			topic.subscribe((n) => got.push(n)),
		];
		await Promise.all(all.map(({ ready }) => ready));
		topic.publish(1);
		expect(got).to.deep.equal([1]);
		for (const error of ['in time', 'at once']) await stage.noted({ event: 'warning', code: 'LISTENER_FAILED', error });
		for (const subscription of all) subscription.close();
	});

	it('answers calls of next in their order', async () => {
		const topic = stage.near.topic<number>(stage.id('next'));
		const subscription = topic.subscribe();
		await subscription.ready;
		const iterator = subscription[Symbol.asyncIterator]();
		const both = [iterator.next(), iterator.next()];
		topic.publish(1);
		topic.publish(2);
		expect((await Promise.all(both)).map(({ value }) => value)).to.deep.equal([1, 2]);
		subscription.close();
	});

	it('refuses to publish to a pattern, and what is no name', () => {
		expect(() => stage.near.topic('a.*').publish(1))
			.to.throw('wildcards')
			.with.property('code', 'ERR_BAD_OPTION');
		expect(() => stage.near.topic('a..b'))
			.to.throw()
			.with.property('code', 'ERR_BAD_OPTION');
		expect(() => stage.near.topic('a.>.b'))
			.to.throw()
			.with.property('code', 'ERR_BAD_OPTION');
		expect(() => stage.near.topic('a').subscribe({ capacity: 0 }))
			.to.throw('capacity')
			.with.property('code', 'ERR_BAD_OPTION');
	});

	it('ends with its system: loops end, and nothing is left that fails', async () => {
		const topic = stage.near.topic<number>(stage.id('ends'), { retain: 2 });
		const loop = (async () => {
			for await (const _ of topic.subscribe({ last: 3 }));
		})();
		await stage.stopNear();
		await loop;
	});
});
