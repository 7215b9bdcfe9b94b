/** What only the memory bus can do: faults on request, with virtual time and a seed. */

import { expect } from 'chai';
import { VirtualClock } from '../../runtime/core/clock.ts';
import {
	connectMemory,
	type Faults,
	type MemoryBus,
	type MemoryTransport,
	memoryBus,
} from '../../runtime/transport/memory.ts';

const bytes = (text: string) => Buffer.from(text);

describe('a memory bus', () => {
	let clock: VirtualClock;
	let bus: MemoryBus;
	let a: MemoryTransport;
	let b: MemoryTransport;
	let tests = 0;

	beforeEach(() => {
		clock = new VirtualClock({ seed: 7 });
		bus = memoryBus(`lab-${++tests}`);
		[a, b] = [bus.connect({ clock, name: 'a' }), bus.connect({ clock, name: 'b' })];
	});
	afterEach(() => bus.close());

	/** What arrives at `transport`, with the time of its arrival. */
	function listen(transport: MemoryTransport, subject = 'news'): { heard: string[]; times: number[] } {
		const log = { heard: [] as string[], times: [] as number[] };
		transport.subscribe(subject, (data) => {
			log.heard.push(Buffer.from(data).toString());
			log.times.push(clock.now());
		});
		return log;
	}

	function publish(count: number, from = a): void {
		for (let n = 0; n < count; n++) from.publish('news', bytes(String(n)));
	}

	/** What arrives of 200 messages on a bus with these faults, for one seed. */
	async function outcome(faults: Faults, seed: number): Promise<{ heard: string[]; times: number[] }> {
		clock = new VirtualClock({ seed });
		const other = memoryBus(`outcome-${++tests}`);
		other.faults(faults);
		const log = listen(other.connect({ clock, name: 'b' }));
		publish(200, other.connect({ clock, name: 'a' }));
		await clock.advance(10_000);
		await other.close();
		return log;
	}

	describe('with faults', () => {
		it('loses about as many messages as told', async () => {
			expect((await outcome({ loss: 0.3 }, 1)).heard.length).to.be.within(110, 170);
			expect((await outcome({ loss: 0 }, 1)).heard).to.have.length(200);
			expect((await outcome({ loss: 1 }, 1)).heard).to.have.length(0);
		});

		it('does the same for the same seed, and something else for another', async () => {
			const faults: Faults = { loss: 0.3, duplicate: 0.2, delay: [1, 50] };
			const first = await outcome(faults, 1);
			expect(await outcome(faults, 1)).to.deep.equal(first);
			expect(await outcome(faults, 2)).not.to.deep.equal(first);
		});

		it('delivers some messages twice', async () => {
			const { heard } = await outcome({ duplicate: 0.5 }, 1);
			expect(heard.length).to.be.within(260, 340);
			expect(new Set(heard).size).to.equal(200);
		});

		it('delays messages by as much as told', async () => {
			bus.faults({ delay: 40 });
			const log = listen(b);
			publish(3);
			await clock.advance(39);
			expect(log.heard).to.deep.equal([]);
			await clock.advance(1);
			expect(log.times).to.deep.equal([40, 40, 40]);
		});

		it('keeps the order of each pair, however the delays fall, and when they end', async () => {
			const log = listen(b);
			bus.faults({ delay: [1, 100] });
			publish(50);
			await clock.advance(10);
			bus.faults({});
			for (let n = 50; n < 60; n++) a.publish('news', bytes(String(n)));
			await clock.advance(200);
			expect(log.heard).to.deep.equal(Array.from({ length: 60 }, (_, n) => String(n)));
		});

		it('lets one pair overtake another', async () => {
			const log = listen(b);
			bus.faults({ delay: 50 });
			a.publish('news', bytes('slow'));
			await clock.advance(1);
			bus.faults({});
			bus.connect({ clock, name: 'c' }).publish('news', bytes('fast'));
			await clock.advance(100);
			expect(log.heard).to.deep.equal(['fast', 'slow']);
		});

		it('refuses faults that make no sense', () => {
			for (const faults of [
				{ loss: 2 },
				{ loss: Number.NaN },
				{ duplicate: -1 },
				{ delay: -1 },
				{ delay: [5, 1] as const },
			])
				expect(() => bus.faults(faults))
					.to.throw()
					.with.property('code', 'ERR_BAD_OPTION');
		});
	});

	describe('with a partition', () => {
		it('drops what would cross it, both ways, and nothing else', async () => {
			const c = bus.connect({ clock, name: 'c' });
			const logs = [a, b, c].map((client) => listen(client));
			bus.partition('a', ['b']);
			for (const client of [a, b, c]) client.publish('news', bytes(client.name));
			await clock.advance(0);
			expect(logs.map(({ heard }) => heard.join())).to.deep.equal(['a,c', 'b,c', 'a,b,c']);
		});

		it('makes probes across it silent, although somebody listens', async () => {
			listen(b);
			bus.partition(['a'], ['b']);
			const probe = a.probe('news', 500);
			await clock.advance(499);
			let settled = false;
			void probe.then(() => {
				settled = true;
			});
			await clock.advance(0);
			expect(settled).to.equal(false);
			await clock.advance(1);
			expect(await probe).to.equal('silent');
		});

		it('drops what is under way when it begins', async () => {
			const log = listen(b);
			bus.faults({ delay: 10 });
			publish(1);
			bus.partition('a', 'b');
			await clock.advance(20);
			bus.heal();
			publish(1);
			await clock.advance(20);
			expect(log.times).to.deep.equal([30]);
		});
	});

	describe('when one client loses its connection', () => {
		it('goes on for the others, who hear that nobody listens', async () => {
			const states: string[] = [];
			b.onState((state) => states.push(state));
			const log = listen(b);
			b.disconnect();
			expect(b.state).to.equal('disconnected');
			publish(1);
			b.publish('news', bytes('lost'));
			expect(await a.probe('news', 1_000)).to.equal('no-responders');
			await clock.advance(0);
			expect(log.heard).to.deep.equal([]);

			b.reconnect();
			publish(1);
			await clock.advance(0);
			expect(log.heard).to.deep.equal(['0']);
			expect(states).to.deep.equal(['disconnected', 'connected']);
		});

		it('loses what was under way to it, even when it is back before', async () => {
			const log = listen(b);
			publish(1);
			b.disconnect();
			b.reconnect();
			await clock.advance(0);
			expect(log.heard).to.deep.equal([]);
		});

		it('stays away when the broker comes back, until it reconnects itself', () => {
			b.disconnect();
			bus.stop();
			bus.start();
			expect([a.state, b.state]).to.deep.equal(['connected', 'disconnected']);
			b.reconnect();
			expect(b.state).to.equal('connected');
		});
	});

	describe('when stopped', () => {
		it('disconnects everyone and loses what was under way', async () => {
			const log = listen(b);
			publish(1);
			bus.stop();
			expect([a.state, b.state]).to.deep.equal(['disconnected', 'disconnected']);
			bus.start();
			await clock.advance(0);
			expect(log.heard).to.deep.equal([]);
			expect(bus.connect({ clock, name: 'c' }).state).to.equal('connected');
		});

		it('lets clients begin, disconnected', () => {
			bus.stop();
			const late = bus.connect({ clock, name: 'late' });
			expect(late.state).to.equal('disconnected');
			bus.start();
			expect(late.state).to.equal('connected');
		});
	});

	it('settles a whole exchange before time moves on', async () => {
		b.subscribe('ping', (data) => b.publish('pong', data));
		let hops = 0;
		a.subscribe('pong', (data) => {
			if (++hops < 500) a.publish('ping', data);
		});
		a.publish('ping', bytes('x'));
		await clock.advance(0);
		expect(hops).to.equal(500);
	});

	it('gives the event loop its turns during a flood', async () => {
		let heard = 0;
		b.subscribe('news', () => heard++);
		publish(100_000);
		await new Promise<void>((resolve) => setImmediate(resolve));
		expect(heard).to.be.within(1, 99_999);
		while (heard < 100_000) await new Promise<void>((resolve) => setImmediate(resolve));
	});

	it('is the same bus for everyone who names it', async () => {
		const log = listen(b);
		connectMemory(bus.name, { clock, name: 'c' }).publish('news', bytes('hello'));
		await clock.advance(0);
		expect(log.heard).to.deep.equal(['hello']);
		expect(memoryBus(bus.name)).to.equal(bus);
	});

	it('goes with its last client, unless somebody holds it by name', async () => {
		const wiped = { wipe() {} };
		const key = Symbol('content');
		const first = connectMemory('passing', { clock, name: 'a' });
		const second = connectMemory('passing', { clock, name: 'b' });
		const { bus: passing } = first;
		passing.shared(key, () => wiped);
		await first.close();
		expect(connectMemory('passing', { clock, name: 'c' }).bus).to.equal(passing);
		await Promise.all([second.close(), passing.close()]);
		expect(connectMemory('passing', { clock, name: 'd' }).bus).not.to.equal(passing);
		await memoryBus('passing').close();

		await Promise.all([a.close(), b.close()]);
		expect(memoryBus(bus.name)).to.equal(bus);
		await bus.close();
		expect(memoryBus(bus.name)).not.to.equal(bus);
		await memoryBus(bus.name).close();
	});

	it('refuses a name that is none', () => {
		expect(() => memoryBus(''))
			.to.throw()
			.with.property('code', 'ERR_BAD_OPTION');
		expect(() => bus.connect({ clock, name: '' }))
			.to.throw()
			.with.property('code', 'ERR_BAD_OPTION');
	});
});
