/** Every way to be let in by NATS, against real servers; and that no secret comes out again, whatever goes wrong. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { nkeyAuthenticator, nkeys } from 'nats';
import { Actor, ActorSystem, type NatsAccess, type SystemOptions } from '../../index.ts';
import { systemClock } from '../../runtime/core/clock.ts';
import { connectNats } from '../../runtime/transport/nats.ts';
import type { NatsServer, NatsServerOptions } from '../../runtime/transport/nats-server.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { failure } from '../support/coded.ts';
import { makeTrust } from '../support/credentials.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

class Echo extends Actor {
	static readonly kind = 'echo';

	say(what: string): string {
		return what;
	}
}

const SECRET = 'swordf1sh';
const EVENTS = [
	...(['deadLetter', 'actorStarted', 'actorStopped', 'actorRestarted'] as const),
	...(['nodeUp', 'nodeSuspect', 'nodeDown', 'warning'] as const),
];

/** All that a system has said. */
class Record {
	readonly said: string[] = [];
	readonly #all = { depth: null, showHidden: true } as const;
	readonly log = { debug: this.line(), info: this.line(), warn: this.line(), error: this.line() };

	line(): (...words: unknown[]) => void {
		return (...words) => void this.said.push(inspect(words, this.#all));
	}

	listen(system: ActorSystem): void {
		for (const event of EVENTS) system.events.on(event, this.line());
		this.line()(system, system.events, system.node, system.nodes(), system.stats());
		this.said.push(JSON.stringify(system), String(system));
	}

	hides(...secrets: string[]): void {
		expect(this.said.length).to.be.above(0);
		for (const secret of secrets)
			for (const line of this.said)
				expect(line.includes(secret), `a secret in: ${line.slice(0, 2_000)}`).to.equal(false);
	}
}

describe('a system that has to say who it is', () => {
	const servers: NatsServer[] = [];
	const systems: ActorSystem[] = [];
	let folder: string;
	let certificates: Certificates;
	let record: Record;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'troupe-credentials-'));
		certificates = await makeCertificates();
	});

	beforeEach(() => {
		record = new Record();
	});

	afterEach(async () => {
		await Promise.all(systems.splice(0).map((system) => system.stop()));
		await Promise.all(servers.splice(0).map((server) => server.stop()));
	});

	after(async () => {
		await rm(folder, { recursive: true, force: true });
		await certificates.remove();
	});

	async function serve(extraConfig: string, options: NatsServerOptions = {}): Promise<NatsServer> {
		const server = await startServer(Object.assign(options, { extraConfig }));
		servers.push(server);
		return server;
	}

	async function start(options: SystemOptions): Promise<ActorSystem> {
		const system = await ActorSystem.start({ log: record.log, connectTimeout: 1_000, ...options });
		record.listen(system);
		systems.push(system);
		return system;
	}

	/** Two nodes that reach each other, and the error of a third that has something wrong. */
	async function proves(server: NatsServer, nats: NatsAccess, wrong: NatsAccess, url = server.url): Promise<void> {
		const [a, b] = [await start({ servers: url, nats }), await start({ servers: url, nats })];
		await b.spawn(Echo, { id: 'echo' });
		expect(await a.ref(Echo, 'echo').ask.say('hello')).to.equal('hello');
		await refused({ servers: server.url, nats: wrong });
	}

	async function refused(options: SystemOptions, code = 'ERR_CONNECT'): Promise<string> {
		const error = await failure(code, start(options));
		record.line()(error);
		record.said.push(error.message, String(error.stack));
		return error.message;
	}

	it('does so by user and password', async () => {
		const server = await serve(`authorization { user: "shop", password: "${SECRET}" }`);
		await proves(server, { user: 'shop', pass: SECRET }, { user: 'shop', pass: `${SECRET}-not` });
		record.hides(SECRET);
	});

	it('does so by token', async () => {
		const server = await serve(`authorization { token: "${SECRET}" }`);
		await proves(server, { token: SECRET }, { token: `not-${SECRET}` });
		record.hides(SECRET);
	});

	it('does so in the address, which is shown without', async () => {
		const server = await serve(`authorization { user: "shop", password: "${SECRET}" }`);
		const url = server.url.replace('://', `://shop:${SECRET}@`);
		await proves(server, {}, { user: 'shop', pass: SECRET.toUpperCase() }, url);
		const transport = await connectNats({ servers: url, name: 'x', connectTimeout: 1_000, clock: systemClock });
		expect(transport.address).to.equal(server.url);
		record.line()(transport.address);
		await transport.close();
		const message = await refused({ servers: server.url.replace('://', `://${SECRET}:not${SECRET}@`) });
		expect(message).to.include(server.url);
		for (const servers of [
			...[`nats://shop:${SECRET}@host:port`, `nats://shop:${SECRET}/${SECRET}@host`, `shop:${SECRET}@a b`],
			...[`nats://%zz${SECRET}@host`, `http://shop:${SECRET}@host`, `x@${SECRET}@host:port:4`],
			...[`nats://${SECRET.repeat(2_000)}@host`, [`nats://shop:${SECRET}@host`, 'embedded']],
		])
			await refused({ servers }, 'ERR_BAD_OPTION');
		record.hides(SECRET, SECRET.toUpperCase());
	});

	it('does so by nkey', async () => {
		const [key, other] = [nkeys.createUser(), nkeys.createUser()];
		const [seed, wrong] = [key, other].map((one) => Buffer.from(one.getSeed()).toString()) as [string, string];
		const server = await serve(`authorization { users: [{ nkey: ${key.getPublicKey()} }] }`);
		await proves(server, { nkey: seed }, { nkey: wrong });
		const accountSeed = Buffer.from(nkeys.createAccount().getSeed()).toString();
		for (const nkey of [SECRET, seed.slice(0, -1), accountSeed])
			expect(await refused({ servers: server.url, nats: { nkey } }, 'ERR_BAD_OPTION')).to.include("'nats.nkey'");
		await refused({ servers: server.url, nats: { nkey: seed, credentials: 'x' } }, 'ERR_BAD_OPTION');
		record.hides(seed, seed.slice(0, -1), wrong, accountSeed, SECRET);
	});

	it('does so by a credentials file', async () => {
		const [trust, foreign] = [makeTrust(), makeTrust()];
		const server = await serve(trust.configuration);
		const paths = [trust, foreign].map(({ credentials }, n) => [join(folder, `${n}.creds`), credentials] as const);
		for (const [path, content] of paths) await writeFile(path, content);
		const [[good], [bad]] = paths as [readonly [string, string], readonly [string, string]];
		await proves(server, { credentials: good }, { credentials: bad });
		const garbled = join(folder, 'garbled.creds');
		await writeFile(garbled, trust.credentials.replaceAll('-----', '').replace(trust.seed, `${trust.seed}x`));
		for (const credentials of [garbled, join(folder, 'missing.creds'), folder])
			expect(await refused({ servers: server.url, nats: { credentials } }, 'ERR_BAD_OPTION')).to.include(credentials);
		record.hides(trust.seed, foreign.seed, trust.credentials.split('\n')[1] as string);
	});

	it("does so by an authenticator of the client library's", async () => {
		const key = nkeys.createUser();
		const server = await serve(`authorization { users: [{ nkey: ${key.getPublicKey()} }] }`);
		const wrong = nkeyAuthenticator(nkeys.createUser().getSeed());
		await proves(server, { authenticator: nkeyAuthenticator(key.getSeed()) }, { authenticator: wrong });
		record.hides(Buffer.from(key.getSeed()).toString());
	});

	it('does so by a certificate, whose owner is the user', async () => {
		const { caFile, client, server: own, stranger } = certificates;
		const files = { cert_file: own.certFile, key_file: own.keyFile, ca_file: caFile, verify_and_map: true };
		const server = await serve(
			`tls: ${JSON.stringify(files)}\nauthorization: ${JSON.stringify({ users: [{ user: 'CN=client' }] })}`,
		);
		await proves(server, { tls: { caFile, ...client } }, { tls: { caFile, ...stranger } });
		expect(await refused({ servers: server.url, nats: { tls: {} } })).to.include("'nats.tls'");
		record.hides('PRIVATE KEY');
	});

	it('never goes on without TLS when it was asked for', async () => {
		const server = await serve('');
		expect(await refused({ servers: server.url, nats: { tls: {} } })).to.include("'nats.tls'");
		expect(await refused({ servers: server.url.replace('nats:', 'tls:') })).to.include("'nats.tls'");
	});

	it('refuses a misspelt or useless credential by its name, not by its value', async () => {
		for (const nats of [
			...[SECRET, [SECRET], { password: SECRET }, { user: 'shop', passwd: SECRET }, { token: [SECRET] }],
			...[{ tls: SECRET }, { nkey: { seed: SECRET } }, { pass: Buffer.from(SECRET) }, { token: '' }],
		])
			await refused({ servers: 'nats://127.0.0.1:1', nats: nats as never }, 'ERR_BAD_OPTION');
		await refused({ token: SECRET } as never, 'ERR_BAD_OPTION');
		record.hides(SECRET);
	});

	it('says nothing of it when it is not accepted any more, and comes back when it is', async () => {
		const options = {} as NatsServerOptions & { extraConfig?: string };
		const right = `authorization { user: "shop", password: "${SECRET}" }`;
		const server = await serve(right, options);
		const system = await start({ servers: server.url, nats: { user: 'shop', pass: SECRET } });
		const warnings: string[] = [];
		system.events.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`));
		options.extraConfig = right.replace(SECRET, 'changed');
		await server.restart();
		await eventually(() => warnings.some((warning) => /^NATS .*authorization/i.test(warning)), { within: 10_000 });
		await failure('ERR_CLAIM_UNAVAILABLE', system.whereis('x'));
		options.extraConfig = right;
		await server.restart();
		await eventually(
			async () =>
				system.whereis('x').then(
					() => true,
					() => false,
				),
			{ within: 10_000 },
		);
		record.listen(system);
		record.hides(SECRET);
	});
});
