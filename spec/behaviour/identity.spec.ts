/** Addresses: IDs, refs, whereabouts, and what can be an actor at all. */

import { expect } from 'chai';
import { Actor, BadOption, bounded, priority, resume } from '../../index.ts';
import { Fragile } from '../support/cast/crashing.ts';
import { Observer } from '../support/cast/lifecycle.ts';
import { Tight } from '../support/cast/mailbox.ts';
import { Counter, Recorder, Relay } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

const ODD_IDS = [
	...[
		'*',
		'>',
		'.',
		'a.b',
		'a..b',
		'a.*',
		'.a',
		'a.',
		' ',
		'a b',
		'\r\n',
		'PUB x 0\r\n',
		'\0',
		'\t',
		'/',
		'a/b',
		'%2F',
		'=2e',
		'$JS.API.>',
	],
	...[
		'🎭',
		'Grüße',
		'中文',
		'e\u0301',
		'\u00e9',
		'__proto__',
		'constructor',
		'toString',
		'undefined',
		'\u202e',
		'\ufeff',
	],
	...['x'.repeat(512), '🎭'.repeat(128)],
];

onEveryStage('an ID', (stage) => {
	it('may be any non-empty string of up to 512 bytes, and is one actor only', async () => {
		const counters = await Promise.all(ODD_IDS.map((id, start) => stage.spawn(Counter, { id, args: { start } })));
		for (const [start, id] of ODD_IDS.entries()) {
			expect(await stage.near.ref(Counter, id).ask.get(), JSON.stringify(id)).to.equal(start);
			expect(counters[start]?.id).to.equal(id);
			expect((await stage.near.whereis(id))?.kind).to.equal('counter');
		}
	});

	it('arrives unchanged as a sender’s and inside a ref', async () => {
		const recorder = await stage.spawn(Recorder);
		for (const about of ['*', '🎭', '\r\n', 'x'.repeat(500)]) {
			const relay = await stage.spawnNear(Relay, { id: `${about}${stage.id('')}` });
			expect(await relay.ask.whoAmITo(recorder)).to.equal(relay.id);
		}
	});

	it('is refused with ERR_BAD_ID when it is none', async () => {
		for (const id of ['', 'x'.repeat(513), `${'🎭'.repeat(128)}x`, '\ud800', 7, null, {}] as string[]) {
			const error = await failure('ERR_BAD_ID', stage.spawnNear(Counter, { id }));
			expect(error.message.length).to.be.lessThan(200);
			await failure('ERR_BAD_ID', () => stage.near.ref(Counter, id));
			await failure('ERR_BAD_ID', () => stage.near.whereis(id));
			await failure('ERR_BAD_ID', stage.spawn(Counter, { id }));
		}
	});

	it('that is taken is refused from either side with ERR_ID_TAKEN, which names the holder; that one lives on', async () => {
		const holder = await stage.spawn(Counter, { id: stage.id('taken'), args: { start: 7 } });
		for (const spawning of [stage.spawn(Recorder, { id: holder.id }), stage.spawnNear(Recorder, { id: holder.id })]) {
			const error = await failure('ERR_ID_TAKEN', spawning);
			expect(error.message).to.contain(holder.id).and.contain('counter').and.contain(stage.farNode);
			expect([error.actor, error.node]).to.deep.equal([holder.id, stage.farNode]);
		}
		expect(await holder.ask.get()).to.equal(7);
	});

	it('goes to one only of those who want it at the same time', async () => {
		const id = stage.id('wanted');
		const attempts = await Promise.allSettled([
			...Array.from({ length: 4 }, () => stage.spawn(Counter, { id })),
			...Array.from({ length: 4 }, () => stage.spawnNear(Counter, { id })),
		]);
		const refused = attempts.filter((attempt) => attempt.status === 'rejected');
		expect(refused.map(({ reason }) => reason.code)).to.deep.equal(Array(7).fill('ERR_ID_TAKEN'));
		expect(await stage.near.ref(Counter, id).ask.add(1)).to.equal(1);
	});

	it('that is taken elsewhere leaves nothing of the one who wanted it: what was sent meanwhile reaches the holder', async () => {
		const holder = await stage.spawn(Tight, { id: stage.id('taken'), mailbox: bounded({ capacity: 10 }) });
		const observer = await stage.spawnNear(Observer);
		const wanting = failure(
			'ERR_ID_TAKEN',
			stage.spawnNear(Tight, { id: holder.id, mailbox: bounded({ capacity: 1 }) }),
		);
		const ref = stage.near.ref(Tight, holder.id).with({ timeout: '4s' });
		const sends = [1, 2, 3].map((value) => ref.send.note(value));
		observer.tell.begin(ref);
		await wanting;
		await Promise.all(sends);
		expect(await ref.ask.notes()).to.deep.equal([1, 2, 3]);
		await observer.ask.ends();
		await holder.stop();
		await stage.until(async () => (await observer.ask.ends()).length === 1);
		expect((await observer.ask.ends())[0]?.reason).to.equal('stopped');
	});

	it('is a new actor’s once the old one has stopped, with a higher epoch; old refs find it', async () => {
		const id = stage.id('again');
		const observed: number[] = [];
		const old = await stage.spawn(Counter, { id });
		for (const spawn of [stage.spawnNear, stage.spawn, stage.spawnNear]) {
			observed.push((await stage.near.whereis(id))?.epoch as number);
			await old.ask.add(1);
			await old.stop();
			await spawn.call(stage, Counter, { id });
			expect(await old.ask.get()).to.equal(0);
		}
		observed.push((await stage.near.whereis(id))?.epoch as number);
		expect(observed).to.deep.equal([...observed].sort((a, b) => a - b));
		expect(new Set(observed).size).to.equal(observed.length);
	});

	it('is made up when none is given, and never found by anybody who was not given the ref', async () => {
		const [one, two] = [await stage.spawn(Counter), await stage.spawn(Counter)];
		expect(one.id).to.match(/^[0-9a-f-]{36}$/);
		expect(one.id).to.not.equal(two.id);
		expect(await stage.near.whereis(one.id)).to.equal(undefined);
		await failure('ERR_NO_SUCH_ACTOR', stage.near.ref(Counter, one.id).ask.get());
	});
});

onEveryStage('whereis', (stage) => {
	it('gives node, kind and epoch of whoever has the ID, and nothing when nobody has', async () => {
		const far = await stage.spawn(Counter, { id: stage.id('far') });
		const near = await stage.spawnNear(Recorder, { id: stage.id('near') });
		const there = await stage.near.whereis(far.id);
		expect(there).to.deep.include({ node: stage.farNode, kind: 'counter' });
		expect(there?.epoch).to.be.a('number').greaterThan(0);
		expect(await stage.near.whereis(near.id)).to.deep.include({ node: stage.near.node.id, kind: 'recorder' });
		expect(await stage.near.whereis(stage.id('nobody'))).to.equal(undefined);
	});
});

onEveryStage('a ref', (stage) => {
	it('has an ID, a kind and a path, and prints as its ID', async () => {
		const counter = await stage.spawn(Counter, { id: `${stage.id()} a/b` });
		expect(counter.kind).to.equal('counter');
		expect(counter.path).to.equal(`/${encodeURIComponent(counter.id)}`);
		expect(`${counter}`).to.equal(counter.id);
		expect(JSON.parse(JSON.stringify(counter))).to.deep.equal({ id: counter.id, kind: 'counter', path: counter.path });
	});

	it('equals every other ref to the same actor, and no other', async () => {
		const id = stage.id();
		const spawned = await stage.spawn(Counter, { id });
		expect(spawned.equals(stage.near.ref(Counter, id))).to.equal(true);
		expect(stage.near.ref(Counter, id).equals(spawned.with({ timeout: 1 }))).to.equal(true);
		expect(spawned.equals(stage.near.ref(Counter, `${id}x`))).to.equal(false);
		const [one, two] = [await stage.spawn(Counter), await stage.spawn(Counter)];
		expect(one.equals(one)).to.equal(true);
		expect(one.equals(two)).to.equal(false);
		expect(spawned.equals({} as never)).to.equal(false);
	});

	it('does no I/O until it is used', async () => {
		const before = await stage.books();
		const ref = stage.near.ref(Counter, stage.id('nobody'));
		void [ref.id, ref.kind, ref.path, ref.tell, ref.send, ref.ask, ref.with({ timeout: 1 }), `${ref}`, ref.equals(ref)];
		expect(await stage.books()).to.deep.equal(before);
	});

	it('to nobody can be stopped: who is not there has stopped', async () => {
		await stage.near.ref(Counter, stage.id('nobody')).stop();
	});
});

onEveryStage('an actor class', (stage) => {
	/** Spawns whatever it is. */
	const spawn = (actor: unknown, options?: unknown) => stage.near.spawn(actor as typeof Counter, options as never);

	it('must extend Actor and have a kind, or is ERR_BAD_ACTOR', async () => {
		class NoKind extends Actor {}
		class EmptyKind extends Actor {
			static readonly kind = '';
		}
		class LongKind extends Actor {
			static readonly kind = 'k'.repeat(129);
		}
		const NoActor = Object.assign(class {}, { kind: 'no-actor' });
		for (const actor of [NoKind, EmptyKind, LongKind, NoActor, {}, null, undefined, 'counter', () => {}]) {
			await failure('ERR_BAD_ACTOR', spawn(actor));
		}
		expect((await failure('ERR_BAD_ACTOR', spawn(NoKind))).message)
			.to.contain('NoKind')
			.and.contain('static readonly kind');
	});

	it('cannot have the kind of another class', async () => {
		class Impostor extends Actor {
			static readonly kind = 'counter';
		}
		await stage.spawnNear(Counter);
		const error = await failure('ERR_BAD_ACTOR', spawn(Impostor));
		expect(error.message).to.contain('counter').and.contain('Impostor').and.contain('Counter');
	});

	it('cannot be constructed by anybody but the runtime: ERR_NOT_SPAWNED', async () => {
		const error = await failure('ERR_NOT_SPAWNED', () => new Recorder());
		expect(error.message).to.contain('system.spawn(Recorder)');
	});

	it('with statics or options that cannot be used is ERR_BAD_OPTION, naming the option', async () => {
		const statics = (name: string, value: unknown) =>
			Object.assign(class Odd extends Actor {}, { kind: stage.id('odd'), [name]: value });
		for (const [name, value] of [
			['mailbox', 'big'],
			['mailbox', {}],
			['mailbox', bounded],
			['mailbox', { capacity: 0, overflow: 'reject' }],
			['mailbox', { capacity: 1, overflow: 'explode' }],
			['supervision', 'restart'],
			['supervision', {}],
			['children', oneForAll],
			['children', {}],
		] as const) {
			expect((await failure('ERR_BAD_OPTION', spawn(statics(name, value)))).message, `static ${name}`).to.contain(name);
		}
		for (const [name, value] of [
			['mailbox', 5],
			['mailbox', {}],
			['mailbox', bounded],
			['supervision', 'restart'],
			['supervision', {}],
			['restart', 'sometimes'],
		] as const) {
			expect((await failure('ERR_BAD_OPTION', spawn(Fragile, { [name]: value }))).message, name).to.contain(name);
		}
		expect(() => bounded({ capacity: 0 })).to.throw(BadOption, 'mailbox.capacity');
		expect(() => bounded({ overflow: 'explode' as never })).to.throw(BadOption, 'mailbox.overflow');
		expect(() => bounded({ size: 10 } as never)).to.throw(BadOption, 'mailbox.size');
		expect(() => bounded(10 as never)).to.throw(BadOption, 'mailbox');
		expect(() => priority('high' as never)).to.throw(BadOption, 'mailbox.priority');
	});

	it('gives way to what its spawn says', async () => {
		const resuming = await stage.spawn(Fragile, { supervision: resume() });
		await resuming.ask.add(1);
		await failure('ERR_ACTOR_CRASHED', resuming.ask.fail('boom'));
		expect(await resuming.ask.get()).to.equal(1);
	});
});

/** A strategy that somebody forgot to call, or wrote as OTP has it. */
function oneForAll(): void {}
