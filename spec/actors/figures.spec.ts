/** What the ready-made parts tell of themselves, each second: the event `metrics`. */

import { expect } from 'chai';
import { Actor, ActorSystem, durable, type Metrics, resume } from '../../index.ts';
import { VirtualClock } from '../../testkit.ts';

class Worker extends Actor {
	static readonly kind = 'figures.worker';
	static readonly mailbox = durable({ maxDeliver: 2, backoff: [1] });
	static readonly supervision = resume();

	work(fail: boolean): void {
		if (fail) throw new Error('failed');
	}
}

describe('the event metrics', () => {
	let clock: VirtualClock;
	let system: ActorSystem;
	const told = new Map<string, Metrics['values']>();

	beforeEach(async () => {
		clock = new VirtualClock();
		system = await ActorSystem.start({ clock, log: { debug() {}, info() {}, warn() {}, error() {} } });
		told.clear();
		system.events.on('metrics', ({ kind, name, values }) => told.set(`${kind} ${name}`, values));
	});

	afterEach(() => during(system.stop()));

	async function during<T>(work: Promise<T>): Promise<T> {
		let over = false;
		const end = (): void => {
			over = true;
		};
		work.then(end, end);
		while (!over) await clock.advance(10);
		return work;
	}

	it('has those of a channel, on the node where it lives', async () => {
		const channel = await during(system.channel<number>('values', { capacity: 3 }));
		for (const value of [1, 2, 3]) await channel.send(value);
		void channel.send(4);
		await channel.receive();
		await clock.advance(1_500);
		expect(told.get('channel values')).to.deep.equal({
			length: 3,
			sent: 4,
			received: 1,
			lost: 0,
			'waiting to send': 0,
			'waiting to receive': 0,
		});
	});

	it('has those of a durable mailbox, on the node of its actor', async () => {
		const worker = await during(system.spawn(Worker, { id: 'worker' }));
		for (const fail of [false, true, false]) worker.tell.work(fail);
		await during(worker.ask.work(false));
		await clock.advance(1_500);
		expect(told.get('mailbox worker')).to.deep.equal({ handled: 3, failed: 2, dead: 1, values: 0 });
		await during(worker.stop());
		told.clear();
		await clock.advance(1_500);
		expect([...told.keys()]).to.deep.equal([]);
	});
});
