import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

const PROGRAM = fileURLToPath(new URL('stages.js', import.meta.url));
const run = promisify(execFile);

describe('a program of stages and channels', () => {
	let server: NatsServer;
	const parts: ChildProcess[] = [];

	before(async () => {
		server = await startServer();
	});

	after(async () => {
		for (const part of parts) part.kill('SIGKILL');
		await server.stop();
	});

	async function host(name: string, stage: string): Promise<void> {
		const child = spawn(process.execPath, [PROGRAM, server.url, name, stage], { stdio: ['pipe', 'pipe', 'inherit'] });
		parts.push(child);
		await once(child.stdout as NodeJS.ReadableStream, 'data');
	}

	it('prints the same when its stages run in three processes', async () => {
		const { stdout: alone } = await run(process.execPath, [PROGRAM, '', 'alone', 'fetch', 'analyse', 'store']);
		await Promise.all([host('apart', 'fetch'), host('apart', 'analyse')]);
		const { stdout: apart } = await run(process.execPath, [PROGRAM, server.url, 'apart', 'store']);
		expect(alone.split('\n')).to.have.lengthOf.above(10);
		expect(alone).to.contain('line 457 is empty').and.contain('ERR_CHANNEL_CLOSED').and.contain('sent: 500');
		expect(apart).to.equal(alone);
	});
});
