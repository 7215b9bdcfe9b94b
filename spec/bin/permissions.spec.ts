/** What `troupe permissions` prints, to the letter, in a real nats-server with mutual TLS, and two systems side by side on it. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { connect, type Msg, nkeys } from 'nats';
import { Actor, ActorSystem, durable, type NatsAccess, natsPermissions, resume, type Warning } from '../../index.ts';
import { JetStreamApi } from '../../runtime/cluster/jetstream-api.ts';
import { natsKvStore } from '../../runtime/cluster/kv-nats.ts';
import { natsStreamStore } from '../../runtime/cluster/stream-nats.ts';
import { systemClock } from '../../runtime/core/clock.ts';
import { connectNats, type NatsTransport } from '../../runtime/transport/nats.ts';
import type { NatsServer, NatsServerOptions } from '../../runtime/transport/nats-server.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { failure } from '../support/coded.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

const CLI = fileURLToPath(new URL('../../bin/troupe.js', import.meta.url));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

class Ledger extends Actor {
	static readonly kind = 'ledger';
	static readonly mailbox = durable({ maxDeliver: 1 });
	static readonly supervision = resume();
	#sum = 0;

	enter(amount: number): number {
		if (amount === 0) throw new Error('nothing to enter');
		this.#sum += amount;
		return this.#sum;
	}
}

class Safe extends Actor {
	static readonly kind = 'safe';
	#held = 0;

	put(amount: number): number {
		this.#held += amount;
		return this.#held;
	}
}

class Guard extends Actor {
	static readonly kind = 'guard';
	readonly #ends: string[] = [];

	mind(ref: import('../../index.ts').Address): void {
		this.watch(ref);
	}

	ends(): readonly string[] {
		return this.#ends;
	}

	protected override onTerminated(ref: import('../../index.ts').AnyRef, why: { reason: string }): void {
		this.#ends.push(`${ref.id} ${why.reason}`);
	}
}

/** A durable channel, and values that go through it. */
async function pass(system: ActorSystem): Promise<void> {
	const channel = await system.channel<number>('values', { capacity: 8, durable: true });
	for (let n = 0; n < 4; n++) await channel.send(n);
	for (let n = 0; n < 4; n++) expect(await channel.receive()).to.equal(n);
	await channel.close();
}

async function permissions(...args: string[]): Promise<string> {
	return (await promisify(execFile)(process.execPath, [CLI, 'permissions', ...args])).stdout;
}

for (const form of ['users', 'nkeys', 'accounts'] as const) {
	describe(`two systems side by side, with troupe permissions --form ${form} and mutual TLS`, () => {
		const secrets: Record<string, NatsAccess> = {};
		const systems: ActorSystem[] = [];
		const warnings: Warning[] = [];
		let certificates: Certificates;
		let server: NatsServer;
		let intruder: NatsTransport;
		let problems: Error[];

		before(async () => {
			certificates = await makeCertificates();
			for (const name of ['shop', 'bank']) {
				const key = nkeys.createUser();
				process.env[`TROUPE_NKEY_${name}`] = key.getPublicKey();
				process.env[`TROUPE_PASSWORD_${name}`] = `pass-of-${name}`;
				secrets[name] =
					form === 'nkeys' ? { nkey: Buffer.from(key.getSeed()).toString() } : { user: name, pass: `pass-of-${name}` };
			}
			const { certFile, keyFile } = certificates.server;
			const files = { cert_file: certFile, key_file: keyFile, ca_file: certificates.caFile, verify: true };
			const configuration = await permissions('shop', 'bank', '--form', form);
			server = await startServer({ extraConfig: `tls: ${JSON.stringify(files)}\n${configuration}` });
			for (const name of ['shop', 'bank']) for (const node of ['a', 'b']) await join(name, node);
			intruder = await connectNats({
				...access('shop'),
				servers: server.url,
				name: 'intruder',
				connectTimeout: 5_000,
				clock: systemClock,
				inboxPrefix: '_INBOX_shop',
			} as never);
			intruder.onProblem((problem) => problems.push(problem));
		});

		beforeEach(() => {
			problems = [];
		});

		after(async () => {
			await Promise.all(systems.map((system) => system.stop()));
			await intruder?.close();
			await server?.stop();
			await certificates?.remove();
		});

		function access(name: string): NatsAccess {
			return { ...secrets[name], tls: { ...certificates.client, caFile: certificates.caFile } };
		}

		async function join(name: string, node: string): Promise<void> {
			const options = { name, node, servers: server.url, nats: access(name), log: quiet };
			const system = await ActorSystem.start(options);
			system.events.on('warning', (warning) => warnings.push(warning));
			systems.push(system);
		}

		function nodesOf(name: string): readonly [ActorSystem, ActorSystem] {
			return systems.filter((system) => system.name === name) as never;
		}

		for (const name of ['shop', 'bank']) {
			it(`${name} works: it claims, finds, asks from afar, watches, lists and releases`, async () => {
				const [a, b] = nodesOf(name);
				const safe = await b.spawn(Safe, { id: 'safe' });
				const guard = await a.spawn(Guard, { id: 'guard' });
				const far = a.ref(Safe, 'safe');
				expect(await far.ask.put(name === 'shop' ? 1 : 100)).to.equal(name === 'shop' ? 1 : 100);
				expect((await a.whereis('safe'))?.node).to.equal(b.node.id);
				expect((await a.actors()).map(({ id }) => id)).to.deep.equal(['guard', 'safe']);
				await guard.ask.mind(far);
				await far.ask.put(0); // on the way that the watch took before
				await safe.stop();
				await eventually(async () => (await guard.ask.ends()).length === 1);
				expect(await guard.ask.ends()).to.deep.equal(['safe stopped']);
				expect(await a.whereis('safe')).to.equal(undefined);
				await guard.stop();
				expect(warnings.filter(({ code }) => code !== 'OLD_SERVER')).to.deep.equal([]);
			});

			it(`${name} keeps durable mailboxes, and what they have given up`, async () => {
				const [a, b] = nodesOf(name);
				const far = a.ref(Ledger, 'ledger');
				await far.send.enter(1);
				const ledger = await b.spawn(Ledger, { id: 'ledger' });
				expect(await far.ask.enter(2)).to.equal(3);
				await failure('ERR_ACTOR_CRASHED', far.ask.enter(0));
				await failure('ERR_ACTOR_CRASHED', far.ask.enter(0));
				const letters = await a.deadLetters.list();
				expect(letters.map(({ message }) => message.args)).to.deep.equal([[0], [0]]);
				const [one, other] = letters.map(({ number }) => number) as [number, number];
				expect(await a.deadLetters.drop(one)).to.equal(true);
				await pass(b);
				expect(await a.deadLetters.replay(other)).to.equal(true);
				await eventually(async () => (await a.deadLetters.list()).some(({ number }) => number > other));
				await ledger.stop();
				expect(warnings.filter(({ code }) => code !== 'OLD_SERVER')).to.deep.equal([]);
			});
		}

		it('lets the command line tool in, as one of its system', async () => {
			const { caFile, client } = certificates;
			const nkey = `${client.keyFile}.nkey`;
			await writeFile(nkey, `${secrets['shop']?.nkey}\n`);
			const env: NodeJS.ProcessEnv = { ...process.env, NATS_CA: caFile, NATS_PASSWORD: 'pass-of-shop' };
			const args = ['nodes', '--system', 'shop', '--nats', server.url];
			args.push('--tlscert', client.certFile, '--tlskey', client.keyFile);
			args.push(...(form === 'nkeys' ? ['--nkey', nkey] : ['--user', 'shop']));
			const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { env });
			for (const { node } of nodesOf('shop')) expect(stdout).to.include(node.id);
			args[2] = 'bank';
			const { code, stderr } = await promisify(execFile)(process.execPath, [CLI, ...args], { env }).catch(
				(error) => error,
			);
			expect(code).to.equal(1);
			expect(stderr).to.match(/^ERR_PERMISSION: .*troupe permissions --system bank' prints\n$/);
		});

		it('lets neither join as the other: the start fails and names subject and remedy', async () => {
			const options = { name: 'bank', servers: server.url, nats: access('shop'), log: quiet };
			const error = await failure('ERR_PERMISSION', ActorSystem.start(options));
			expect(error.message)
				.to.include('publish to "troupe.bank.>"')
				.and.include('subscribe to "troupe.bank.>", "_INBOX_bank.>"')
				.and.include("'troupe permissions --system bank'");
		});

		it('denies to publish and to subscribe in the other system, each with a coded error', async () => {
			const { id } = nodesOf('bank')[0].node;
			for (const subject of ['troupe.bank.hb', `troupe.bank.n.${id}`, '_INBOX_bank.x', '$KV.troupe_bank_actors.x.safe'])
				intruder.publish(subject, Buffer.from('x'));
			for (const subject of [
				...['troupe.bank.>', `troupe.bank.n.${id}`, '_INBOX_bank.>', '$KV.troupe_bank_actors.>'],
				...['>', 'troupe.>', '*.bank.>', '$JS.ACK.>', '$JS.EVENT.>', '_INBOX.>'],
			])
				intruder.subscribe(subject, () => expect.fail(subject));
			await intruder.flush();
			expect(problems.map((problem) => (problem as { code?: string }).code)).to.deep.equal(
				Array(14).fill('ERR_PERMISSION'),
			);
			expect(problems[0]?.message).to.include('publish to "troupe.bank.hb"');
		});

		it("denies to read, claim, change and delete the other's registry, each with a coded error", async () => {
			const store = natsKvStore(intruder);
			for (const bucket of ['troupe_bank_nodes', 'troupe_bank_actors', 'troupe_bank_failover', 'anything'])
				expect((await failure('ERR_PERMISSION', store.open(bucket))).message).to.include(bucket);
			const api = new JetStreamApi(intruder, 5_000);
			const stream = 'KV_troupe_bank_actors';
			for (const word of [
				...[`STREAM.MSG.GET.${stream}`, `STREAM.MSG.DELETE.${stream}`, `DIRECT.GET.${stream}`],
				...[`DIRECT.GET.${stream}.$KV.troupe_bank_actors.x.safe`, `CONSUMER.CREATE.${stream}`],
				...[`CONSUMER.CREATE.${stream}.mine`, `CONSUMER.DURABLE.CREATE.${stream}.mine`, `CONSUMER.NAMES.${stream}`],
				...[`CONSUMER.MSG.NEXT.${stream}.mine`, `CONSUMER.DELETE.${stream}.mine`, `STREAM.PURGE.${stream}`],
				...[`STREAM.DELETE.${stream}`, `STREAM.UPDATE.${stream}`, `STREAM.SNAPSHOT.${stream}`, 'STREAM.NAMES'],
				...['STREAM.LIST', 'INFO', 'STREAM.DELETE.KV_troupe_shop_actors', 'STREAM.PURGE.KV_troupe_shop_actors'],
			])
				await failure('ERR_PERMISSION', api.call(word, { name: stream, seq: 1 }));
			await failure('ERR_PERMISSION', api.ask('$KV.troupe_bank_actors.x.safe', Buffer.from('mine')));
			expect(problems.length).to.be.at.least(24);
		});

		it("denies to read, fill and empty the other's durable mailboxes, each with a coded error", async () => {
			const store = natsStreamStore(intruder);
			for (const stream of ['TROUPE_bank_mail', 'TROUPE_bank_dead', 'TROUPE_bank_channels'])
				expect((await failure('ERR_PERMISSION', store.open(stream))).message).to.include(stream);
			const api = new JetStreamApi(intruder, 5_000);
			const stream = 'TROUPE_bank_mail';
			for (const word of [
				...[`STREAM.MSG.GET.${stream}`, `STREAM.MSG.DELETE.${stream}`, `DIRECT.GET.${stream}`],
				...[`CONSUMER.CREATE.${stream}`, `STREAM.PURGE.${stream}`, `STREAM.DELETE.${stream}`],
				...['STREAM.PURGE.TROUPE_shop_mail', 'STREAM.DELETE.TROUPE_shop_mail'],
			])
				await failure('ERR_PERMISSION', api.call(word, { name: stream, seq: 1 }));
			await failure('ERR_PERMISSION', api.ask('troupe_stream.TROUPE_bank_mail.x.ledger', Buffer.from('mine')));
		});

		it('lets in nobody without the certificate', async () => {
			const { caFile, stranger } = certificates;
			for (const tls of [{ caFile }, { caFile, ...stranger }]) {
				const options = { name: 'shop', servers: server.url, connectTimeout: 300, log: quiet };
				await failure('ERR_CONNECT', ActorSystem.start({ ...options, nats: { ...secrets['shop'], tls } }));
			}
		});

		/** Whoever may make a stream may have JetStream fetch what he may not fetch himself, as far as his account reaches. */
		it(`${form === 'accounts' ? 'is' : 'is not'} a wall against a system that turns its own stream on the other`, async () => {
			const api = new JetStreamApi(intruder, 5_000);
			const name = 'KV_troupe_shop_failover';
			const subjects = ['troupe.bank.>'];
			const info = await api.call<{ config: object }>(`STREAM.INFO.${name}`).catch(() => undefined);
			if (info) await api.call(`STREAM.UPDATE.${name}`, { ...info.config, subjects });
			else await api.call(`STREAM.CREATE.${name}`, { name, subjects, retention: 'limits', storage: 'memory' });
			const [a, b] = nodesOf('bank');
			const safe = await b.spawn(Safe);
			const relay = await a.spawn(Guard, { id: 'relay' });
			await b.ref(Guard, 'relay').ask.ends();
			await Promise.all([safe.stop(), relay.stop()]);
			const { state } = await api.call<{ state: { messages: number } }>(`STREAM.INFO.${name}`);
			expect(state.messages > 0).to.equal(form !== 'accounts');
		});
	});
}

describe('a system that lacks permissions', () => {
	const options: { -readonly [K in keyof NatsServerOptions]: NatsServerOptions[K] } = {};
	let server: NatsServer | undefined;

	afterEach(async () => {
		await server?.stop();
	});

	const { publish, subscribe } = natsPermissions('shop');
	const userOf = (user: string, without?: string) => {
		const rest = (subjects: readonly string[]) => subjects.filter((subject) => subject !== without);
		return { user, password: 'x', permissions: { publish: rest(publish), subscribe: rest(subscribe) } };
	};
	const allowing = (...users: ReturnType<typeof userOf>[]): string => `authorization: ${JSON.stringify({ users })}`;
	const start = (user: string): Promise<ActorSystem> =>
		ActorSystem.start({ name: 'shop', servers: server?.url, nats: { user, pass: 'x' }, log: quiet });

	it('does not start, whichever it lacks, and names it', async () => {
		// Making and giving life is needed by the first only; other buckets and streams may not be there at all.
		const birth = publish.filter((subject) => /STREAM\.(INFO|CREATE|UPDATE).*(nodes|actors)$/.test(subject));
		const trials = publish.filter((subject) => !/STREAM\.(INFO|CREATE|UPDATE)/.test(subject));
		const all = [...birth, ...trials, ...subscribe];
		expect(all).to.have.lengthOf(publish.length + subscribe.length - 5 * 3);
		server = await startServer({ extraConfig: allowing(...all.map((subject, n) => userOf(`u${n}`, subject))) });
		for (const [n, subject] of all.entries()) {
			// The same subject may be missing to publish and to subscribe: then both are named.
			const error = await failure('ERR_PERMISSION', start(`u${n}`));
			expect(error.message).to.include(`"${subject}"`).and.include('troupe permissions --system shop');
		}
	});

	it('asks for none that its life does not use', async () => {
		server = await startServer({ extraConfig: allowing(userOf('shop')).replace('[', '[{user: all, password: x}, ') });
		const all = await connect({ servers: server.url, user: 'all', pass: 'x' });
		const used = new Set<string>();
		// What is only tried at the start is empty, and asks for no answer.
		const note = ({ subject, reply, data }: Msg): unknown => (reply || data.length > 0) && used.add(subject);
		all.subscribe('>', { callback: (_error, message) => void note(message) });
		await all.flush();
		const [one, other] = [await start('shop'), await start('shop')];
		const safe = await one.spawn(Safe, { id: 'safe' });
		expect(await other.ref(Safe, 'safe').ask.put(1)).to.equal(1);
		expect(await other.actors()).to.have.lengthOf(1);
		await safe.stop();
		const ledger = other.ref(Ledger, 'ledger');
		await one.spawn(Ledger, { id: 'ledger' });
		await failure('ERR_ACTOR_CRASHED', ledger.ask.enter(0));
		const [letter] = await other.deadLetters.list();
		expect(await other.deadLetters.drop(letter?.number as number)).to.equal(true);
		await pass(other);
		await Promise.all([one.stop(), other.stop()]);
		await all.close();
		// The bucket for failovers is used by who uses failover.
		const unused = publish.filter((permission) => {
			const pattern = new RegExp(
				`^${permission.replaceAll(/[$.]/g, '\\$&').replace('*', '[^.]+').replace('>', '.+')}$`,
			);
			return ![...used].some((subject) => pattern.test(subject));
		});
		expect(unused.filter((permission) => !permission.includes('failover'))).to.deep.equal([]);
	});

	it('to make and to change streams needs neither once its buckets are there', async () => {
		const lean = userOf('lean');
		const rest = lean.permissions.publish.filter((subject) => !/STREAM\.(CREATE|UPDATE)/.test(subject));
		const permissions = { ...lean.permissions, publish: rest };
		server = await startServer({ extraConfig: allowing(userOf('first'), { ...lean, permissions }) });
		await (await start('first')).stop();
		const system = await start('lean');
		expect(await (await system.spawn(Safe, { id: 'safe' })).ask.put(1)).to.equal(1);
		expect(await system.actors()).to.have.lengthOf(1);
		await system.stop();
	});

	it('that are taken away later: the call fails at once with its code, a warning tells once, and it recovers', async () => {
		const claims = '$KV.troupe_shop_actors.>';
		options.extraConfig = allowing(userOf('shop'));
		server = await startServer(options);
		const system = await start('shop');
		const warnings: Warning[] = [];
		system.events.on('warning', (warning) => warnings.push(warning));
		try {
			await system.spawn(Safe, { id: 'one' });
			options.extraConfig = allowing(userOf('shop', claims));
			await server.restart();
			const refused = async (): Promise<boolean> =>
				(await system.spawn(Safe, { id: 'two' }).catch(({ code }) => code)) === 'ERR_PERMISSION';
			await eventually(refused, { within: 10_000 });
			expect(await refused()).to.equal(true);
			const denials = warnings.filter(({ code }) => code === 'PERMISSION_DENIED');
			expect(denials.length).to.be.at.least(1);
			expect(denials[0]?.message).to.match(/publish to "\$KV\.troupe_shop_actors\.\w+\.two": .*troupe permissions/);
			expect(denials[0]?.error).to.have.property('code', 'ERR_PERMISSION');
			expect(new Set(denials.map(({ message }) => message)).size).to.equal(denials.length);

			options.extraConfig = allowing(userOf('shop'));
			await server.restart();
			await eventually(async () => (await system.spawn(Safe, { id: 'two' }).catch(() => undefined)) !== undefined, {
				within: 10_000,
			});
			expect(await system.ref(Safe, 'two').ask.put(1)).to.equal(1);
		} finally {
			await system.stop();
		}
	});

	for (const [what, subject, denied] of [
		['the answers of NATS', '_INBOX_shop.>', /^PERMISSION_DENIED .*subscribe to "_INBOX_shop\./],
		['the other nodes', 'troupe.shop.>', /^PERMISSION_DENIED .*subscribe to "troupe\.shop\.n\./],
	] as const) {
		it(`hears ${what} again when it may, after it could not for a while`, async () => {
			options.extraConfig = allowing(userOf('shop'));
			server = await startServer(options);
			const [one, other] = [await start('shop'), await start('shop')];
			const warnings: string[] = [];
			one.events.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`));
			try {
				await one.spawn(Safe, { id: 'safe' });
				options.extraConfig = allowing(userOf('shop', subject));
				await server.restart();
				await eventually(() => warnings.some((warning) => denied.test(warning)), { within: 10_000 });
				if (subject.startsWith('_INBOX')) await failure('ERR_PERMISSION', one.whereis('nobody'));
				options.extraConfig = allowing(userOf('shop'));
				await server.restart();
				const put = (): Promise<unknown> => other.ref(Safe, 'safe').with({ timeout: '1s' }).ask.put(1);
				const reached = (): Promise<boolean> =>
					put().then(
						() => true,
						() => false,
					);
				await eventually(reached, { within: 15_000 });
				expect(await (await one.spawn(Safe, { id: 'back' })).ask.put(2)).to.equal(2);
			} finally {
				await Promise.all([one, other].map((system) => system.stop()));
			}
		});
	}
});
