import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

const run = promisify(execFile);

/** Programs of three parts: which of them is started last and prints, and words that it prints. */
const PROGRAMS = [
	{
		what: 'of actors',
		file: 'program.js',
		last: 'fetch',
		others: ['store', 'analyse'],
		words: ['ERR_ACTOR_CRASHED', 'CLOSED', 'sent by analyse'],
	},
	{
		what: 'of stages and channels',
		file: 'stages.js',
		last: 'store',
		others: ['fetch', 'analyse'],
		words: ['line 457 is empty', 'ERR_CHANNEL_CLOSED', 'sent: 500'],
	},
];

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

	async function host(program: string, name: string, part: string): Promise<void> {
		const child = spawn(process.execPath, [program, server.url, name, part], { stdio: ['pipe', 'pipe', 'inherit'] });
		parts.push(child);
		await once(child.stdout as NodeJS.ReadableStream, 'data');
	}

	for (const { what, file, last, others, words } of PROGRAMS) {
		describe(what, () => {
			it('keeps its behaviour when its parts move to three: it prints the same, line by line', async () => {
				const program = fileURLToPath(new URL(file, import.meta.url));
				const name = `apart-${last}`;
				const { stdout: alone } = await run(process.execPath, [program, '', 'alone', last, ...others]);
				await Promise.all(others.map((part) => host(program, name, part)));
				const { stdout: apart } = await run(process.execPath, [program, server.url, name, last]);
				expect(alone.split('\n')).to.have.lengthOf.above(10);
				for (const word of words) expect(alone).to.contain(word);
				expect(apart).to.equal(alone);
			});
		});
	}
});
