/** `troupe node` and `troupe run`: nodes from a module that exports its actors, in processes of their own. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ActorSystem } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

const CLI = fileURLToPath(new URL('../../bin/troupe.js', import.meta.url));
const TROUPE = new URL('../../index.js', import.meta.url).href;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const APP = `
import { Actor } from '${TROUPE}';
export class Greeter extends Actor {
	static kind = 'greeter';
	greet(name) { return 'hello ' + name; }
}
export default async (system) => {
	if (system.node.name.endsWith('1')) await system.spawn(Greeter, { id: 'greeter' });
};
`;

describe('a node from a module', function () {
	this.timeout(30_000);
	let folder: string;
	let app: string;
	const running: ChildProcess[] = [];

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'troupe-app-'));
		app = join(folder, 'app.mjs');
		await writeFile(app, APP);
	});

	after(() => rm(folder, { recursive: true }));

	afterEach(() => {
		for (const one of running.splice(0)) one.kill('SIGKILL');
	});

	/** The command, what it has said, and its end. */
	function start(...args: string[]): { child: ChildProcess; lines: string[]; ended: Promise<unknown[]> } {
		const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
		running.push(child);
		const lines: string[] = [];
		for (const from of [child.stdout, child.stderr])
			createInterface({ input: from as NodeJS.ReadableStream }).on('line', (line) => lines.push(line));
		return { child, lines, ended: once(child, 'exit') };
	}

	describe('that joins a cluster', () => {
		let server: NatsServer;
		let near: ActorSystem;

		beforeEach(async () => {
			server = await startServer();
			near = await ActorSystem.start({ name: 'shop', servers: server.url, log: quiet });
		});

		afterEach(async () => {
			await near.stop();
			await server.stop();
		});

		it('is shown by top, with how busy it is', async () => {
			const { stdout } = await promisify(execFile)(process.execPath, [
				CLI,
				'--nats',
				server.url,
				'--system',
				'shop',
				'top',
				'--json',
			]);
			const [row] = JSON.parse(stdout) as readonly Record<string, unknown>[];
			expect(row).to.include({ id: near.node.id, status: 'up' });
			expect(row?.['memory']).to.be.above(1e7);
			expect(row?.['delay']).to.be.a('number');
		});

		it('hosts what it exports, under its roles, has its default export set things up, and takes leave when told', async () => {
			const { child, lines, ended } = start(
				'--nats',
				server.url,
				'--system',
				'shop',
				'node',
				app,
				'--roles',
				'worker,gpu',
				'--name',
				'n1',
			);
			await eventually(() => lines.some((line) => line.includes("n1 has joined 'shop'; it hosts greeter")));
			const node = near.nodes().find(({ name }) => name === 'n1');
			expect(node?.roles).to.deep.equal(['worker', 'gpu']);
			expect(node?.kinds).to.deep.equal(['greeter']);
			const ask = near.ref('greeter').ask as Record<string, (name: string) => Promise<unknown>>;
			expect(await ask['greet']?.('Ada')).to.equal('hello Ada');
			const down = new Promise((resolve) => near.events.once('nodeDown', ({ reason }) => resolve(reason)));
			child.kill('SIGTERM');
			expect(await down).to.equal('left');
			expect((await ended)[0]).to.equal(0);
		});
	});

	it('is one of several, on a nats-server of their own, which all end together', async () => {
		const { child, lines, ended } = start('run', app, '--nodes', '2');
		await eventually(() => lines.filter((line) => line.includes('has joined')).length === 2, { within: 15_000 });
		expect(lines.every((line) => /^node-[12] \| /.test(line))).to.equal(true);
		child.kill('SIGINT');
		expect((await ended)[0]).to.equal(0);
	});

	it('says what is wrong with a module that has nothing to run', async () => {
		const empty = join(folder, 'empty.mjs');
		await writeFile(empty, 'export const nothing = 1;\n');
		for (const args of [
			['node', empty],
			['run', empty],
			['node', join(folder, 'missing.mjs')],
		]) {
			const { lines, ended } = start(...args);
			expect((await ended)[0]).to.equal(2);
			expect(lines.join('\n')).to.include('ERR_BAD_OPTION');
		}
	});
});
