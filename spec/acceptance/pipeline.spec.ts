/** The sentence that Troupe is tested by, for pipelines: with its stages in other processes, a program prints the same. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ActorSystem } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';
import { counts } from './counts.ts';

const WORKER = fileURLToPath(new URL(`./counts-worker${extname(import.meta.url)}`, import.meta.url));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('a pipeline', function () {
	this.timeout(30_000);
	let server: NatsServer;
	const workers: ChildProcess[] = [];

	before(async () => {
		server = await startServer();
	});

	after(async () => {
		for (const worker of workers) worker.kill('SIGKILL');
		await server.stop();
	});

	async function printed(system: ActorSystem, on?: `role:${string}`): Promise<readonly string[]> {
		const lines: string[] = [];
		await counts((line) => lines.push(line)).run(system, on === undefined ? {} : { on });
		await system.stop();
		return lines;
	}

	it('prints the same on one node and with its stages in three processes', async () => {
		const alone = await printed(await ActorSystem.start());
		const name = 'counts';
		for (const node of ['one', 'other']) {
			const worker = spawn(process.execPath, [WORKER, server.url, name, node], { stdio: ['pipe', 'pipe', 'inherit'] });
			workers.push(worker);
			await once(worker.stdout as NodeJS.ReadableStream, 'data');
		}
		const spread = await printed(await ActorSystem.start({ name, servers: server.url, log: quiet }), 'role:worker');
		expect(alone).to.have.length.above(50);
		expect(spread).to.deep.equal(alone);
	});
});
