import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem } from '../../../index.ts';
import { MESSAGES_PER_TICK } from '../../../runtime/core/config.ts';

/** Never runs out of messages, as it sends itself one for each it handles. */
class Restless extends Actor {
	static readonly kind = 'restless';
	#handled = 0;
	#still = false;

	go(): void {
		this.#handled++;
		if (!this.#still) (this.self as ActorRef<Restless>).tell.go();
	}

	async goAsync(): Promise<void> {
		this.#handled++;
		if (!this.#still) (this.self as ActorRef<Restless>).tell.goAsync();
	}

	rest(): number {
		this.#still = true;
		return this.#handled;
	}
}

class Other extends Actor {
	static readonly kind = 'other';

	ping(): string {
		return 'pong';
	}
}

describe('the dispatcher', () => {
	for (const message of ['go', 'goAsync'] as const) {
		it(`lets the event loop and other actors have their turn beside one that never rests (${message})`, async () => {
			const system = await ActorSystem.start();
			const restless = await system.spawn(Restless);
			const other = await system.spawn(Other);
			restless.tell[message]();
			let ticks = 0;
			for (; ticks < 50; ticks++) await new Promise((resolve) => setImmediate(resolve));
			expect(await other.ask.ping()).to.equal('pong');
			const handled = await restless.ask.rest();
			expect(handled)
				.to.be.above(ticks * 100)
				.and.below(ticks * 20_000);
			await system.stop();
		});
	}

	it('answers beside ten thousand messages of another within one tick of the event loop', async () => {
		const system = await ActorSystem.start();
		const busy = await system.spawn(Restless);
		const other = await system.spawn(Other);
		await busy.ask.rest();
		for (let index = 0; index < 10_000; index++) busy.tell.go();
		await other.ask.ping();
		expect(system.stats().pending).to.be.above(10_000 - 2 * MESSAGES_PER_TICK);
		await system.stop();
	});
});
