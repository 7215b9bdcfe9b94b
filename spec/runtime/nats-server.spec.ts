/** The nats-server of development and specs: started, restarted, stopped, and never left behind. Real processes throughout. */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { expect } from 'chai';
import { after, afterEach, before, describe, it } from 'mocha';
import { connect, type NatsConnection } from 'nats';
import { isTroupeError, type TroupeError } from '../../runtime/core/errors.ts';
import { startNatsCluster } from '../../runtime/transport/nats-cluster.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../runtime/transport/nats-server.ts';
import { findNatsServer } from '../../runtime/transport/nats-server-binary.ts';

const open = new Set<{ stop(): Promise<void> }>();
const children = new Set<ChildProcess>();
let binary: string;
let temp: string;

/** Every private folder of a group of specs lands in one folder, which must be empty after each. */
function leavesNothing(): void {
	const { TMPDIR = tmpdir() } = process.env;

	before(async function () {
		this.timeout(300_000); // a server may have to be fetched
		binary = (await findNatsServer()).path;
		temp = mkdtempSync(join(TMPDIR, 'nats-server-spec-'));
		Object.assign(process.env, { TMPDIR: temp });
	});

	afterEach(async () => {
		for (const child of children) child.kill('SIGKILL');
		children.clear();
		for (const each of open) await each.stop();
		open.clear();
		expect(readdirSync(temp), 'private folders').to.deep.equal([]);
	});

	after(() => {
		Object.assign(process.env, { TMPDIR });
		rmSync(temp, { recursive: true, force: true });
	});
}

describe('a started nats-server', () => {
	leavesNothing();

	it('accepts connections and has JetStream', async () => {
		const said: string[] = [];
		const server = await start({ say: (line) => said.push(line) });
		expect(server.running).to.equal(true);
		expect(server.url).to.equal(`nats://127.0.0.1:${server.port}`);
		expect(said.join('\n')).to.include(server.url).and.include(`process ${server.pid}`);
		await using(server, async (connection) => {
			expect(await (await jetstreamManager(connection)).getAccountInfo()).to.include({ streams: 0 });
		});
	});

	it('does without JetStream when told to', async () => {
		const server = await start({ jetstream: false });
		await using(server, async (connection) => {
			const refusal = await jetstreamManager(connection).catch((error: Error) => error);
			expect(refusal).to.be.instanceOf(Error);
		});
	});

	it('listens on loopback alone', async function () {
		const address = Object.values(networkInterfaces())
			.flatMap((list = []) => list)
			.find((each) => each.family === 'IPv4' && !each.internal)?.address;
		if (address === undefined) this.skip();
		const server = await start();
		const [error] = await once(
			dial(server.port, address).on('connect', () => expect.fail('it listens')),
			'error',
		);
		expect(error).to.have.property('code', 'ECONNREFUSED');
	});

	it('shares neither port nor store with another', async () => {
		const [one, two] = await Promise.all([start(), start()]);
		expect(one.port).to.not.equal(two.port);
		expect(one.storeDir).to.not.equal(two.storeDir);
	});

	it('keeps its address and its store through kill -9 and restart', async () => {
		const server = await start();
		const { url, pid } = server;
		await using(server, async (connection) => {
			await (await jetstreamManager(connection)).streams.add({ name: 'S', subjects: ['s'] });
			await jetstream(connection).publish('s', 'kept');
		});
		await server.kill();
		expect(server.running).to.equal(false);
		expect(alive(pid)).to.equal(false);
		await server.restart();
		expect(server.url).to.equal(url);
		expect(server.pid).to.not.equal(pid);
		await using(server, async (connection) => {
			const { state } = await (await jetstreamManager(connection)).streams.info('S');
			expect(state.messages).to.equal(1);
		});
	});

	it('restarts in good order while it runs', async () => {
		const server = await start();
		const { url, pid } = server;
		await server.restart();
		expect(alive(pid)).to.equal(false);
		await using(server, async () => expect(server.url).to.equal(url));
	});

	it('is known to be down when somebody else kills it', async () => {
		const server = await start();
		process.kill(server.pid, 'SIGKILL');
		await eventually(() => !server.running, 'the server is known to be down');
		await server.kill(); // nothing to do
	});

	it('can be paused and resumed', async () => {
		const server = await start();
		await using(server, async (connection) => {
			server.pause();
			await eventually(() => state(server.pid) === 'T', 'the server is frozen');
			const answer = connection.flush().then(() => 'answered');
			expect(await Promise.race([answer, Promise.resolve('silent')])).to.equal('silent');
			server.resume();
			expect(await answer).to.equal('answered');
		});
	});

	it('stops even while it is paused', async () => {
		const server = await start();
		server.pause();
		await server.stop();
		expect(alive(server.pid)).to.equal(false);
	}).timeout(4_000); // in good order, that is, not by force after 5 s

	it('leaves no process and no folder when it is stopped, however often', async () => {
		const server = await start();
		const keeper = parentOf(server.pid);
		const folder = dirname(server.storeDir);
		expect(existsSync(folder)).to.equal(true);
		await Promise.all([server.stop(), server.stop()]);
		await server.stop();
		expect(alive(server.pid), 'server').to.equal(false);
		expect(alive(keeper), 'keeper').to.equal(false);
		expect(existsSync(folder), 'folder').to.equal(false);
		expect((await failure(server.restart())).message).to.include('has been stopped');
	});

	it('leaves nothing of a server that is wrapped in a script', async () => {
		const wrapper = join(dirname(temp), `nats-server-spec-${process.pid}.sh`);
		writeFileSync(wrapper, `#!/bin/sh\n"${binary}" "$@"\nexit $?\n`, { mode: 0o755 });
		try {
			const server = await start({ binary: wrapper });
			await server.kill();
			await server.restart(); // which needs the port
			await server.stop();
			const [error] = await once(dial(server.port, '127.0.0.1'), 'error');
			expect(error).to.have.property('code', 'ECONNREFUSED');
		} finally {
			rmSync(wrapper);
		}
	});

	it("leaves the user's own store", async () => {
		const storeDir = mkdtempSync(join(dirname(temp), 'nats-server-spec-store-'));
		try {
			const server = await start({ storeDir });
			await server.stop();
			expect(existsSync(join(storeDir, 'jetstream'))).to.equal(true);
		} finally {
			rmSync(storeDir, { recursive: true });
		}
	});

	it('takes more configuration', async () => {
		const server = await start({ name: 'a "quoted" name', extraConfig: 'max_payload: 4321' });
		await using(server, async ({ info }) => {
			expect(info).to.include({ server_name: 'a "quoted" name', max_payload: 4321 });
		});
	});

	it('says why when it cannot start, and leaves nothing', async () => {
		const { port } = await start();
		expect((await failure(start({ port }))).message).to.include('address already in use');
		expect((await failure(start({ extraConfig: 'nonsense: 1' }))).message).to.include('unknown field "nonsense"');
		const absent = join(temp, 'absent');
		expect((await failure(start({ binary: absent }))).message).to.include(absent);
		expect(await start({ port: 65_536 }).catch((error: Error) => error)).to.have.property('code', 'ERR_BAD_OPTION');
		expect(readdirSync(temp), 'folders of servers that run').to.have.length(1);
	});
});

describe('a nats-server whose program is gone', () => {
	leavesNothing();

	it('goes when the program is killed with kill -9', async () => {
		const { child, server, keeper } = await program();
		child.kill('SIGKILL');
		await gone(server, keeper);
	});

	it('goes when it is paused and the program is killed with kill -9', async () => {
		const { child, server, keeper } = await program();
		process.kill(server, 'SIGSTOP');
		child.kill('SIGKILL');
		await gone(server, keeper);
	});

	it('goes when the program exits without stopping it', async () => {
		const { server, keeper } = await program('process.exit()');
		await gone(server, keeper);
	});

	it('goes when the program crashes', async () => {
		const { server, keeper } = await program('null.oops');
		await gone(server, keeper);
	});

	it('goes when its keeper is killed with kill -9, and the program may start it again', async () => {
		const server = await start();
		const { pid, url } = server;
		process.kill(parentOf(pid), 'SIGKILL');
		await eventually(() => !server.running && !alive(pid), 'the server is gone');
		await server.restart();
		await using(server, async () => expect(server.url).to.equal(url));
	});

	it('goes when program and keeper are killed with kill -9 at the same instant', async function () {
		if (spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status !== 0) this.skip(); // the kernel's help is needed
		const { child, server, keeper } = await program();
		process.kill(keeper, 'SIGSTOP'); // so that it cannot act in between
		child.kill('SIGKILL');
		process.kill(keeper, 'SIGKILL');
		await eventually(() => !alive(server) && !alive(keeper), 'both are gone');
		for (const name of readdirSync(temp)) rmSync(join(temp, name), { recursive: true }); // nobody is left who would
	});

	it('outlives a Ctrl-C, so that the program can stop it in good order', async () => {
		const { child, lines, server, keeper } = await program(`
			process.on('SIGINT', async () => {
				await connection.flush();
				console.log('served after Ctrl-C');
				await connection.close();
				await server.stop();
				console.log('stopped');
			});
			const { connect } = await import(${JSON.stringify(import.meta.resolve('nats'))});
			const connection = await connect({ servers: server.url });
			console.log('listening');`);
		expect((await lines.next()).value).to.equal('listening');
		process.kill(-(child.pid ?? 0), 'SIGINT'); // a terminal signals the whole group
		expect((await lines.next()).value).to.equal('served after Ctrl-C');
		expect((await lines.next()).value).to.equal('stopped');
		await gone(server, keeper);
	});

	it('is not heard of by other children of the program, which could keep it alive', async () => {
		const { child, lines, server, keeper } = await program(`
			const { spawn } = await import('node:child_process');
			console.log(spawn('sleep', ['60'], { stdio: 'ignore', detached: true }).pid);`);
		const bystander = Number((await lines.next()).value);
		child.kill('SIGKILL');
		try {
			await gone(server, keeper);
			expect(alive(bystander)).to.equal(true);
		} finally {
			process.kill(bystander, 'SIGKILL');
		}
	});
});

describe('a cluster of nats-servers', function () {
	this.timeout(60_000);
	leavesNothing();

	it('is ready for replicated data, and carries on without one member', async () => {
		const cluster = await startNatsCluster(3, { binary });
		open.add(cluster);
		const connection = await connect({ servers: [...cluster.urls], maxReconnectAttempts: -1, reconnectTimeWait: 50 });
		try {
			const kv = await new Kvm(connection).create('b', { replicas: 3 });
			await kv.put('k', 'before');
			const victim = cluster.servers.find((server) => server.url.endsWith(`:${connection.info?.port}`));
			expect(victim?.running).to.equal(true);
			await victim?.kill();
			let written = false;
			await eventually(async () => {
				written ||= await kv.put('k', 'after').then(() => true, () => false); // biome-ignore format: short
				return written;
			}, 'the two others take writes');
			await victim?.restart();
			expect((await kv.get('k'))?.string()).to.equal('after');
		} finally {
			await connection.close();
		}
		await cluster.stop();
		for (const { pid } of cluster.servers) expect(alive(pid)).to.equal(false);
	});
});

async function start(options: NatsServerOptions = {}): Promise<NatsServer> {
	const server = await startNatsServer({ binary, ...options });
	open.add(server);
	return server;
}

async function using(server: NatsServer, work: (connection: NatsConnection) => Promise<unknown>): Promise<void> {
	const connection = await connect({ servers: server.url });
	try {
		await work(connection);
	} finally {
		await connection.close();
	}
}

interface Program {
	readonly child: ChildProcess;
	/** What it prints. */
	readonly lines: AsyncIterator<string>;
	/** The process ID of its nats-server. */
	readonly server: number;
	readonly keeper: number;
}

/** A program in a process group of its own that has started a server and then does `more`. */
async function program(more = ''): Promise<Program> {
	const module = new URL('../../runtime/transport/nats-server.js', import.meta.url);
	const script = `
		import { startNatsServer } from ${JSON.stringify(module)};
		const server = await startNatsServer({ binary: ${JSON.stringify(binary)} });
		console.log(server.pid);
		process.stdin.once('data', async () => { ${more} });`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
		detached: true,
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	children.add(child);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const server = Number((await lines.next()).value);
	const keeper = parentOf(server);
	expect(keeper).to.not.equal(child.pid);
	child.stdin.end('go on\n'); // now that the keeper is known
	return { child, lines, server, keeper };
}

/** Waits until the processes and every private folder are gone. */
async function gone(...pids: readonly number[]): Promise<void> {
	await eventually(() => pids.every((pid) => !alive(pid)), `the processes ${pids} are gone`);
	await eventually(() => readdirSync(temp).length === 0, 'the private folder is gone');
}

async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
	const deadline = Date.now() + 15_000;
	while (!(await holds())) {
		if (Date.now() > deadline) expect.fail(`not within 15 s: ${what}`);
		await delay(5);
	}
}

/** As `ps` has it: R running, S sleeping, T stopped, Z dead but not yet buried by its parent; empty when there is none. */
function state(pid: number): string {
	if (existsSync('/proc/self/stat')) {
		try {
			return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
		} catch {
			return '';
		}
	}
	return spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
		.stdout.trim()
		.slice(0, 1);
}

function alive(pid: number): boolean {
	return !['', 'Z', 'X'].includes(state(pid));
}

function parentOf(pid: number): number {
	return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}

async function failure(work: Promise<unknown>): Promise<TroupeError> {
	const error = await work.then(
		() => expect.fail('it succeeded'),
		(reason: unknown) => reason,
	);
	if (!isTroupeError(error)) throw error;
	expect(error.code).to.equal('ERR_NATS_SERVER');
	return error as TroupeError;
}
