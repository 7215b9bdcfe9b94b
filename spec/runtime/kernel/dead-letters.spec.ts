import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../../index.ts';

class Ear extends Actor {
	static readonly kind = 'ear';

	hear(): void {}
}

describe('a listener for dead letters', () => {
	it('that sends in vain is not told of that, which is counted all the same', async () => {
		const system = await ActorSystem.start();
		const gone = await system.spawn(Ear);
		await gone.stop();
		let [told, others] = [0, 0];
		system.events.on('deadLetter', () => {
			told++;
			gone.tell.hear();
			gone.tell.hear();
		});
		system.events.on('deadLetter', () => others++);
		gone.tell.hear();
		gone.tell.hear();
		expect(told).to.equal(2);
		// The other one has sent nothing.
		expect(others).to.equal(6);
		expect(system.stats().deadLetters).to.deep.equal({ 'no-such-actor': 6 });
		await system.stop();
	});

	it('is told of the next one after it has thrown', async () => {
		const log = { debug() {}, info() {}, warn() {}, error() {} };
		const system = await ActorSystem.start({ log });
		let told = 0;
		system.events.on('deadLetter', () => {
			told++;
			throw new Error('deaf');
		});
		const nobody = system.ref(Ear, 'nobody');
		nobody.tell.hear();
		nobody.tell.hear();
		expect(told).to.equal(2);
		await system.stop();
	});
});
