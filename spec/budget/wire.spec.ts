import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { connect, type NatsConnection } from 'nats';
import { Actor, type ActorRef, ActorSystem } from '../../index.ts';
import type { NatsServer } from '../../testkit.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

interface Reading {
	readonly id: string;
	readonly uuid: string;
	readonly n: number;
	readonly text: string;
}

class Sink extends Actor {
	static readonly kind = 'sink';
	#taken = 0;

	take(_reading: Reading) {
		this.#taken++;
	}

	answer({ n }: Reading) {
		return n;
	}

	taken() {
		return this.#taken;
	}
}

const reading = (n: number): Reading => ({
	id: 'sensor',
	uuid: '0198c0de-7a3b-7c51-9c1e-2f6a8b1d4e90',
	n,
	text: 'x'.repeat(100),
});

describe('the budget of messages between nodes', () => {
	let server: NatsServer;
	let spy: NatsConnection;
	let near: ActorSystem;
	let far: ActorSystem;
	let sink: ActorRef<Sink>;
	const seen = { messages: 0, bytes: 0 };

	before(async () => {
		server = await startServer();
		const options = { name: 'budget', servers: server.url };
		[near, far] = await Promise.all([ActorSystem.start(options), ActorSystem.start(options)]);
		await far.spawn(Sink, { id: 'sink' });
		sink = near.ref(Sink, 'sink');
		await sink.ask.answer(reading(0));
		spy = await connect({ servers: server.url });
		spy.subscribe('troupe.budget.>', {
			callback: (_error, { data, subject }) => {
				if (subject.endsWith('.hb')) return;
				seen.messages++;
				seen.bytes += data.length;
			},
		});
		await spy.flush();
	});

	after(async () => {
		await Promise.all([near.stop(), far.stop(), spy.close()]);
		await server.stop();
	});

	/** What `act` puts on the wire, until nothing more comes. */
	async function wireOf(act: () => Promise<unknown>): Promise<{ messages: number; bytes: number }> {
		await quiet();
		const before = { ...seen };
		await act();
		await quiet();
		return { messages: seen.messages - before.messages, bytes: seen.bytes - before.bytes };
	}

	/** Both sides have said all they had to, down to the last acknowledgement. */
	async function quiet(): Promise<void> {
		let last = -1;
		await eventually(
			() => {
				const settled = seen.messages === last;
				last = seen.messages;
				return settled;
			},
			{ every: 60 },
		);
	}

	it('takes at most 20 NATS messages for a thousand tells of one turn, and 170 bytes each', async () => {
		const before = await sink.ask.taken();
		const wire = await wireOf(async () => {
			for (let n = 0; n < 1_000; n++) sink.tell.take(reading(n));
			await eventually(async () => (await sink.ask.taken()) === before + 1_000);
		});
		expect(wire.messages).to.be.within(1, 20);
		expect(wire.bytes / 1_000).to.be.below(170);
	});

	it('takes at most 20 NATS messages for a thousand asks at once, and 180 bytes each, both ways', async () => {
		const wire = await wireOf(() => Promise.all(Array.from({ length: 1_000 }, (_, n) => sink.ask.answer(reading(n)))));
		expect(wire.messages).to.be.within(1, 20);
		expect(wire.bytes / 1_000).to.be.below(180);
	});
});
