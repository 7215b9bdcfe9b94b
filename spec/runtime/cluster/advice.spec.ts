/** What a node says about the NATS servers it has joined: each with its code and remedy, once, and only when it is so. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import type { ServerInfo } from 'nats';
import { Actor, ActorSystem, durable, type Warning } from '../../../index.ts';
import { adviceOn, isLoopback, noAuthentication, oldServer } from '../../../runtime/cluster/advice.ts';
import { systemClock } from '../../../runtime/core/clock.ts';
import { EventStream } from '../../../runtime/core/events.ts';
import { connectNats } from '../../../runtime/transport/nats.ts';
import { startNatsCluster } from '../../../runtime/transport/nats-cluster.ts';
import { eventually } from '../../support/eventually.ts';
import { startServer } from '../../support/nats.ts';

class Keeper extends Actor {
	static readonly kind = 'keeper';
	static readonly mailbox = durable();

	nothing(): void {}
}

async function serverVersion(servers: string): Promise<string> {
	const transport = await connectNats({ servers, name: 'spec', connectTimeout: 5_000, clock: systemClock });
	const version = transport.connection.info?.version ?? '';
	await transport.close();
	return version;
}

async function freePort(): Promise<number> {
	const holder = createServer().listen(0, '127.0.0.1');
	await once(holder, 'listening');
	const { port } = holder.address() as AddressInfo;
	await once(holder.close(), 'close');
	return port;
}

/** The advice on a server with that configuration. */
async function adviceFor(extraConfig: string, monitoringPort: number, credentials = {}): Promise<readonly string[]> {
	const server = await startServer({ extraConfig, jetstream: false });
	const clients = { servers: server.url, name: 'spec', connectTimeout: 5_000, clock: systemClock };
	const transport = await connectNats({ ...clients, ...credentials });
	try {
		const advice = await adviceOn(transport, { system: 'shop', replicas: 3, monitoringPort });
		return advice.map(({ code, message }) => `${code}: ${message}`);
	} finally {
		await transport.close();
		await server.stop();
	}
}

describe('a node that has joined NATS', () => {
	it('warns of an open monitoring port, and not of one on loopback, of another server, or of none', async () => {
		const port = await freePort();
		expect((await adviceFor(`http: "0.0.0.0:${port}"`, port)).join()).to.match(
			new RegExp(`^MONITORING_OPEN: .*http://127.0.0.1:${port} .*bind it to loopback`),
		);
		expect(await adviceFor(`http: "127.0.0.1:${port}"`, port)).to.deep.equal([]);
		expect(await adviceFor('', port)).to.deep.equal([]);
		const other = await startServer({ extraConfig: `http: "0.0.0.0:${port}"` });
		expect(await adviceFor('', port)).to.deep.equal([]);
		await other.stop();
	});

	it('warns of a server of a cluster that does not tell of the others', async () => {
		const advice = await adviceFor('cluster { name: secret, listen: "127.0.0.1:-1", no_advertise: true }', 1);
		expect(advice.join()).to.match(/^SECRETIVE_SERVER: .*leases.*'no_advertise'/);
	});

	it('waits no longer than a second for a port that says nothing', async () => {
		const silent = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
		await once(silent, 'listening');
		expect(await adviceFor('', (silent.address() as AddressInfo).port)).to.deep.equal([]);
		silent.close();
	});

	it('warns of a server that lets in anybody from elsewhere', async () => {
		const subject = { system: 'shop', replicas: 3 };
		const said = (info: Partial<ServerInfo> & { tls_verify?: boolean }, address: string): string | undefined =>
			noAuthentication({ auth_required: false, host: '127.0.0.1', ...info } as ServerInfo, address, subject)?.message;
		expect(said({}, '127.0.0.1')).to.equal(undefined);
		expect(said({ host: '0.0.0.0' }, '127.0.0.1')).to.match(/0\.0\.0\.0.*troupe permissions --system shop.*-a 127/);
		expect(said({ host: '10.0.0.5' }, '10.0.0.5')).to.be.a('string');
		expect(said({ host: '0.0.0.0', auth_required: true }, '10.0.0.5')).to.equal(undefined);
		expect(said({ host: '0.0.0.0', tls_verify: true }, '10.0.0.5')).to.equal(undefined);
		expect(['localhost', '127.1.2.3', '::1', '[::1]'].every(isLoopback)).to.equal(true);
		expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'host'].some(isLoopback)).to.equal(false);
	});

	it('warns of a server that is too old to keep messages, once, and only who has it keep some', async () => {
		const old = ['2.9.10', '2.10.22', '2.10.23-', '1.4.1', '2.2.0'].map((version) => oldServer(version)?.code);
		expect(old).to.deep.equal(['OLD_SERVER', 'OLD_SERVER', undefined, 'OLD_SERVER', 'OLD_SERVER']);
		for (const version of ['2.10.23', '2.10.23-RC.1', '2.11.0', '3.0.0', ''])
			expect(oldServer(version)).to.equal(undefined);
		const server = await startServer();
		const lines: string[] = [];
		const warn = (event: string, { message }: { message?: string } = {}): unknown => lines.push(`${event} ${message}`);
		const log = { debug() {}, info() {}, warn, error: warn };
		const [host, other] = [
			await ActorSystem.start({ name: 'keeps', servers: server.url, hosts: [Keeper], log }),
			await ActorSystem.start({ name: 'others', servers: server.url, log }),
		];
		try {
			const version = await serverVersion(server.url);
			if (oldServer(version)) await eventually(() => lines.length > 0);
			await host.spawn(Keeper, { id: 'keeper' });
			await host.ref(Keeper, 'keeper').ask.nothing();
			expect(lines.join()).to.match(
				oldServer(version) ? new RegExp(`^OLD_SERVER .*${version}.*2\\.10\\.23[^,]*`) : /^$/,
			);
			expect(lines.length).to.be.at.most(1);
		} finally {
			await Promise.all([host.stop(), other.stop()]);
			await server.stop();
		}
	});

	it('warns of one replica in a cluster of three, in its log and to whoever listens later', async () => {
		const cluster = await startNatsCluster(3);
		const lines: string[] = [];
		const warn = (event: string): unknown => lines.push(event);
		const log = { debug() {}, info() {}, warn, error: warn };
		try {
			const options = { name: 'alone', servers: cluster.urls, log };
			const [alone, copied] = [
				await ActorSystem.start({ ...options, replicas: 1 }),
				await ActorSystem.start({ ...options, name: 'copied' }),
			];
			await eventually(() => lines.includes('ONE_REPLICA'), { within: 15_000 });
			const warnings: Warning[] = [];
			alone.events.on('warning', (warning) => warnings.push(warning));
			await eventually(() => warnings.length > 0);
			expect(warnings.map(({ code }) => code)).to.deep.equal(['ONE_REPLICA']);
			expect(warnings[0]?.message).to.include('3 servers').and.include("'replicas: 3'");
			await Promise.all([alone, copied].map((system) => system.stop()));
			expect(lines).to.deep.equal(['ONE_REPLICA']);
		} finally {
			await cluster.stop();
		}
	}).timeout(60_000);
});

describe('a warning that nobody has heard', () => {
	const stream = (): EventStream => new EventStream((_event, error) => expect.fail(String(error)));
	const warning = (code: string): Warning => ({ code, message: code });
	const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

	it('is told to the first who listens, in order, and once', async () => {
		const events = stream();
		const heard: string[] = [];
		for (const code of ['A', 'B']) events.emit('warning', warning(code));
		events.on('warning', ({ code }) => heard.push(`first ${code}`));
		expect(heard).to.deep.equal([]);
		await turn();
		events.on('warning', ({ code }) => heard.push(`second ${code}`));
		await turn();
		events.emit('warning', warning('C'));
		expect(heard).to.deep.equal(['first A', 'first B', 'first C', 'second C']);
	});

	it('is one of the last 32', async () => {
		const events = stream();
		for (let n = 0; n < 1_000; n++) events.emit('warning', warning(`${n}`));
		const heard: string[] = [];
		events.on('warning', ({ code }) => heard.push(code));
		await turn();
		expect(heard).to.have.lengthOf(32);
		expect(heard.at(-1)).to.equal('999');
	});

	it('is for no other event', async () => {
		const events = stream();
		events.emit('nodeUp', { node: 'x', name: 'x' });
		events.on('nodeUp', () => expect.fail('what has been is over'));
		await turn();
	});
});
