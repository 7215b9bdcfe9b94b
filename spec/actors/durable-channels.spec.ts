/** Channels that outlive the nodes they live on: what they held is there when they are asked for again. */

import { expect } from 'chai';
import { type ActorSystem, type Channel, select } from '../../index.ts';
import { Lab } from '../support/lab.ts';

describe('a durable channel', () => {
	let lab: Lab;
	let a: ActorSystem;
	let b: ActorSystem;

	beforeEach(async () => {
		lab = new Lab();
		[a, b] = [await lab.node({ node: 'a' }), await lab.node({ node: 'b' })];
	});

	afterEach(() => lab.close());

	const open = (system: ActorSystem, options = {}): Promise<Channel<string>> =>
		lab.during(system.channel<string>('work', { capacity: 100, durable: true, ...options }));
	const send = async (channel: Channel<string>, ...values: readonly string[]): Promise<void> => {
		await lab.during(Promise.all(values.map((value) => channel.send(value))));
	};
	const receive = async (channel: Channel<string>, count: number): Promise<unknown[]> => {
		const values: unknown[] = [];
		for (let n = 0; n < count; n++) values.push(await lab.during(channel.receive()));
		return values;
	};
	/** Its node dies, and somebody else asks for it. */
	async function crash(options = {}): Promise<Channel<string>> {
		lab.crash(a);
		await lab.pass(20_000);
		return open(b, options);
	}

	it('has what it held when its node has died: all that was sent and not received, in order', async () => {
		const first = await open(a);
		await send(first, ...Array.from({ length: 20 }, (_, n) => `${n}`));
		expect(await receive(await open(b), 5)).to.deep.equal(['0', '1', '2', '3', '4']);
		const second = await crash();
		expect(await lab.during(second.stat())).to.deep.include({ length: 15, closed: false, sent: 15, received: 0 });
		await send(second, 'last');
		expect(await receive(second, 16)).to.deep.equal([...Array.from({ length: 15 }, (_, n) => `${n + 5}`), 'last']);
	});

	it('with redeliver, gives again what was not confirmed', async () => {
		const options = { redeliver: true };
		const first = await open(a, options);
		await send(first, 'confirmed', 'in hand', 'held');
		expect(await receive(first, 2)).to.deep.equal(['confirmed', 'in hand']); // to come for the next confirms
		await lab.pass(100);
		const second = await crash(options);
		expect(await receive(second, 2)).to.deep.equal(['in hand', 'held']);
	});

	it('that redelivers goes on by itself when its home has died: with who waits, who sends, and who loops', async () => {
		const options = { redeliver: true, capacity: 4 };
		await open(a, options);
		const c = await lab.node({ node: 'c' });
		const [sender, receiver] = [await open(b, options), await open(c, options)];
		const got: string[] = [];
		const loop = (async () => {
			for await (const value of receiver) got.push(value);
		})();
		await send(sender, '0', '1', '2');
		await lab.pass(100);
		lab.crash(a);
		const waiting = ['3', '4', '5', '6', '7', '8', '9'].map((value) => sender.send(value));
		const asked = sender.stat();
		await lab.pass(30_000);
		await lab.during(Promise.all(waiting));
		expect(await lab.during(asked)).to.include({ closed: false });
		await send(sender, 'last');
		await lab.during(sender.close());
		await lab.during(loop);
		// What the loop had in hand when the home died comes again.
		expect([...new Set(got)]).to.deep.equal([...Array.from({ length: 10 }, (_, n) => `${n}`), 'last']);
		expect(got.length - new Set(got).size).to.be.at.most(1);
	});

	it('that redelivers, and whose system stops while it is looked for, fails who waits', async () => {
		const options = { redeliver: true };
		await open(a, options);
		const channel = await open(b, options);
		const waiting = channel.receive().catch((error) => error.code);
		const late = channel.receive({ timeout: '2s' }).catch((error) => error.code);
		await lab.pass(100);
		lab.crash(a);
		await lab.pass(3_000);
		expect(await lab.during(late)).to.equal('ERR_RECEIVE_TIMEOUT');
		await lab.during(b.stop());
		expect(await lab.during(waiting)).to.equal('ERR_SYSTEM_STOPPED');
	});

	it('is closed still, or aborted', async () => {
		const first = await open(a);
		await send(first, 'held');
		await lab.during(first.close());
		const second = await crash();
		expect(await lab.during(second.send('more').catch((error) => error.code))).to.equal('ERR_CHANNEL_CLOSED');
		expect(await receive(second, 2)).to.deep.equal(['held', undefined]);
	});

	it('that was aborted has the reason', async () => {
		const first = await open(a);
		await send(first, 'dropped');
		await lab.during(first.abort(new RangeError('no more')));
		const second = await crash();
		const error = await lab.during(second.receive().catch((error) => error));
		expect(error).to.include({ code: 'ERR_CHANNEL_ABORTED' });
		expect(error.message).to.include('no more');
	});

	it('outlives all nodes', async () => {
		const first = await open(a);
		await send(first, 'kept');
		lab.crash(a);
		lab.crash(b);
		await lab.pass(30_000);
		const later = await lab.node({ node: 'later' });
		expect(await receive(await open(later), 1)).to.deep.equal(['kept']);
	});

	it('that has been drained and closed is forgotten when its node leaves', async () => {
		const first = await open(a);
		await send(first, 'taken');
		await lab.during(first.close());
		expect(await receive(first, 2)).to.deep.equal(['taken', undefined]);
		await lab.during(a.stop());
		const second = await open(b);
		await send(second, 'new');
		expect(await receive(second, 1)).to.deep.equal(['new']);
	});

	it('keeps no more in its log than it holds, and little beside it', async () => {
		const channel = await open(a);
		await send(channel, 'old');
		for (let n = 0; n < 50; n++) {
			await send(channel, `${n}`);
			await receive(channel, 1);
		}
		await lab.pass(1_000);
		const records = [...(await lab.stream('channels')).values()];
		expect(records.reduce((sum, count) => sum + count, 0)).to.be.below(8);
	});

	it('resolves a send when its value is stored, and not before', async () => {
		const channel = await open(a);
		lab.bus.stop();
		let sent = false;
		const sending = channel.send('later').then(() => {
			sent = true;
		});
		await lab.pass(500);
		expect(sent).to.equal(false);
		lab.bus.start();
		await lab.during(sending);
		expect(await receive(channel, 1)).to.deep.equal(['later']);
	});

	it('has its place in a choice, and takes what it can keep', async () => {
		const channel = await open(a);
		const other = await lab.during(a.channel<string>('other', { capacity: 1 }));
		expect(await lab.during(select([other.receive(), channel.send('chosen')]))).to.include({ index: 1 });
		expect(await lab.during(select([other.receive(), channel.receive()]))).to.include({ index: 1, value: 'chosen' });
		const code = (value: unknown): Promise<unknown> =>
			lab.during(channel.send(value as string).catch((error) => error.code));
		expect(await code(() => 'a function')).to.equal('ERR_NOT_ENCODABLE');
		expect(await code('x'.repeat(2_000_000))).to.equal('ERR_TOO_LARGE');
		const mixed = await lab.during(a.channel('work', { durable: false }).catch((error) => error.code));
		expect(mixed).to.equal('ERR_BAD_OPTION');
	});

	it('ends where another goes on with it: what its node still accepts is not lost without a word', async () => {
		const channel = await open(a);
		await send(channel, 'kept');
		lab.isolate(a);
		await lab.pass(20_000);
		const outcome = channel.send('never').then(
			() => 'sent',
			(error) => error.code,
		);
		const second = await open(b);
		expect(await receive(second, 1)).to.deep.equal(['kept']);
		lab.bus.heal();
		await lab.pass(20_000);
		expect(await outcome).to.be.oneOf(['ERR_STOPPED', 'ERR_NODE_DOWN', 'ERR_SYSTEM_STOPPED']);
		expect(await lab.during(second.stat())).to.deep.include({ length: 0 });
	});
});
