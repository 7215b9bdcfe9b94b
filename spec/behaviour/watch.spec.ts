/** Death watch: told once, whatever became of the watched, wherever it lived. */

import { expect } from 'chai';
import type { ActorRef } from '../../index.ts';
import { restart, stop } from '../../index.ts';
import { Fragile, Parent } from '../support/cast/crashing.ts';
import { Observer } from '../support/cast/lifecycle.ts';
import { Counter, Recorder } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import type { Stage } from '../support/stage.ts';
import { onEveryStage } from '../support/stages.ts';

/** What the observer has been told, once it has been told so often. */
async function ends(stage: Stage, observer: ActorRef<Observer>, count = 1): Promise<string[]> {
	await stage.until(async () => (await observer.ask.ends()).length >= count);
	return (await observer.ask.ends()).map(({ id, reason }) => `${id} ${reason}`);
}

/** Shows that nothing more is coming: what was caused later has arrived. */
async function nothingMore(stage: Stage, observer: ActorRef<Observer>, told: number): Promise<void> {
	const marker = await stage.spawn(Recorder, { id: stage.id('marker') });
	await observer.ask.begin(marker);
	await marker.stop();
	const seen = await ends(stage, observer, told + 1);
	expect(seen).to.have.length(told + 1);
	expect(seen.at(-1)).to.equal(`${marker.id} stopped`);
}

onEveryStage('a watcher', (stage) => {
	for (const named of [true, false]) {
		const which = named ? 'with an ID' : 'without one';

		it(`is told once that an actor ${which} has stopped, with a ref equal to the one it watched`, async () => {
			const observer = await stage.spawnNear(Observer);
			const actor = await stage.spawn(Counter, named ? { id: stage.id('watched') } : {});
			await observer.ask.begin(actor);
			await observer.ask.begin(actor);
			await actor.ask.get();
			await actor.stop();
			expect(await ends(stage, observer)).to.deep.equal([`${actor.id} stopped`]);
			expect(await observer.ask.isSame(actor)).to.equal(true);
			await nothingMore(stage, observer, 1);
		});

		it(`is told at once when the actor ${which} is not there`, async () => {
			const observer = await stage.spawnNear(Observer);
			const actor = await stage.spawn(Counter, named ? { id: stage.id('gone') } : {});
			await actor.stop();
			await observer.ask.begin(actor);
			expect(await ends(stage, observer)).to.deep.equal([`${actor.id} no-such-actor`]);
			await nothingMore(stage, observer, 1);
		});
	}

	it('is told of a crash that ended the actor, with the error', async () => {
		const observer = await stage.spawnNear(Observer);
		const actor = await stage.spawn(Fragile, { id: stage.id('watched'), supervision: stop() });
		await observer.ask.begin(actor);
		await failure('ERR_ACTOR_CRASHED', actor.ask.fail('boom'));
		expect(await ends(stage, observer)).to.deep.equal([`${actor.id} crashed`]);
		const [end] = await observer.ask.ends();
		expect(end?.error).to.be.an.instanceOf(RangeError);
		expect((end?.error as Error | undefined)?.message).to.equal('boom');
	});

	it('is not told of a restart, and is told of the end that comes later', async () => {
		const observer = await stage.spawnNear(Observer);
		const actor = await stage.spawn(Fragile, { id: stage.id('watched') });
		await observer.ask.begin(actor);
		await failure('ERR_ACTOR_CRASHED', actor.ask.fail('boom'));
		await stage.noted({ event: 'actorRestarted', id: actor.id });
		expect(await observer.ask.ends()).to.deep.equal([]);
		await actor.stop();
		expect(await ends(stage, observer)).to.deep.equal([`${actor.id} stopped`]);
	});

	it('is told when the actor crashed more often than allowed', async () => {
		const observer = await stage.spawnNear(Observer);
		const supervision = restart({ maxRestarts: 1, backoff: { initial: 1, jitter: 0 } });
		const actor = await stage.spawn(Fragile, { id: stage.id('watched'), supervision });
		await observer.ask.begin(actor);
		await failure('ERR_ACTOR_CRASHED', actor.ask.fail('one'));
		await failure('ERR_ACTOR_CRASHED', actor.ask.fail('two'));
		expect(await ends(stage, observer)).to.deep.equal([`${actor.id} crashed`]);
	});

	it('is not told what it does not watch any more', async () => {
		const observer = await stage.spawnNear(Observer);
		const actor = await stage.spawn(Counter, { id: stage.id('watched') });
		await observer.ask.begin(actor);
		await observer.ask.end(actor);
		await actor.stop();
		await nothingMore(stage, observer, 0);
	});

	it('can watch again what it has stopped watching, or what has come again', async () => {
		const observer = await stage.spawnNear(Observer);
		const id = stage.id('watched');
		const actor = await stage.spawn(Counter, { id });
		await observer.ask.begin(actor);
		await observer.ask.end(actor);
		await observer.ask.begin(actor);
		await actor.stop();
		expect(await ends(stage, observer)).to.deep.equal([`${id} stopped`]);
		const again = await stage.spawn(Counter, { id });
		await observer.ask.begin(again);
		await again.stop();
		expect(await ends(stage, observer, 2)).to.deep.equal([`${id} stopped`, `${id} stopped`]);
	});

	it('forgets its watches when it restarts', async () => {
		const observer = await stage.spawnNear(Observer);
		const actor = await stage.spawn(Counter, { id: stage.id('watched') });
		await observer.ask.begin(actor);
		await failure('ERR_ACTOR_CRASHED', observer.ask.crash());
		await observer.ask.ends();
		await actor.stop();
		await nothingMore(stage, observer, 0);
	});

	it('can live on the far side and watch what lives here', async () => {
		const observer = await stage.spawn(Observer);
		const [named, nameless] = [
			await stage.spawnNear(Counter, { id: stage.id('near') }),
			await stage.spawnNear(Counter),
		];
		await observer.ask.beginThere(named);
		await observer.ask.beginThere(nameless);
		await named.stop();
		await nameless.stop();
		expect(await ends(stage, observer, 2)).to.have.members([`${named.id} stopped`, `${nameless.id} stopped`]);
	});

	it('can watch another actor’s child', async () => {
		const observer = await stage.spawnNear(Observer);
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		const kid = await parent.ask.raise('child');
		await observer.ask.begin(kid);
		await parent.stop();
		expect(await ends(stage, observer)).to.deep.equal([`${kid.id} stopped`]);
	});

	it('is one of many: each of them is told once', async () => {
		const observers = await Promise.all(Array.from({ length: 20 }, () => stage.spawnNear(Observer)));
		const actor = await stage.spawn(Counter, { id: stage.id('watched') });
		await Promise.all(observers.map((observer) => observer.ask.begin(actor)));
		await actor.stop();
		for (const observer of observers) expect(await ends(stage, observer)).to.deep.equal([`${actor.id} stopped`]);
	});
});
