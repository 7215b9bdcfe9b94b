/** Where pipelines begin and end: files, server-sent events, JetStream. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect } from 'chai';
import { connect, type NatsConnection } from 'nats';
import {
	ActorSystem,
	pipeline,
	readEvents,
	readJetStream,
	readLines,
	readNdjson,
	writeJetStream,
	writeLines,
	writeNdjson,
} from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

describe('a pipeline', () => {
	let system: ActorSystem;
	let folder: string;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'troupe-files-'));
	});

	after(() => rm(folder, { recursive: true }));

	beforeEach(async () => {
		system = await ActorSystem.start();
	});

	afterEach(() => system.stop());

	it('reads files by the line, and writes them', async () => {
		const [from, to] = [join(folder, 'from.txt'), join(folder, 'to.txt')];
		await writeFile(from, 'eins\nzwei\ndrei');
		const upper = pipeline('files.lines')
			.from(readLines(from))
			.map((line) => line.toUpperCase());
		await upper.to(writeLines(to)).run(system);
		await upper.to(writeLines(to, { append: true })).run(system);
		expect(await readFile(to, 'utf8')).to.equal('EINS\nZWEI\nDREI\n'.repeat(2));
		const missing = pipeline('files.lines')
			.from(readLines(join(folder, 'missing')))
			.to(() => {});
		expect(await missing.run(system).done.catch(({ code }) => code)).to.equal('ENOENT');
	});

	it('reads and writes newline-delimited JSON, and says which line is none', async () => {
		const [from, to] = [join(folder, 'from.ndjson'), join(folder, 'to.ndjson')];
		await writeFile(from, '{"n":1}\n\n{"n":2}\n');
		await pipeline('files.json')
			.from(readNdjson<{ n: number }>(from))
			.map(({ n }) => ({ n: n * 2 }))
			.to(writeNdjson(to))
			.run(system);
		expect(await readFile(to, 'utf8')).to.equal('{"n":2}\n{"n":4}\n');
		await writeFile(from, '{"n":1}\n{n:2}\n');
		const error = await pipeline('files.json')
			.from(readNdjson(from))
			.to(() => {})
			.run(system)
			.done.catch((failure) => failure);
		expect(error.message).to.include('line 2');
	});

	describe('that begins with a server', () => {
		let http: Server;

		afterEach(() => new Promise((resolve) => http.close(resolve)));

		it('reads its events until it ends, and hangs up when it has enough', async () => {
			let hungUp = false;
			http = createServer((request, response) => {
				if (request.url === '/none') return void response.writeHead(404).end();
				response.writeHead(200, { 'content-type': 'text/event-stream' });
				response.write('event: greeting\nid: 7\ndata: hello\ndata: world\n\ndata: again\n\n');
				if (request.url === '/short') response.end();
				else response.on('close', () => (hungUp = true));
			});
			await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
			const at = (path: string) => `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`;
			const got: unknown[] = [];
			await pipeline('events')
				.from(readEvents(at('/short')))
				.to((event) => void got.push(event))
				.run(system);
			expect(got).to.deep.equal([
				{ event: 'greeting', data: 'hello\nworld', id: '7' },
				{ event: undefined, data: 'again', id: undefined },
			]);
			await pipeline('events')
				.from(readEvents(at('/')))
				.take(1)
				.to(() => {})
				.run(system);
			for (const end = performance.now() + 5_000; !hungUp && performance.now() < end; ) await new Promise(setImmediate);
			expect(hungUp).to.equal(true);
			const refused = pipeline('events')
				.from(readEvents(at('/none')))
				.to(() => {});
			expect((await refused.run(system).done.catch((error) => error)).message).to.include('404');
		});
	});

	describe('that begins and ends in JetStream', () => {
		let server: NatsServer;
		let connection: NatsConnection;

		before(async () => {
			server = await startServer();
			connection = await connect({ servers: server.url });
		});

		after(async () => {
			await connection.close();
			await server.stop();
		});

		it('acknowledges what is in its sink, and publishes what comes out', async () => {
			const manager = await jetstreamManager(connection);
			await manager.streams.add({ name: 'in', subjects: ['in.>'] });
			await manager.streams.add({ name: 'out', subjects: ['out.>'] });
			await manager.consumers.add('in', { durable_name: 'worker', ack_policy: AckPolicy.Explicit });
			const stream = jetstream(connection);
			for (let n = 0; n < 50; n++) await stream.publish('in.n', JSON.stringify(n));
			const run = pipeline('jetstream')
				.from(readJetStream(await stream.consumers.get('in', 'worker')))
				.map((message) => message.json<number>() * 2)
				.to(writeJetStream<number>(stream, 'out.n', { id: String }))
				.run(system);
			const left = async () => {
				const { num_pending, num_ack_pending } = await manager.consumers.info('in', 'worker');
				return num_pending + num_ack_pending;
			};
			for (const end = performance.now() + 10_000; (await left()) > 0 && performance.now() < end; );
			expect(await left()).to.equal(0);
			await run.stop();
			expect((await manager.streams.info('out')).state.messages).to.equal(50);
			const last = await manager.streams.getMessage('out', { last_by_subj: 'out.n' });
			expect(last?.json()).to.equal(98);
		});
	});
});
