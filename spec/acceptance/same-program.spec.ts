import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

const PROGRAM = fileURLToPath(new URL('program.js', import.meta.url));
const run = promisify(execFile);

describe('a program written for one process', () => {
	let server: NatsServer;
	const parts: ChildProcess[] = [];

	before(async () => {
		server = await startServer();
	});

	after(async () => {
		for (const part of parts) part.kill('SIGKILL');
		await server.stop();
	});

	async function host(name: string, part: string): Promise<void> {
		const child = spawn(process.execPath, [PROGRAM, server.url, name, part], { stdio: ['pipe', 'pipe', 'inherit'] });
		parts.push(child);
		await once(child.stdout as NodeJS.ReadableStream, 'data');
	}

	it('keeps its behaviour when its parts move to three: it prints the same, line by line', async () => {
		const { stdout: alone } = await run(process.execPath, [PROGRAM, '', 'alone', 'fetch', 'analyse', 'store']);
		await Promise.all([host('apart', 'store'), host('apart', 'analyse')]);
		const { stdout: apart } = await run(process.execPath, [PROGRAM, server.url, 'apart', 'fetch']);
		expect(alone.split('\n')).to.have.lengthOf.above(10);
		expect(alone).to.contain('ERR_ACTOR_CRASHED').and.contain('CLOSED').and.contain('sent by analyse');
		expect(apart).to.equal(alone);
	});
});
