/** Durable mailboxes while nodes die, sleep and lose the store, in virtual time. */

import { expect } from 'chai';
import { Actor, type ActorSystem, durable, resume } from '../../../index.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { Lab } from '../../support/lab.ts';

/** What has been handled, by whom. */
const handled: string[] = [];
/** What is to happen when that text is handled. */
const events = new Map<string, (system: ActorSystem) => unknown>();

class Scribe extends Actor {
	static readonly kind = 'lab.scribe';
	static readonly mailbox = durable({ maxDeliver: 3, ackWait: '10m', backoff: ['1s'] });
	static readonly supervision = resume();

	async write(text: string): Promise<void> {
		const { name } = this.system.node;
		await events.get(text)?.(this.system as ActorSystem);
		handled.push(`${name} ${text}`);
	}
}

class Tireless extends Actor {
	static readonly kind = 'lab.tireless';
	static readonly mailbox = durable({ maxDeliver: 2, backoff: [1] });

	fail(n: number): never {
		throw new Error(`${n} has failed`);
	}

	failWith(text: string): never {
		throw new Error(text);
	}

	answer(text: string): string {
		return text;
	}
}

class Stubborn extends Actor {
	static readonly kind = 'lab.stubborn';
	static readonly mailbox = durable({ maxDeliver: 100, backoff: [1] });
	static readonly supervision = resume();
	#attempts = 0;

	fail(): never {
		throw new Error(`attempt ${++this.#attempts} `.padEnd(50_000, '!'));
	}
}

const codec = new Codec();
const never = (): Promise<never> => new Promise(() => {});
const texts = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

describe('a durable mailbox', () => {
	let lab: Lab;
	let sender: ActorSystem;

	beforeEach(async () => {
		handled.length = 0;
		events.clear();
		lab = new Lab();
		sender = await lab.node({ node: 'sender' });
	});

	afterEach(() => lab.close());

	const host = (node: string, clock?: VirtualClock): Promise<ActorSystem> =>
		lab.node({ node, hosts: [Scribe], roles: ['host'] }, clock);
	const scribe = (): Promise<unknown> =>
		lab.during(sender.spawn(Scribe, { id: 'scribe', on: 'role:host', failover: true }));
	const say = (...all: readonly string[]): Promise<unknown> =>
		lab.during(Promise.all(all.map((text) => sender.ref(Scribe, 'scribe').send.write(text))));
	const letters = () => lab.during(sender.deadLetters.list());

	it('goes on with another owner when its node dies: what was in hand again, what came after once', async () => {
		const hosts = [await host('a'), await host('b')];
		let first: ActorSystem | undefined;
		events.set('3', (system) => {
			first ??= system;
			return system === first ? never() : undefined;
		});
		await scribe();
		await say(...texts(10));
		await lab.pass(1_000);
		expect(first).not.to.equal(undefined);
		const { name } = (first as ActorSystem).node;
		const heir = hosts.find((system) => system !== first)?.node.name;
		expect(handled).to.deep.equal(['0', '1', '2'].map((text) => `${name} ${text}`));
		lab.crash(first as ActorSystem);
		await lab.pass(30_000);
		// They were stored together: what was handled since the last record of it is handled again.
		expect(handled.slice(3)).to.deep.equal(texts(10).map((text) => `${heir} ${text}`));
		expect(await letters()).to.deep.equal([]);
	});

	it('gives a message up that ends node after node', async () => {
		for (const node of ['a', 'b', 'c', 'd', 'e']) await host(node);
		events.set('deadly', (system) => {
			lab.crash(system);
			return never();
		});
		await scribe();
		await say('deadly');
		await say('harmless');
		await lab.pass(120_000);
		expect(handled.map((line) => line.split(' ')[1])).to.deep.equal(['harmless']);
		const [letter, ...others] = await letters();
		expect(others).to.deep.equal([]);
		expect(letter?.message.args).to.deep.equal(['deadly']);
		expect(letter?.failures.map(({ code }) => code)).to.deep.equal(['ERR_NODE_DOWN', 'ERR_NODE_DOWN', 'ERR_NODE_DOWN']);
	});

	it('takes no word of an owner that was asleep while another took over', async () => {
		const clock = new VirtualClock();
		const asleep = await host('asleep', clock);
		let fail = (): void => {};
		events.set('slow', (system) => {
			if (system !== asleep) return undefined;
			return new Promise((_, reject) => {
				fail = () => reject(new Error('too late'));
			});
		});
		await scribe();
		await say('slow', 'next');
		await lab.pass(500);
		const heir = await host('heir');
		const warnings: string[] = [];
		asleep.events.on('warning', ({ code }) => warnings.push(code));
		await lab.pass(40_000, asleep);
		expect(handled).to.deep.equal(['heir slow', 'heir next']);
		fail();
		await lab.pass(20_000);
		expect(warnings).to.include('STALE_JOURNAL');
		expect(handled).to.deep.equal(['heir slow', 'heir next']);
		expect(await letters()).to.deep.equal([]);
		expect((await lab.during(sender.whereis('scribe')))?.node).to.equal(heir.node.id);
	});

	it('waits for a store that is away, and loses nothing', async () => {
		await host('a');
		await scribe();
		await say('before');
		lab.bus.stop();
		const said = say(...texts(200));
		sender.ref(Scribe, 'scribe').tell.write('told');
		await lab.pass(3_000);
		expect(handled).to.deep.equal(['a before']);
		expect(sender.stats().pending).to.equal(201);
		lab.bus.start();
		await said;
		await lab.pass(10_000);
		expect(handled).to.deep.equal(['before', ...texts(200), 'told'].map((text) => `a ${text}`));
		expect(sender.stats().pending).to.equal(0);
	});

	it('goes on when all that was stored is lost, with what is sent from then on', async () => {
		await host('a');
		await scribe();
		for (let n = 0; n < 5; n++) await say(`old ${n}`);
		await lab.pass(1_000);
		lab.bus.wipe();
		await lab.pass(40_000);
		await say('new 0');
		await say('new 1');
		await lab.pass(20_000);
		expect(handled.filter((line) => line.includes('new'))).to.deep.equal(['a new 0', 'a new 1']);
	});

	it('gives up messages, and not the actor, however many fail, where its class says nothing of supervision', async () => {
		await lab.during(sender.spawn(Tireless, { id: 'tireless' }));
		const ref = sender.ref(Tireless, 'tireless');
		for (let n = 0; n < 50; n++) ref.tell.fail(n);
		expect(await lab.during(ref.with({ timeout: '10m' }).ask.answer('after'))).to.equal('after');
		expect(await letters()).to.have.length(50);
	});

	it('takes garbage for what it is, counts it, and goes on: in the stream, and in the record of how far it has come', async () => {
		await say('0');
		const garbage = [
			Buffer.from('garbage'),
			Buffer.alloc(0),
			codec.encode('a text'),
			codec.encode([1, 2]),
			codec.encode([codec.encode(['write', 'no list', null, null, 0])]),
			codec.encode([codec.encode(['write', ['1'], 'nobody', ['x'], 0])]),
		];
		await lab.write('mail', 'scribe', garbage);
		await lab.put('mailboxes', 'scribe', Buffer.from('{"place":1'));
		await say('2');
		const a = await host('a');
		await scribe();
		await lab.pass(5_000);
		expect(handled).to.deep.equal(['a 0', 'a 1', 'a 2']);
		expect(a.stats().deadLetters).to.deep.equal({ malformed: 6 });
		expect([...(await lab.stream('mail')).values()]).to.deep.equal([]);
	});

	it('takes a large message, be it the first, and keeps one that fails with all that has room', async () => {
		await lab.during(sender.spawn(Tireless, { id: 'tireless' }));
		const ref = sender.ref(Tireless, 'tireless').with({ timeout: '10m' });
		const most = 1024 * 1024 - 2_000;
		expect(await lab.during(ref.ask.answer('x'.repeat(most)))).to.have.length(most);
		ref.tell.failWith('x'.repeat(most));
		expect(await lab.during(ref.ask.answer('after'))).to.equal('after');
		const [letter] = await letters();
		expect(letter?.message.args[0]).to.have.length(most);
		expect(letter?.attempts).to.equal(2);
	});

	it('remembers the last of many attempts, and how many there were', async () => {
		await lab.during(sender.spawn(Stubborn, { id: 'stubborn' }));
		const ref = sender.ref(Stubborn, 'stubborn').with({ timeout: '10m' });
		expect(await lab.during(ref.ask.fail().catch((error: { code: string }) => error.code))).to.equal(
			'ERR_ACTOR_CRASHED',
		);
		const [letter] = await letters();
		expect(letter?.attempts).to.equal(100);
		expect(letter?.failures.map(({ message }) => message.split('!')[0]?.trim())).to.deep.equal(
			Array.from({ length: 16 }, (_, n) => `attempt ${n + 85}`),
		);
	});

	it('accounts for what could not be stored when its sender stops', async () => {
		lab.bus.stop();
		const reasons: string[] = [];
		sender.events.on('deadLetter', ({ reason }) => reasons.push(reason));
		sender.ref(Scribe, 'scribe').tell.write('never');
		const asked = sender
			.ref(Scribe, 'scribe')
			.with({ timeout: '10m' })
			.ask.write('never')
			.catch((error) => error.code);
		await lab.during(sender.stop());
		expect(await asked).to.equal('ERR_SYSTEM_STOPPED');
		expect(reasons).to.deep.equal(['system-stopped', 'system-stopped']);
		const { sent, handled: done, deadLetters } = sender.stats();
		expect({ sent, done, dead: deadLetters['system-stopped'] }).to.deep.equal({ sent: 2, done: 0, dead: 2 });
	});
});
