/** Promise 6, among relatives: children, strategies, restart types, and trees of supervisors. */

import { expect } from 'chai';
import {
	type ActorRef,
	allForOne,
	child,
	escalate,
	oneForOne,
	restart,
	restForOne,
	resume,
	stop,
	supervisor,
} from '../../index.ts';
import { Chained, Fragile, Parent, quickly, Stillborn, Strict, United } from '../support/cast/crashing.ts';
import { Observer } from '../support/cast/lifecycle.ts';
import { Counter } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import type { Stage } from '../support/stage.ts';
import { onEveryStage } from '../support/stages.ts';

/** Gives each a state that a restart would lose. */
async function mark(...actors: readonly ActorRef<Fragile>[]): Promise<void> {
	for (const actor of actors) await actor.ask.add(1);
}

/** Which of them still have the state of {@link mark}. */
async function marked(...actors: readonly ActorRef<Fragile>[]): Promise<boolean[]> {
	return Promise.all(actors.map(async (actor) => (await actor.ask.get()) === 1));
}

async function crash(actor: ActorRef<Fragile>, message = 'boom'): Promise<void> {
	await failure('ERR_ACTOR_CRASHED', actor.ask.fail(message));
}

/** Resolves when that actor has been restarted so often in this test. */
function restarted(stage: Stage, id: string, times = 1): Promise<void> {
	return stage.until(
		() => stage.notes.filter((note) => note.event === 'actorRestarted' && note.id === id).length >= times,
	);
}

onEveryStage('a child', (stage) => {
	it('is there as soon as it is spawned: it takes messages in the same turn', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		expect(await parent.ask.raiseAndAsk('child')).to.equal(5);
	});

	it('has its parent’s ID and path before its own, and a ref that works on both sides', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		const kid = await parent.ask.raise('a b');
		expect(kid.id).to.equal(`${parent.id}/a b`);
		expect(kid.path).to.equal(`${parent.path}/a%20b`);
		expect(await kid.ask.add(2)).to.equal(2);
	});

	it('gets a name when it is given none, and each its own', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		const [one, two] = [await parent.ask.raiseNameless(), await parent.ask.raiseNameless()];
		expect(one.id).to.match(/\/fragile-1$/);
		expect(two.id).to.match(/\/fragile-2$/);
		expect(one.equals(two)).to.equal(false);
	});

	it('cannot have the name of a sibling', async () => {
		expect(await (await stage.spawn(Parent)).ask.raiseTwice('child')).to.equal('ERR_ID_TAKEN');
	});

	it('that cannot be constructed or started is ERR_START_FAILED in its parent, at once', async () => {
		for (const at of ['constructor', 'onStart'] as const) {
			const parent = await stage.spawn(Parent, { id: stage.id('parent') });
			expect(await parent.ask.raiseStillborn(at)).to.equal('ERR_START_FAILED cannot start');
		}
	});

	it('stops with its parent, and before its parent’s onStop', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		const kid = await parent.ask.raise('child');
		await parent.stop();
		await failure('ERR_NO_SUCH_ACTOR', kid.ask.get());
		expect(await stage.journal(parent.id)).to.deep.equal([
			'onStop',
			'by then, child: onStart',
			'by then, child: onStop',
		]);
	});

	it('cannot be spawned by an onStop: nothing would ever stop it', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		await parent.ask.raiseAtTheEnd();
		await parent.stop();
		await stage.noted({ event: 'warning', code: 'ON_STOP_FAILED', id: parent.id });
		expect(await stage.journal(`${parent.id}/late`)).to.deep.equal([]);
	});

	it('crashes and restarts alone; parent and siblings do not notice', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		await parent.ask.add(1);
		const [one, two] = [await parent.ask.raise('one'), await parent.ask.raise('two')];
		await mark(one, two);
		await crash(one);
		expect(await marked(one, two)).to.deep.equal([false, true]);
		expect(await parent.ask.add(1)).to.equal(2);
	});

	it('goes when its parent restarts; the parent raises new ones', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent') });
		const old = await parent.ask.raise('child');
		await failure('ERR_ACTOR_CRASHED', parent.ask.crash('boom'));
		const fresh = await parent.ask.raise('child');
		await failure('ERR_NO_SUCH_ACTOR', old.ask.get());
		expect(await fresh.ask.get()).to.equal(0);
	});

	it('takes its parent down when it escalates: the parent restarts, and its children with it', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent'), args: { supervision: 'escalate' } });
		await parent.ask.add(1);
		const kid = await parent.ask.raise('child');
		await crash(kid, 'too much');
		await restarted(stage, parent.id);
		expect(await parent.ask.add(1)).to.equal(1);
		expect(await stage.journal(parent.id)).to.include('onRestart too much');
		await failure('ERR_NO_SUCH_ACTOR', kid.ask.get());
	});

	it('escalates when it crashes too often', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent'), args: { supervision: 'once' } });
		const kid = await parent.ask.raise('child');
		await crash(kid, 'one');
		await crash(kid, 'two');
		await restarted(stage, parent.id);
		expect(await stage.journal(parent.id)).to.include('onRestart two');
	});

	it('is gone, and its parent goes on, when the parent’s own supervision is to resume', async () => {
		const parent = await stage.spawn(Parent, {
			id: stage.id('parent'),
			args: { supervision: 'escalate' },
			supervision: resume(),
		});
		await parent.ask.add(1);
		const kid = await parent.ask.raise('child');
		await crash(kid);
		await stage.noted({ event: 'actorStopped', id: kid.id });
		expect(await parent.ask.add(1)).to.equal(2);
		await failure('ERR_NO_SUCH_ACTOR', kid.ask.get());
	});

	it('can be watched by its parent', async () => {
		const parent = await stage.spawn(Parent, { id: stage.id('parent'), args: { supervision: 'stop' } });
		await parent.ask.watchChild('child');
		const kid = await stage.noted({ event: 'actorStarted', id: `${parent.id}/child` });
		expect(kid.path).to.equal(`${parent.path}/child`);
		await parent.ask.raise('other').then((other) => crash(other));
		expect(await parent.ask.ends()).to.deep.equal([]);
	});

	it('limits, where its parent’s strategy says so, the failures of all children together', async () => {
		const parent = await stage.spawn(Strict, { id: stage.id('strict') });
		const [one, two] = [await parent.ask.raise('one'), await parent.ask.raise('two')];
		await crash(one, 'first');
		expect(await one.ask.get()).to.equal(0);
		await crash(two, 'second');
		await restarted(stage, parent.id);
		expect(await stage.journal(parent.id)).to.include('onRestart second');
	});
});

onEveryStage('children under a strategy', (stage) => {
	for (const [name, actor, fates] of [
		['one for one: only the one that crashed restarts', Parent, [true, false, true]],
		['all for one: all restart', United, [false, false, false]],
		['rest for one: those started after it restart with it', Chained, [true, false, false]],
	] as const) {
		it(`share their fate, ${name}`, async () => {
			const parent = await stage.spawn(actor, { id: stage.id('parent') });
			const kids = [
				await parent.ask.raise('one'),
				await parent.ask.raise('two'),
				await parent.ask.raise('three'),
			] as const;
			await mark(...kids);
			await crash(kids[1]);
			await restarted(stage, kids[1].id);
			await Promise.all(kids.map((kid, i) => !fates[i] && restarted(stage, kid.id)));
			expect(await marked(...kids)).to.deep.equal(fates);
			expect(await parent.ask.add(1)).to.equal(1);
		});
	}

	it('stop last started first and start again in order, with the error that began it', async () => {
		const parent = await stage.spawn(United, { id: stage.id('parent') });
		const [one, two] = [await parent.ask.raise('one'), await parent.ask.raise('two')];
		await crash(one, 'it was me');
		await Promise.all([restarted(stage, one.id), restarted(stage, two.id)]);
		const both = stage.notes.filter(({ event }) => event === 'actorRestarted').map(({ id }) => id);
		expect(both).to.deep.equal([one.id, two.id]);
		expect(await two.ask.restartedBy()).to.deep.equal(['it was me']);
	});

	it('start again in order where only the rest restarts, too', async () => {
		const parent = await stage.spawn(Chained, { id: stage.id('parent') });
		const kids = [
			await parent.ask.raise('one'),
			await parent.ask.raise('two'),
			await parent.ask.raise('three'),
		] as const;
		await crash(kids[0]);
		await Promise.all(kids.map(({ id }) => restarted(stage, id)));
		const order = stage.notes.filter(({ event }) => event === 'actorRestarted').map(({ id }) => id);
		expect(order).to.deep.equal(kids.map(({ id }) => id));
	});

	it('keep their mailboxes when a sibling takes them along', async () => {
		const parent = await stage.spawn(United, { id: stage.id('parent') });
		const [one, two] = [await parent.ask.raise('one'), await parent.ask.raise('two')];
		const gate = stage.id('gate');
		const waiting = two.ask.wait(gate);
		await stage.arrived(gate);
		const queued = two.ask.add(1);
		await crash(one);
		await stage.open(gate);
		await waiting;
		expect(await queued).to.equal(1);
		await restarted(stage, two.id);
	});

	it('do not come back with a sibling when they are temporary', async () => {
		const parent = await stage.spawn(United, { id: stage.id('parent') });
		const [one, two] = [await parent.ask.raise('one'), await parent.ask.raise('two', 'temporary')];
		await crash(one);
		await stage.noted({ event: 'actorStopped', id: two.id, reason: 'stopped' });
		await restarted(stage, one.id);
		await failure('ERR_NO_SUCH_ACTOR', two.ask.get());
	});
});

onEveryStage('a child’s restart type', (stage) => {
	for (const [type, afterStop, afterCrash] of [
		['permanent', true, true],
		['transient', false, true],
		['temporary', false, false],
	] as const) {
		it(`'${type}' ${afterStop ? 'brings it back' : 'lets it go'} after a stop and ${afterCrash ? 'brings it back' : 'lets it go'} after a crash`, async () => {
			const parent = await stage.spawn(Parent, { id: stage.id('parent') });
			const stopped = await parent.ask.raise('stopped', type);
			await mark(stopped);
			await stopped.stop();
			if (afterStop) {
				await restarted(stage, stopped.id);
				expect(await stopped.ask.get()).to.equal(0);
			} else await failure('ERR_NO_SUCH_ACTOR', stopped.ask.get());
			const crashed = await parent.ask.raise('crashed', type);
			await mark(crashed);
			await crash(crashed);
			if (afterCrash) expect(await crashed.ask.get()).to.equal(0);
			else {
				await stage.noted({ event: 'actorStopped', id: crashed.id, reason: 'crashed' });
				await failure('ERR_NO_SUCH_ACTOR', crashed.ask.get());
			}
		});
	}
});

onEveryStage('a tree of system.supervise', (stage) => {
	it('starts its children in order, reachable by their IDs from either side', async () => {
		const ids = [stage.id('one'), stage.id('two')] as const;
		const tree = await stage.supervise([
			child(Fragile, { id: ids[0] }),
			child(Counter, { id: ids[1], args: { start: 3 } }),
		]);
		expect(await stage.near.ref(Fragile, ids[0]).ask.add(1)).to.equal(1);
		expect(await stage.near.ref(Counter, ids[1]).ask.get()).to.equal(3);
		expect((await tree.ask.children()).map(({ id }) => id)).to.deep.equal(ids);
		expect((await stage.near.whereis(ids[0]))?.node).to.equal(stage.farNode);
		const started = stage.notes.filter(({ event, kind }) => event === 'actorStarted' && kind !== 'troupe.supervisor');
		expect(started.map(({ id }) => id)).to.deep.equal(ids);
	});

	for (const [name, strategy, fates] of [
		['oneForOne', oneForOne(), [true, false, true]],
		['allForOne', allForOne(), [false, false, false]],
		['restForOne', restForOne(), [true, false, false]],
	] as const) {
		it(`restarts as ${name}() says`, async () => {
			const ids = ['one', 'two', 'three'].map((about) => stage.id(about));
			await stage.supervise(
				ids.map((id) => child(Fragile, { id })),
				strategy,
			);
			const kids = ids.map((id) => stage.near.ref(Fragile, id)) as [
				ActorRef<Fragile>,
				ActorRef<Fragile>,
				ActorRef<Fragile>,
			];
			await mark(...kids);
			await crash(kids[1]);
			await Promise.all(ids.map((id, i) => !fates[i] && restarted(stage, id)));
			expect(await marked(...kids)).to.deep.equal(fates);
		});
	}

	it('brings back what ends in it, since its children are permanent unless they say otherwise', async () => {
		const ids = [stage.id('permanent'), stage.id('transient')] as const;
		await stage.supervise([child(Fragile, { id: ids[0] }), child(Fragile, { id: ids[1], restart: 'transient' })]);
		const [permanent, transient] = [stage.near.ref(Fragile, ids[0]), stage.near.ref(Fragile, ids[1])];
		await mark(permanent);
		await permanent.stop();
		expect(await permanent.ask.get()).to.equal(0);
		await transient.stop();
		await failure('ERR_NO_SUCH_ACTOR', transient.ask.get());
	});

	it('goes, with all that is in it, when its supervisor is stopped', async () => {
		const ids = [stage.id('one'), stage.id('two')] as const;
		const tree = await stage.supervise(ids.map((id) => child(Fragile, { id })));
		await tree.stop();
		for (const id of ids) {
			await failure('ERR_NO_SUCH_ACTOR', stage.near.ref(Fragile, id).ask.get());
			expect(await stage.near.whereis(id)).to.equal(undefined);
		}
	});

	it('that gives up stops all its children and ends; who watches it learns why', async () => {
		const ids = [stage.id('one'), stage.id('two')] as const;
		const tree = await stage.supervise(
			ids.map((id) => child(Fragile, { id })),
			oneForOne({ maxRestarts: 1, within: '1m' }),
		);
		const observer = await stage.spawnNear(Observer);
		await observer.ask.begin(tree);
		await crash(stage.near.ref(Fragile, ids[0]), 'first');
		await crash(stage.near.ref(Fragile, ids[1]), 'second');
		await stage.until(async () => (await observer.ask.ends()).length > 0);
		const [end] = await observer.ask.ends();
		expect([end?.reason, (end?.error as Error | undefined)?.message]).to.deep.equal(['crashed', 'second']);
		for (const id of ids) await failure('ERR_NO_SUCH_ACTOR', stage.near.ref(Fragile, id).ask.get());
	});

	it('has branches: what one of them cannot contain restarts that branch, and no other', async () => {
		const [inner, sibling, outer] = [stage.id('inner'), stage.id('sibling'), stage.id('outer')];
		const branch = supervisor(
			[child(Fragile, { id: inner, supervision: escalate() }), child(Fragile, { id: sibling })],
			oneForOne(),
			{ supervision: quickly },
		);
		await stage.supervise([branch, child(Fragile, { id: outer })]);
		const [one, two, three] = [inner, sibling, outer].map((id) => stage.near.ref(Fragile, id)) as [
			ActorRef<Fragile>,
			ActorRef<Fragile>,
			ActorRef<Fragile>,
		];
		await mark(one, two, three);
		await crash(one);
		await stage.noted({ event: 'actorRestarted', kind: 'troupe.supervisor' });
		expect(await marked(one, two, three)).to.deep.equal([false, false, true]);
	});

	it('passes a failure up through its branches, and ends when nobody contains it', async () => {
		const [inner, outer] = [stage.id('inner'), stage.id('outer')];
		const branch = supervisor([child(Fragile, { id: inner, supervision: escalate() })], oneForOne(), {
			supervision: escalate(),
		});
		const tree = await stage.supervise([child(Fragile, { id: outer }), branch]);
		await crash(stage.near.ref(Fragile, inner), 'all the way up');
		await stage.noted({ event: 'actorStopped', id: tree.id, reason: 'crashed', error: 'all the way up' });
		await failure('ERR_NO_SUCH_ACTOR', stage.near.ref(Fragile, outer).ask.get());
	});

	it('stops those that have started when one cannot, and says which', async () => {
		const [fine, broken] = [stage.id('fine'), stage.id('broken')];
		const specs = [
			child(Fragile, { id: fine }),
			child(Stillborn, { id: broken, args: { at: 'onStart', starts: [false] } }),
		];
		const error = await failure('ERR_START_FAILED', stage.supervise(specs));
		expect(error.message).to.contain(broken);
		await failure('ERR_NO_SUCH_ACTOR', stage.near.ref(Fragile, fine).ask.get());
		expect(await stage.near.whereis(fine)).to.equal(undefined);
	});

	it('takes what overrides the class: mailbox, supervision, restart type', async () => {
		const id = stage.id('overridden');
		await stage.supervise([child(Fragile, { id, supervision: stop(), restart: 'temporary' })]);
		await crash(stage.near.ref(Fragile, id));
		await stage.noted({ event: 'actorStopped', id, reason: 'crashed' });
	});

	it('restarts its children within their own limits, then escalates', async () => {
		const id = stage.id('loop');
		const supervision = restart({ maxRestarts: 1, within: '1m', backoff: { initial: 1, jitter: 0 } });
		const tree = await stage.supervise([child(Fragile, { id, supervision })]);
		const loop = stage.near.ref(Fragile, id);
		await crash(loop, 'one');
		await crash(loop, 'two');
		await stage.noted({ event: 'actorStopped', id: tree.id, reason: 'crashed', error: 'two' });
	});
});
