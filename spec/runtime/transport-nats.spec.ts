/** What only the transport on NATS has to cope with: real servers, and what they do when they are unwell. */

import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../runtime/core/clock.ts';
import { isTroupeError } from '../../runtime/core/errors.ts';
import { connectNats, type NatsOptions, type NatsTransport } from '../../runtime/transport/nats.ts';
import { natsAddresses } from '../../runtime/transport/nats-address.ts';
import { internalsOf, publishAtOnce } from '../../runtime/transport/nats-internals.ts';
import type { NatsServer, NatsServerOptions } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

describe('the NATS transport', () => {
	const started: NatsServer[] = [];
	const clients: NatsTransport[] = [];

	afterEach(async () => {
		for (const server of started) server.resume();
		await Promise.all(clients.splice(0).map((client) => client.close()));
		await Promise.all(started.splice(0).map((server) => server.stop()));
	});

	async function start(options: NatsServerOptions = {}): Promise<NatsServer> {
		const server = await startServer({ jetstream: false, ...options });
		started.push(server);
		return server;
	}

	async function connect(options: Partial<NatsOptions> & Pick<NatsOptions, 'servers'>): Promise<NatsTransport> {
		const client = await connectNats({ name: 'spec', connectTimeout: 5_000, clock: systemClock, ...options });
		clients.push(client);
		return client;
	}

	/** The error that connecting fails with, and how many milliseconds that took. */
	async function failure(
		options: Parameters<typeof connect>[0],
	): Promise<{ error: Error; took: number; code: string }> {
		const before = performance.now();
		try {
			await connect(options);
		} catch (error) {
			const took = performance.now() - before;
			if (isTroupeError(error)) return { error, took, code: error.code };
			throw error;
		}
		throw new Error('it connected');
	}

	describe('connecting', () => {
		it('takes no broker for whole whose server is one of a cluster and tells of no other', async () => {
			const cluster = (more: string): string => `cluster { name: secret, listen: "127.0.0.1:-1"${more} }`;
			const broker = async (extraConfig: string): Promise<boolean> => {
				const { whole } = await connect({ servers: (await start({ extraConfig })).url });
				return whole;
			};
			expect(await Promise.all(['', cluster(', no_advertise: true'), cluster('')].map(broker))).to.deep.equal([
				true,
				false,
				false,
			]);
		});

		it('fails in time when no server is there, naming every address and the remedy', async () => {
			const { error, took, code } = await failure({
				servers: ['127.0.0.1:1', 'nats://localhost:2'],
				connectTimeout: 300,
			});
			expect(code).to.equal('ERR_CONNECT');
			expect(error.message).to.include('nats://127.0.0.1:1, nats://localhost:2').and.include('nats-server -js');
			expect(error.cause).to.be.an('error');
			expect(took).to.be.within(150, 1_500);
		});

		it('waits for a server that starts late', async () => {
			const server = await start();
			await server.kill();
			const connecting = connect({ servers: server.url });
			await server.restart();
			expect((await connecting).state).to.equal('connected');
		});

		it('fails in time when a server accepts and says nothing, and hangs up on it', async () => {
			const silent = await listening();
			let accepted = 0;
			let open = 0;
			silent.on('connection', (socket) => {
				accepted++;
				open++;
				socket.resume().on('close', () => open--);
			});
			try {
				const { code, took } = await failure({ servers: addressOf(silent), connectTimeout: 300 });
				expect(code).to.equal('ERR_CONNECT');
				expect(took).to.be.within(250, 1_500);
				expect(accepted).to.equal(1);
				await eventually(() => open === 0);
			} finally {
				silent.close();
			}
		});

		it('tells what the server said last, though the last attempt is cut short', async () => {
			const server = await start();
			let accepted = 0;
			const relay = await listening();
			relay.on('connection', (near) => {
				near.on('error', () => {});
				if (++accepted > 1) return void near.resume();
				const far = connectTcp(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
				near.pipe(far).pipe(near);
				near.on('close', () => far.destroy());
			});
			try {
				const { error } = await failure({ servers: addressOf(relay), tls: {}, connectTimeout: 1_000 });
				expect(accepted).to.equal(2);
				expect(error.message).to.include("'nats.tls'");
			} finally {
				relay.close();
			}
		});

		it('passes over a server that says nothing when another one answers', async () => {
			const silent = await listening();
			const server = await start();
			try {
				const client = await connect({ servers: [addressOf(silent), server.url] });
				expect(client.address).to.equal(server.url);
			} finally {
				silent.close();
			}
		}).timeout(10_000);

		it('is refused at once with wrong credentials, and never shows them', async () => {
			const server = await start({ extraConfig: 'authorization { user: "me", password: "right" }' });
			const attempts = [
				{ servers: server.url },
				{ servers: server.url, user: 'me', pass: 'wr0ng' },
				{ servers: server.url.replace('://', '://me:wr0ng@') },
			];
			for (const options of attempts) {
				const { error, took, code } = await failure({ ...options, connectTimeout: 30_000 });
				expect(code).to.equal('ERR_CONNECT');
				expect(error.message)
					.to.match(/authorization/i)
					.and.include(server.url)
					.and.not.include('wr0ng');
				expect(took).to.be.below(5_000);
			}
		});

		it('takes credentials as options and in the address', async () => {
			const server = await start({ extraConfig: 'authorization { user: "me", password: "right" }' });
			await connect({ servers: server.url, user: 'me', pass: 'right' });
			await connect({ servers: server.url.replace('://', '://me:right@') });
			const tokens = await start({ extraConfig: 'authorization { token: "open sesame" }' });
			await connect({ servers: tokens.url, token: 'open sesame' });
			await connect({ servers: tokens.url.replace('://', '://open%20sesame@') });
		});

		it('refuses what is no address', async () => {
			const bad = [
				'',
				' ',
				[],
				'http://host',
				'nats://',
				'host:port',
				'host:0',
				'host:70000',
				'a b',
				'nats://host/path',
				'::1',
			];
			for (const servers of [...bad, [42 as never]]) {
				const { code, error } = await failure({ servers });
				expect(code, String(servers)).to.equal('ERR_BAD_OPTION');
				expect(error.message).to.include("'servers'");
			}
			expect((await failure({ servers: 'nats://me:secret@host:port' })).error.message).not.to.include('secret');
			expect((await failure({ servers: 'x', connectTimeout: -1 })).code).to.equal('ERR_BAD_OPTION');
			expect((await failure({ servers: 'x', inboxPrefix: 'in.*' })).code).to.equal('ERR_BAD_OPTION');
		});

		it('understands the usual forms of an address', () => {
			expect(natsAddresses('host').servers).to.deep.equal(['host:4222']);
			expect(natsAddresses('nats://a:1, b').servers).to.deep.equal(['a:1', 'b:4222']);
			expect(natsAddresses(['nats://[::1]:5', '[fe80::1]']).servers).to.deep.equal(['[::1]:5', '[fe80::1]:4222']);
			expect(natsAddresses('tls://host')).to.deep.include({ servers: ['host:4222'], tls: true });
		});
	});

	describe('a connection', () => {
		it("knows the server's largest payload", async () => {
			const server = await start({ extraConfig: 'max_payload: 65536' });
			expect((await connect({ servers: server.url })).maxPayload).to.equal(65_536);
		});

		it('gives messages to the socket itself, in the order of those that the client library publishes', async () => {
			const server = await start();
			const client = await connect({ servers: server.url });
			const heard: string[] = [];
			client.subscribe('order', (data) => heard.push(`${data[0]} ${data.length}`));
			const { connection } = client;
			for (const [n, size] of [1, 10, 3_999, 4_000, 100_000].entries()) {
				connection.publish('order', Buffer.alloc(size, 2 * n));
				expect(publishAtOnce(connection, 'order', Buffer.alloc(size, 2 * n + 1))).to.equal(true);
			}
			await eventually(() => heard.length === 10);
			expect(heard).to.deep.equal(
				[1, 10, 3_999, 4_000, 100_000].flatMap((size, n) => [`${2 * n} ${size}`, `${2 * n + 1} ${size}`]),
			);
			for (const bad of ['', 'a b', 'a\r\nPUB', 'ä'])
				expect(publishAtOnce(connection, bad, Buffer.of(1))).to.equal(false);
			await server.kill();
			await eventually(() => client.state === 'disconnected');
			expect(publishAtOnce(connection, 'order', Buffer.of(1))).to.equal(false);
		});

		it('hears messages while the socket tells of what it has read, after a reconnect, too', async () => {
			const server = await start();
			const client = await connect({ servers: server.url });
			for (const round of ['first', 'again']) {
				const heard: string[] = [];
				const off = client.subscribe('now', () => heard.push('message'));
				await client.flush();
				internalsOf(client.connection)?.socket?.on('data', () => heard.push('data'));
				client.publish('now', Buffer.of(1));
				await eventually(() => heard.includes('message') && heard.includes('data'));
				expect(heard[0], round).to.equal('message');
				off();
				if (round === 'again') break;
				await server.kill();
				await eventually(() => client.state === 'disconnected');
				await server.restart();
				await eventually(() => client.state === 'connected');
			}
		});

		it('is made again when what comes is not what NATS says', async () => {
			const server = await start();
			const sides: Socket[] = [];
			const relay = createServer((near) => {
				const far = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
				near.pipe(far).pipe(near);
				for (const side of [near, far]) side.on('error', () => {});
				near.on('close', () => far.destroy());
				sides.push(near);
			});
			await once(relay.listen(0, '127.0.0.1'), 'listening');
			const client = await connect({ servers: `127.0.0.1:${(relay.address() as AddressInfo).port}` });
			await client.flush();
			const states: string[] = [];
			client.onState((state) => states.push(state));
			let unheard = 0;
			sides[0]?.on('data', (bytes) => {
				if (String(bytes).includes('PING')) unheard++;
			});
			sides[0]?.write('HTTP/1.1 400 Bad Request\r\n\r\n');
			await eventually(() => states.join() === 'disconnected,connected');
			expect(unheard, 'pings in vain, by which it would be noticed late').to.be.at.most(1);
			expect(await client.probe('nobody', 5_000)).to.equal('no-responders');
			await client.close();
			relay.close();
		});

		it('tells what the server forbids', async () => {
			const permissions = '{ publish: ["allowed"], subscribe: ["allowed", "_INBOX.>"] }';
			const user = `{ user: "me", password: "x", permissions: ${permissions} }`;
			const server = await start({ extraConfig: `authorization { users: [${user}] }` });
			const client = await connect({ servers: server.url, user: 'me', pass: 'x' });
			const problems: string[] = [];
			client.onProblem(({ message }) => problems.push(message));
			client.publish('forbidden.out', Buffer.from('x'));
			client.subscribe('forbidden.in', () => {});
			await eventually(() => problems.length === 2);
			expect(problems.join())
				.to.match(/publish to "forbidden.out"/i)
				.and.match(/subscribe to "forbidden.in"/i);
			expect(client.state).to.equal('connected');
		});

		it('hands on a reply subject only when it is an inbox of its system', async () => {
			const server = await start();
			const client = await connect({ servers: server.url, inboxPrefix: '_INBOX_shop' });
			const replies: (string | undefined)[] = [];
			client.subscribe('asked', (_data, _subject, replyTo) => replies.push(replyTo));
			const stranger = await connect({ servers: server.url });
			for (const reply of ['$JS.API.STREAM.DELETE.orders', '_INBOX_shopping.1', '_INBOX_shop.>', '_INBOX_shop.1'])
				stranger.connection.publish('asked', '', { reply });
			await eventually(() => replies.length === 4);
			expect(replies).to.deep.equal([undefined, undefined, undefined, '_INBOX_shop.1']);
		});

		it('does not give up when an outage outlasts many attempts', async () => {
			const server = await start();
			const client = await connect({ servers: server.url });
			let attempts = 0;
			void (async () => {
				for await (const { type } of client.connection.status()) if (type === 'reconnecting') attempts++;
			})();
			await server.kill();
			await eventually(() => attempts > 12, { within: 10_000 });
			await server.restart();
			await eventually(() => client.state === 'connected');
		}).timeout(20_000);

		it('asks another of those who listen when one of them is silent, where it may ask twice', async () => {
			const server = await start();
			const [asker, silent, talking] = await Promise.all([1, 2, 3].map(() => connect({ servers: server.url })));
			silent?.connection.subscribe('read', { queue: 'servers', callback() {} });
			talking?.connection.subscribe('read', { queue: 'servers', callback: (_, message) => void message.respond('ok') });
			await Promise.all([silent?.flush(), talking?.flush()]);
			const ask = async (again?: number): Promise<string | undefined> =>
				(await asker?.request('read', Buffer.alloc(0), 2_000, undefined, again))?.string();
			// Of 20 requests that are sent once, chance would have to give all to the one that talks.
			const once = await Promise.allSettled(Array.from({ length: 20 }, () => ask()));
			expect(once.some(({ status }) => status === 'rejected')).to.equal(true);
			expect(await Promise.all(Array.from({ length: 20 }, () => ask(50)))).to.deep.equal(Array(20).fill('ok'));
		});

		it('asks again of a few that wait, and never of many: who is only slow is not buried', async () => {
			const server = await start();
			const [asker, listener] = [await connect({ servers: server.url }), await connect({ servers: server.url })];
			let heard = 0;
			listener.subscribe('slow', () => heard++);
			await listener.flush();
			const ask = (count: number): Promise<unknown> =>
				Promise.all(
					Array.from({ length: count }, () =>
						asker.request('slow', Buffer.alloc(0), 400, undefined, 50).catch(() => {}),
					),
				);
			await ask(10);
			expect(heard).to.be.above(30);
			await asker.flush();
			await listener.flush(); // the last of those are heard now
			heard = 0;
			await ask(1_000);
			await asker.flush();
			await listener.flush();
			expect(heard).to.equal(1_000);
		});

		it('lets the event loop have its turn beside one who asks in vain again and again', async () => {
			const server = await start();
			const client = await connect({ servers: server.url });
			await server.kill();
			await eventually(() => client.state === 'disconnected');
			let turn = false;
			setImmediate(() => (turn = true));
			let vain = 0;
			for (; !turn && vain < 1_000; vain++) await client.request('anybody', Buffer.alloc(0), 1_000).catch(() => {});
			expect(turn, `${vain} requests`).to.equal(true);
		});

		for (const backlog of [0, 20_000_000]) {
			const title = backlog ? 'even while it does not take what is sent' : 'when it just stands still';
			it(`notices a server that hangs, ${title}`, async () => {
				const server = await start();
				const client = await connect({ servers: server.url });
				server.pause();
				const chunk = Buffer.alloc(1_000_000);
				for (let sent = 0; sent < backlog; sent += chunk.length) client.publish('nowhere', chunk);
				const before = performance.now();
				await eventually(() => client.state === 'disconnected', { within: 5_000 });
				expect(performance.now() - before).to.be.above(1_000);
				server.resume();
				await eventually(() => client.state === 'connected', { within: 10_000 });
			}).timeout(20_000);
		}
	});

	it('dials the server that it has lost after all others, should that one accept and say nothing', async () => {
		const server = await start();
		const info = { server_id: 'hangs', version: '2.9.10', proto: 1, headers: true, max_payload: 1_048_576 };
		const hanging = await listening();
		let dialed = 0;
		let mute = false;
		hanging.on('connection', (socket) => {
			dialed++;
			socket.on('error', () => {});
			if (mute) return;
			socket.write(`INFO ${JSON.stringify({ ...info, connect_urls: [`127.0.0.1:${server.port}`] })}\r\n`);
			socket.on('data', (data) => void (!mute && data.includes('PING') && socket.write('PONG\r\n')));
		});
		try {
			const client = await connect({ servers: addressOf(hanging) });
			mute = true;
			await eventually(() => client.address.endsWith(`:${server.port}`), { within: 10_000 });
			expect(dialed).to.equal(1);
		} finally {
			hanging.close();
		}
	}).timeout(20_000);

	describe('closing', () => {
		for (const while_ of ['connected', 'disconnected'] as const) {
			it(`takes about a second at most when the server hangs and it is ${while_}, and leaves no socket`, async () => {
				const server = await start();
				const sockets = () => process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length;
				const others = sockets();
				const client = await connect({ servers: server.url });
				server.pause();
				if (while_ === 'disconnected') {
					let dialling = false;
					void (async () => {
						for await (const { type } of client.connection.status()) dialling ||= type === 'reconnecting';
					})();
					await eventually(() => dialling, { within: 6_000 });
				} else client.publish('nowhere', Buffer.alloc(1_000));
				const before = performance.now();
				await client.close();
				expect(performance.now() - before).to.be.below(1_800);
				await eventually(() => sockets() <= others);
			}).timeout(20_000);
		}
	});
});

async function listening(): Promise<Server> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

function addressOf(server: Server): string {
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
