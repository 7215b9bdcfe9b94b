import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem, type Address, type AnyRef } from '../../../index.ts';
import { eventually } from '../../support/eventually.ts';

class Watched extends Actor {
	static readonly kind = 'watched';

	meet(watcher: ActorRef<Watcher>): Promise<void> {
		return watcher.ask.watchSender();
	}
}

class Watcher extends Actor {
	static readonly kind = 'watcher';
	readonly #told: string[] = [];

	watchAll(...refs: Address[]): void {
		for (const ref of refs) this.watch(ref);
	}

	watchSender(): void {
		this.watch(this.sender as AnyRef);
	}

	unwatchOne(ref: Address): void {
		this.unwatch(ref);
	}

	told(): readonly string[] {
		return this.#told;
	}

	protected override onTerminated(_ref: AnyRef, why: { readonly reason: string }): void {
		this.#told.push(why.reason);
	}
}

describe('a watch', () => {
	const servers = 'memory://watch';

	async function two(): Promise<readonly [ActorSystem, ActorSystem]> {
		return [await ActorSystem.start({ name: 'watch', servers }), await ActorSystem.start({ name: 'watch', servers })];
	}

	it('is one, whichever refs to the actor it is asked for by, and whatever is learned of its kind meanwhile', async () => {
		const [here, there] = await two();
		const watched = await there.spawn(Watched, { id: 'watched' });
		const watcher = await here.spawn(Watcher, { id: 'watcher' });
		await watcher.ask.watchAll(here.ref('watched'));
		await watcher.ask.watchAll(here.ref(Watched, 'watched'), here.ref('watched'));
		await watched.ask.meet(there.ref(Watcher, 'watcher'));
		await watched.stop();
		await eventually(async () => (await watcher.ask.told()).length > 0);
		// The answers to all watches travel together.
		expect(await watcher.ask.told()).to.deep.equal(['stopped']);
		await Promise.all([here.stop(), there.stop()]);
	});

	it('ends by any of the refs to its actor', async () => {
		const [here, there] = await two();
		const watched = await there.spawn(Watched, { id: 'watched' });
		const witness = await there.spawn(Watched, { id: 'witness' });
		const watcher = await here.spawn(Watcher, { id: 'watcher' });
		await watcher.ask.watchAll(here.ref('watched'));
		await watcher.ask.unwatchOne(here.ref(Watched, 'watched'));
		await watcher.ask.watchAll(witness);
		await watched.stop();
		await witness.stop();
		await eventually(async () => (await watcher.ask.told()).length > 0);
		expect(await watcher.ask.told()).to.deep.equal(['stopped']);
		await Promise.all([here.stop(), there.stop()]);
	});
});
