/** What only the key-value store on JetStream has to cope with. */

import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { expect } from 'chai';
import { type NatsKvOptions, natsKvStore } from '../../runtime/cluster/kv-nats.ts';
import { systemClock } from '../../runtime/core/clock.ts';
import { isTroupeError, type TroupeError } from '../../runtime/core/errors.ts';
import { connectNats, type NatsTransport } from '../../runtime/transport/nats.ts';
import { startNatsCluster } from '../../runtime/transport/nats-cluster.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

const bytes = (text: string) => Buffer.from(text);

describe('a bucket on JetStream', () => {
	let server: NatsServer;
	let transport: NatsTransport;
	let name: string;
	let tests = 0;
	const clients: NatsTransport[] = [];

	before(async () => {
		server = await startServer();
	});
	beforeEach(async () => {
		transport = await connect(server.url);
		name = `bucket-${++tests}`;
	});
	afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
	after(() => server.stop());

	async function connect(servers: string | readonly string[]): Promise<NatsTransport> {
		const client = await connectNats({ servers, name: 'spec', connectTimeout: 5_000, clock: systemClock });
		clients.push(client);
		return client;
	}

	function open(options: NatsKvOptions = {}) {
		return natsKvStore(transport, options).open(name);
	}

	async function failure(promise: Promise<unknown>): Promise<TroupeError> {
		const outcome = await promise.catch((error: unknown) => error);
		if (isTroupeError(outcome)) return outcome;
		throw new Error(`no error of ours: ${outcome}`);
	}

	it('needs JetStream, and says how to get it', async () => {
		const plain = await startServer({ jetstream: false });
		try {
			const error = await failure(natsKvStore(await connect(plain.url)).open(name));
			expect(error.code).to.equal('ERR_NO_JETSTREAM');
			expect(error.message).to.include(plain.url).and.include('start nats-server with -js');
			expect(error.cause).to.be.an('error');
		} finally {
			await plain.stop();
		}
	});

	it('knows when it was created as exactly as the server tells', async () => {
		const { created } = await open();
		const info = await (await jetstreamManager(transport.connection)).streams.info(`KV_${name}`);
		const fraction = Number(`0.${/\.(\d+)Z/.exec(info.created)?.[1] ?? '0'}`) * 1000;
		expect(created).to.be.closeTo(Math.floor(Date.parse(info.created) / 1000) * 1000 + fraction, 0.0011);
		expect(created % 1).to.be.above(0);
	});

	it('is born later than any life of it known before, whatever the clock of the server says', async () => {
		const manager = await jetstreamManager(transport.connection);
		const future = (Date.now() + 3_600_000) * 1000;
		await manager.streams.add({
			name: `KV_${name}`,
			subjects: [`$KV.${name}.${future.toString(36)}.>`],
			max_msgs_per_subject: 1,
			allow_direct: true,
		});
		const store = natsKvStore(transport);
		expect((await store.open(name)).created).to.equal(future / 1000);
		await manager.streams.delete(`KV_${name}`);
		const anew = await store.open(name);
		expect(anew.created).to.be.above(future / 1000);
		expect(await anew.create('key', bytes('one'))).to.equal(1);
	});

	it('takes over a bucket that an operator has made with the NATS tools', async () => {
		await new Kvm(transport.connection).create(name);
		const bucket = await open();
		await bucket.create('key', bytes('one'));
		expect(await bucket.entries()).to.have.length(1);
		expect((await open()).created).to.equal(bucket.created);
	});

	it('refuses one that keeps old values, because removing would bring them back', async () => {
		await new Kvm(transport.connection).create(name, { history: 5 });
		const error = await failure(open());
		expect(error.code).to.equal('ERR_CLAIM_UNAVAILABLE');
		expect(error.message).to.include(`KV_${name}`).and.include('history');
	});

	it('lets a key be created again after an operator has deleted it', async () => {
		const bucket = await open();
		await bucket.create('key', bytes('one'));
		const tools = await new Kvm(transport.connection).open(name, { allow_direct: true });
		for await (const path of await tools.keys()) await tools.delete(path);
		expect(await bucket.get('key')).to.equal(undefined);
		expect(await bucket.entries()).to.deep.equal([]);
		expect(await bucket.create('key', bytes('two'))).to.equal(3);
		expect(await bucket.create('key', bytes('three'))).to.equal(undefined);
	});

	it('lists 50,000 keys, and leaves no consumer behind', async () => {
		const bucket = await open();
		const keys = Array.from({ length: 50_000 }, (_, n) => `key-${n}`);
		const revisions = await Promise.all(keys.map((key) => bucket.create(key, bytes(key))));
		expect(revisions).not.to.include(undefined);
		const entries = await bucket.entries();
		expect(new Set(entries.map(({ key }) => key)).size).to.equal(keys.length);
		expect(entries.every(({ key, value }) => Buffer.from(value).toString() === key)).to.equal(true);
		const info = await (await jetstreamManager(transport.connection)).streams.info(`KV_${name}`);
		expect(info.state.consumer_count).to.equal(0);
	}).timeout(60_000);

	it('rejects in time when the server hangs', async () => {
		const bucket = await open({ timeout: 300 });
		await bucket.create('key', bytes('one'));
		server.pause();
		try {
			const before = performance.now();
			const errors = await Promise.all([
				failure(bucket.create('other', bytes(''))),
				failure(bucket.get('key')),
				failure(bucket.entries()),
				failure(open({ timeout: 300 })),
			]);
			expect(performance.now() - before).to.be.within(250, 2_000);
			for (const error of errors) {
				expect(error.code).to.equal('ERR_CLAIM_UNAVAILABLE');
				expect(error.cause).to.be.an('error').with.property('why', 'timeout');
			}
		} finally {
			server.resume();
		}
		// The write that timed out was carried out after all: that is what "outcome not known" means.
		await eventually(async () => (await bucket.get('other')) !== undefined);
	});

	it('rejects what is under way as soon as the server dies', async () => {
		const bucket = await open({ timeout: 60_000 });
		server.pause();
		const operations = [bucket.create('key', bytes('')), bucket.entries(), bucket.remove('key', 1)].map(failure);
		await server.kill();
		for (const error of await Promise.all(operations)) expect(error.code).to.equal('ERR_CLAIM_UNAVAILABLE');
		await server.restart();
		await eventually(() => transport.state === 'connected');
		expect(await (await open()).get('nothing')).to.equal(undefined);
	});

	describe('in a cluster', () => {
		it('has as many replicas as asked, or as there are servers, however many make it at once', async () => {
			const cluster = await startNatsCluster(3);
			try {
				const stores = await Promise.all(
					Array.from({ length: 6 }, async (_, n) => natsKvStore(await connect(cluster.urls[n % 3] ?? ''))),
				);
				const buckets = await Promise.all(stores.map((store) => store.open(name, { replicas: 5 })));
				expect(new Set(buckets.map(({ created }) => created)).size).to.equal(1);
				const outcomes = await Promise.all(buckets.map((bucket) => bucket.create('key', bytes('one'))));
				expect(outcomes.filter((outcome) => outcome !== undefined)).to.have.length(1);
				const manager = await jetstreamManager((await connect(cluster.urls)).connection);
				expect((await manager.streams.info(`KV_${name}`)).config.num_replicas).to.equal(3);
			} finally {
				await cluster.stop();
			}
		}).timeout(60_000);

		it('claims no more copies than it has, though it be made with more than can be while another makes it', async () => {
			const cluster = await startNatsCluster(3);
			try {
				const client = await connect(cluster.urls);
				const manager = await jetstreamManager(client.connection, { timeout: 1_000 });
				const copies = async () => {
					const { config, cluster } = await manager.streams.info(`KV_${name}`);
					return { claimed: config.num_replicas, held: (cluster?.replicas?.length ?? 0) + 1 };
				};
				const layout = { subjects: [`$KV.${name}.unborn`], max_msgs_per_subject: 1, allow_direct: true };
				const make = (replicas: number) =>
					manager.streams.add({ ...layout, name: `KV_${name}`, num_replicas: replicas }).catch(() => undefined);
				await Promise.all([make(3), make(5)]); // servers since 2.11.9 refuse the second
				await natsKvStore(client).open(name, { replicas: 5 });
				expect(await copies()).to.deep.equal({ claimed: 3, held: 3 });
			} finally {
				await cluster.stop();
			}
		}).timeout(60_000);

		it('gets the replicas asked for when it is opened again', async () => {
			const cluster = await startNatsCluster(3);
			try {
				const store = natsKvStore(await connect(cluster.urls));
				const bucket = await store.open(name);
				await bucket.create('key', bytes('one'));
				await store.open(name, { replicas: 3 });
				const manager = await jetstreamManager((await connect(cluster.urls)).connection);
				// While the stream gets its copies, its servers may be too busy with each other to answer.
				const copies = async (): Promise<number> => (await manager.streams.info(`KV_${name}`)).config.num_replicas;
				await eventually(
					() =>
						copies().then(
							(count) => count === 3,
							() => false,
						),
					{ within: 30_000 },
				);
				const revision = async (): Promise<number | undefined> => (await bucket.get('key'))?.revision;
				await eventually(
					() =>
						revision().then(
							(found) => found === 1,
							() => false,
						),
					{ within: 30_000 },
				);
			} finally {
				await cluster.stop();
			}
		}).timeout(60_000);
	});
});
