import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem, allForOne, child, restart } from '../../../index.ts';
import { VirtualClock } from '../../../testkit.ts';

class Worker extends Actor {
	static readonly kind = 'worker';
	static readonly supervision = restart({ backoff: { initial: 10, jitter: 0 } });

	hang(): Promise<never> {
		return new Promise(() => {});
	}

	crash(): never {
		throw new Error('crash');
	}

	ping(): string {
		return 'pong';
	}
}

const log = { debug() {}, info() {}, warn() {}, error() {} };

describe('a handler that is stuck', () => {
	it('holds up the restart of its family for the grace, and no longer; its message is a dead letter', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock, log, stopGrace: '2s' });
		await system.supervise([child(Worker, { id: 'stuck' }), child(Worker, { id: 'crashing' })], allForOne());
		const stuck = system.ref(Worker, 'stuck');
		const crashing = system.ref(Worker, 'crashing');
		stuck.tell.hang();
		await stuck.send.ping();
		crashing.tell.crash();
		await clock.advance(1_900);
		expect(system.stats().pending).to.equal(2);
		await clock.advance(200);
		expect(await Promise.all([stuck.ask.ping(), crashing.ask.ping()])).to.deep.equal(['pong', 'pong']);
		expect(system.stats()).to.deep.include({
			sent: 5,
			handled: 3,
			deadLetters: { crashed: 1, stopped: 1 },
			pending: 0,
		});
		await system.stop();
	});

	it('does not keep the system from stopping beyond the grace', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock, log, stopGrace: '2s' });
		const stuck = await system.spawn(Worker);
		stuck.tell.hang();
		await clock.advance(1);
		let stopped = false;
		void system.stop().then(() => {
			stopped = true;
		});
		await clock.advance(1_900);
		expect(stopped).to.equal(false);
		await clock.advance(200);
		expect(stopped).to.equal(true);
		expect(system.stats()).to.deep.include({ sent: 1, handled: 0, deadLetters: { stopped: 1 }, pending: 0 });
		expect(clock.pending).to.equal(0);
	});

	it('leaves nothing that keeps the process alive when it was asked after the stop', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock, log });
		const worker = await system.spawn(Worker);
		await system.stop();
		await worker.ask.ping().catch(({ code }) => expect(code).to.equal('ERR_SYSTEM_STOPPED'));
		expect(clock.pending).to.equal(0);
	});
});
