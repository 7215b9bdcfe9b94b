/** The command line tool, as a process of its own, on a real NATS and a cluster in this process. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Actor, ActorSystem, Rejection, type SystemOptions } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { memoryBus } from '../../testkit.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

const CLI = fileURLToPath(new URL('../../bin/troupe.js', import.meta.url));

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

class Till extends Actor<{ start?: number }> {
	static readonly kind = 'till';
	#total = this.args.start ?? 0;
	readonly #heard: unknown[] = [];

	add(by: number): number {
		this.#total += by;
		return this.#total;
	}

	total(): number {
		return this.#total;
	}

	hear(...words: unknown[]): void {
		this.#heard.push(...words);
	}

	heard(): unknown[] {
		return this.#heard;
	}

	treasures(): unknown {
		return {
			big: 2n ** 64n,
			when: new Date(0),
			map: new Map([['a', 1]]),
			set: new Set([1]),
			bytes: Buffer.from('hi'),
			self: this.self,
		};
	}

	escape(): string {
		return 'red \u001b[31malert';
	}

	refuse(): never {
		throw new Rejection('OUT_OF_STOCK', 'no more\napples', { data: { left: 0n } });
	}

	crash(): never {
		throw new Error('boom');
	}

	never(): Promise<void> {
		return new Promise(() => {});
	}
}

interface Run {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

describe('the troupe command', () => {
	let server: NatsServer;
	let shop: ActorSystem;
	const env = (): NodeJS.ProcessEnv => ({ ...process.env, NATS_URL: server.url });

	function troupe(...args: string[]): Promise<Run> {
		return new Promise((resolve) => {
			execFile(process.execPath, [CLI, '--system', 'shop', ...args], { env: env() }, (error, out, err) =>
				resolve({ code: Number(error?.code ?? 0), out, err }),
			);
		});
	}

	async function json(...args: string[]): Promise<unknown> {
		const { out, err } = await troupe(...args, '--json');
		expect(err).to.equal('');
		return JSON.parse(out);
	}

	before(async () => {
		server = await startServer();
		shop = await ActorSystem.start({
			name: 'shop',
			servers: server.url,
			node: 'front',
			roles: ['web', 'worker'],
			hosts: [Till],
			stopGrace: 100,
			log: quiet,
		});
	});
	beforeEach(async () => {
		await shop.spawn(Till, { id: 'till', args: { start: 10 } });
	});
	afterEach(() => shop.ref('till').stop());
	after(async () => {
		await shop.stop();
		await server.stop();
	});

	it('lists the members of the cluster, and not itself', async () => {
		const { out, code } = await troupe('nodes');
		expect(code).to.equal(0);
		const lines = out.trimEnd().split('\n');
		expect(lines[0]).to.match(/^ID +NAME +ROLES +STATUS +KINDS$/);
		expect(lines[1]).to.match(new RegExp(`^${shop.node.id} +front +web,worker +up +till$`));
		expect(lines).to.have.length(2);
	});

	it('is a member itself while it works, and has left when it ends', async () => {
		const met: string[] = [];
		const off = [
			shop.events.on('nodeUp', ({ name }) => met.push(`${name} up`)),
			shop.events.on('nodeDown', ({ name, reason }) => met.push(`${name} ${reason}`)),
		];
		await troupe('nodes');
		await eventually(() => met.length === 2);
		expect(met).to.deep.equal(['troupe-cli up', 'troupe-cli left']);
		for (const end of off) end();
	});

	it('lists the actors with an ID, whatever the ID', async () => {
		const odd = await shop.spawn(Till, { id: 'til\u001b[2Jl *.>\n2' });
		const { out } = await troupe('actors');
		expect(out).to.match(/^ID +KIND +NODE +EPOCH\n/);
		expect(out).to.match(new RegExp(`^till +till +${shop.node.id} +\\d+$`, 'm'));
		expect(out).to.include('til\\x1b[2Jl *.> 2  till');
		expect(await json('actors')).to.deep.equal(await shop.actors());
		await odd.stop();
	});

	it('asks, and prints the reply', async () => {
		expect(await troupe('ask', 'till', 'add', '5')).to.deep.equal({ code: 0, out: '15\n', err: '' });
		expect(await troupe('ask', 'till', 'add', '-5')).to.include({ out: '10\n' });
		expect(await json('ask', 'till', 'total')).to.equal(10);
	});

	it('reads arguments as JSON, and as strings where they are not', async () => {
		await troupe('tell', 'till', 'hear', '1', '"1"', 'one', '{"a":[null]}', '{oops', 'true', '');
		expect(await json('ask', 'till', 'heard')).to.deep.equal([1, '1', 'one', { a: [null] }, '{oops', true, '']);
	});

	it('tells: silent, and done when the message is in the mailbox', async () => {
		expect(await troupe('tell', 'till', 'add', '1')).to.deep.equal({ code: 0, out: '', err: '' });
		expect(await shop.ref(Till, 'till').ask.total()).to.equal(11);
		expect(await json('tell', 'till', 'add', '1')).to.equal(null);
	});

	it('stops an actor', async () => {
		expect(await troupe('stop', 'till')).to.deep.equal({ code: 0, out: '', err: '' });
		expect(await shop.whereis('till')).to.equal(undefined);
	});

	it('projects into JSON what JSON has no word for', async () => {
		expect(await json('ask', 'till', 'treasures')).to.deep.equal({
			big: '18446744073709551616',
			when: '1970-01-01T00:00:00.000Z',
			map: [['a', 1]],
			set: [1],
			bytes: 'aGk=',
			self: { id: 'till', kind: 'till', path: '/till' },
		});
	});

	it('lets no reply steer the terminal', async () => {
		expect((await troupe('ask', 'till', 'escape')).out).to.equal('red \\x1b[31malert\n');
		expect(await json('ask', 'till', 'escape')).to.equal('red \u001b[31malert');
		expect((await troupe('ask', 'till', 'treasures')).out).to.include('ActorRef(/till)');
	});

	it('reports a failure as one line with its code, and exits with 1', async () => {
		const crash = await troupe('ask', 'till', 'crash');
		expect(crash).to.include({ code: 1, out: '' });
		expect(crash.err).to.match(/^ERR_ACTOR_CRASHED: 'crash' to till: .*boom\n$/);
		expect((await troupe('ask', 'till', 'refuse')).err).to.equal('OUT_OF_STOCK: no more apples\n');
		expect((await troupe('ask', 'ghost', 'total')).err).to.match(/^ERR_NO_SUCH_ACTOR: .+\n$/);
		expect((await troupe('tell', 'ghost', 'total')).err).to.match(/^ERR_NO_SUCH_ACTOR: .+\n$/);
		expect((await troupe('stop', 'ghost')).err).to.match(/^ERR_NO_SUCH_ACTOR: .+\n$/);
		expect((await troupe('ask', 'till', 'sing')).err).to.match(/^ERR_NOT_A_MESSAGE: .+\n$/);
		expect((await troupe('ask', 'till', 'constructor')).err).to.match(/^ERR_NOT_A_MESSAGE: .+\n$/);
	});

	it('waits no longer than it is told', async () => {
		expect((await troupe('ask', 'till', 'never', '--timeout', '50ms')).err).to.match(/^ERR_ASK_TIMEOUT: /);
		const away = await troupe('nodes', '--nats', 'nats://127.0.0.1:1', '--timeout', '200');
		expect(away).to.include({ code: 1 });
		expect(away.err).to.match(/^ERR_CONNECT: [^\n]*127\.0\.0\.1:1[^\n]*\n$/);
	});

	it('reports a failure as JSON, too', async () => {
		expect(await json('ask', 'till', 'refuse')).to.deep.equal({
			error: { code: 'OUT_OF_STOCK', message: 'no more\napples', data: { left: '0' } },
		});
		const misused = await json('sing');
		expect(misused).to.have.nested.property('error.code', 'ERR_USAGE');
	});

	it('exits with 2 when it was called wrongly', async () => {
		for (const args of [
			[],
			['sing'],
			['ask', 'till'],
			['nodes', '--jsno'],
			['nodes', '--timeout', '5 parsecs'],
			['nodes', 'extra'],
		]) {
			const { code, err } = await troupe(...args);
			expect(err).to.match(/^ERR_USAGE: [^\n]+\n$/);
			expect(code, args.join(' ')).to.equal(2);
		}
		expect(await troupe('ask', '', 'total')).to.include({ code: 2 });
		expect((await troupe('nodes', '--system', 'a b')).err).to.match(/^ERR_BAD_OPTION: option 'name'/);
	});

	it('explains itself', async () => {
		const help = await troupe('ask', '--help');
		expect(help).to.include({ code: 0, err: '' });
		expect(help.out).to.include('Usage: troupe ask').and.to.include('--nats').and.to.include('NATS_URL');
		expect((await troupe('--version')).out).to.match(/^\d+\.\d+\.\d+\n$/);
	});

	it('leaves the cluster when it is interrupted', async () => {
		let down: (reason: string | undefined) => void = () => {};
		const left = new Promise<string | undefined>((resolve) => {
			down = resolve;
		});
		const off = shop.events.on('nodeDown', ({ reason }) => down(reason));
		const cli = spawn(process.execPath, [CLI, '--system', 'shop', 'ask', 'till', 'never', '--timeout', '1m'], {
			env: env(),
		});
		await eventually(() => shop.stats().pending === 1);
		cli.kill('SIGINT');
		expect(await once(cli, 'exit')).to.deep.equal([130, null]);
		expect(await left).to.equal('left');
		off();
	});
});

/** Systems that end with their test, however it ends. */
const started: ActorSystem[] = [];

async function start(options?: SystemOptions): Promise<ActorSystem> {
	const system = await ActorSystem.start(options);
	started.push(system);
	return system;
}

async function stopAll(): Promise<void> {
	await Promise.all(started.splice(0).map((system) => system.stop()));
}

describe('a ref by ID alone', () => {
	afterEach(stopAll);

	it('reaches the actor without its class, and fits wherever a typed ref does', async () => {
		const system = await start({ checks: 'strict' });
		const untyped = system.ref('till');
		expect(untyped.kind).to.equal('');
		const till = await system.spawn(Till, { id: 'till' });
		expect(await untyped.ask['add']?.(3)).to.equal(3);
		expect(untyped.kind).to.equal('till');
		expect(untyped.equals(till)).to.equal(true);
		expect(till.equals(untyped)).to.equal(true);
		await till.send.hear(untyped);
		expect(((await till.ask.heard())[0] as typeof till).equals(till)).to.equal(true);
	});

	it('has faces of its own, whatever class another ref to the ID was made with', async () => {
		class Wrong extends Actor {
			static readonly kind = 'wrong';
			sing(): void {}
		}
		const system = await start();
		const wrong = system.ref(Wrong, 'till');
		const right = system.ref(Till, 'till');
		await system.spawn(Till, { id: 'till', args: { start: 1 } });
		expect(await right.ask.total()).to.equal(1);
		expect(await system.ref('till').ask['total']?.()).to.equal(1);
		expect(wrong.ask).not.to.have.property('total');
	});

	it('refuses what is no ID', async () => {
		const system = await start();
		expect(() => system.ref(''))
			.to.throw()
			.with.property('code', 'ERR_BAD_ID');
	});
});

describe('the list of actors', () => {
	afterEach(stopAll);

	it('has those with an ID, in order, and no others', async () => {
		const system = await start();
		await system.spawn(Till, { id: 'b' });
		await system.spawn(Till);
		const a = await system.spawn(Till, { id: 'a' });
		expect((await system.actors()).map(({ id, kind, node }) => [id, kind, node])).to.deep.equal([
			['a', 'till', system.node.id],
			['b', 'till', system.node.id],
		]);
		await a.stop();
		expect((await system.actors()).map(({ id }) => id)).to.deep.equal(['b']);
	});

	it('leaves out the actors of dead nodes', async () => {
		const bus = memoryBus('actors-of-the-dead');
		const options = { servers: 'memory://actors-of-the-dead', heartbeat: 20, lease: 200, log: quiet };
		const one = await start(options);
		const other = await start(options);
		await one.spawn(Till, { id: 'here' });
		await other.spawn(Till, { id: 'there' });
		expect((await one.actors()).map(({ id }) => id)).to.deep.equal(['here', 'there']);
		bus.client(`troupe troupe ${other.node.id}`)?.disconnect();
		await eventually(async () => (await one.actors()).length === 1);
		expect((await one.actors()).map(({ id }) => id)).to.deep.equal(['here']);
	});
});
