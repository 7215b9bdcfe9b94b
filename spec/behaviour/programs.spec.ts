/** Programs of the operating system, as actors: what they read and write goes through channels, and they end with their node. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Program } from '../../index.ts';
import { Watcher } from '../support/cast/watcher.ts';
import { onEveryStage } from '../support/stages.ts';

const allowPrograms = ['cat', 'sh', 'yes'];

async function text(channel: Program['stdout']): Promise<string> {
	let all = '';
	for await (const chunk of channel) all += Buffer.from(chunk).toString();
	return all;
}

/** Whether there is such a process. */
function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

onEveryStage('a program', { allowPrograms }, (stage) => {
	const far = () => ({ on: `node:${stage.farNode}` }) as const;

	it('reads from a channel and writes into channels, and its end is a code', async () => {
		const cat = await stage.near.run('cat', [], far());
		const all = text(cat.stdout);
		for (const word of ['to be ', 'or not']) await cat.stdin.send(word);
		await cat.stdin.close();
		expect(await all).to.equal('to be or not');
		expect(await text(cat.stderr)).to.equal('');
		expect(await cat.wait()).to.deep.equal({ code: 0, signal: null });
		expect(await cat.wait()).to.deep.equal({ code: 0, signal: null });
	});

	it('gets its arguments as they are, and of the environment what it is given', async () => {
		const script = 'echo "$1|$WORD|$SECRET"; exit 3';
		process.env['SECRET'] = 'of the node';
		const sh = await stage.near.run('sh', ['-c', script, '_', '$(id); `id`'], { ...far(), env: { WORD: 'given' } });
		expect(await text(sh.stdout)).to.equal('$(id); `id`|given|\n');
		expect(await sh.wait()).to.deep.equal({ code: 3, signal: null });
		delete process.env['SECRET'];
	});

	it('waits while nobody takes what it writes', async () => {
		const yes = await stage.near.run('yes', [], far());
		let before: number | undefined;
		// Its pipes are full, and it takes no more time.
		await stage.until(async () => {
			const { cpu } = await yes.use();
			const same = cpu === before;
			before = cpu;
			if (!same) await new Promise((resolve) => setTimeout(resolve, 50));
			return same;
		});
		expect(Buffer.from((await yes.stdout.receive()) as Uint8Array).toString()).to.match(/^y\ny\n/);
		expect((await yes.use()).memory).to.be.above(0);
		await yes.stop();
		expect((await yes.wait()).signal).to.equal('SIGTERM');
	});

	it('ends as an actor does: its watchers are told, with its code or signal', async () => {
		const watcher = await stage.spawnNear(Watcher);
		const [well, ill] = [await stage.near.run('cat', [], far()), await stage.near.run('cat', [], far())];
		for (const { ref } of [well, ill]) await watcher.ask.look(ref);
		await well.stdin.close();
		await stage.until(async () => (await watcher.ask.ends()).length === 1);
		expect((await watcher.ask.ends())[0]?.reason).to.equal('stopped');
		expect(await ill.signal('SIGKILL')).to.equal(true);
		await stage.until(async () => (await watcher.ask.ends()).length === 2);
		const [, end] = await watcher.ask.ends();
		expect(end?.reason).to.equal('crashed');
		expect(end?.error).to.include({ code: 'ERR_PROGRAM_FAILED' });
		expect(await ill.wait()).to.deep.equal({ code: null, signal: 'SIGKILL' });
	});

	it('is started again when it fails, if that is wanted', async () => {
		const script = 'read -r word; echo "$word"; test "$word" = well';
		const sh = await stage.near.run('sh', ['-c', script], { ...far(), restart: true });
		const all = text(sh.stdout);
		const { pid } = await sh.use();
		await sh.stdin.send('ill\n');
		await stage.until(async () => (await sh.use()).pid !== pid);
		await sh.stdin.send('well\n');
		expect(await sh.wait()).to.deep.equal({ code: 0, signal: null });
		expect(await all).to.equal('ill\nwell\n');
	});

	it('is over for who waits when it could not begin', async () => {
		const cat = await stage.near.run('cat', [], { ...far(), cwd: '/there is no such folder' });
		expect(await cat.wait()).to.deep.equal({ code: null, signal: null });
		expect(await text(cat.stdout)).to.equal('');
	});

	it('is refused arguments that are no list', async () => {
		const run = stage.near.run as (program: string, args: unknown) => Promise<unknown>;
		const message = await run.call(stage.near, 'cat', '-n').catch(({ code, message }) => `${code}: ${message}`);
		expect(message).to.match(/^ERR_BAD_OPTION: .*args/);
	});

	it('lives on when it is sent what is no signal', async () => {
		const cat = await stage.near.run('cat', [], far());
		const error = await cat.signal('SIGNONE').catch((failure) => failure);
		expect(error).to.include({ code: 'ERR_BAD_OPTION' });
		const all = text(cat.stdout);
		await cat.stdin.send('still here');
		await cat.stdin.close();
		expect(await all).to.equal('still here');
	});

	it('takes what it has started with it', async () => {
		const sh = await stage.near.run('sh', ['-c', 'sleep 300 & echo $!; wait'], far());
		const child = Number(Buffer.from((await sh.stdout.receive()) as Uint8Array).toString());
		expect(lives(child)).to.equal(true);
		await sh.signal('SIGKILL');
		await sh.wait();
		await stage.until(() => !lives(child));
	});

	it('is the file that its node means by its name, whatever environment it is given', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'troupe-other-'));
		await writeFile(join(folder, 'cat'), '#!/bin/sh\necho another\n', { mode: 0o755 });
		for (const name of ['PATH', 'LD_PRELOAD', 'BASH_FUNC_read%%', 'A=B']) {
			const error = await stage.near.run('cat', [], { ...far(), env: { [name]: folder } }).catch((failure) => failure);
			expect(error, name).to.include({ code: 'ERR_NO_HOST' });
			expect(error.message).to.include(`'${name}'`);
		}
		await rm(folder, { recursive: true });
	});

	it('is refused, naming the remedy, by a node that does not allow it', async () => {
		const error = await stage.near.run('rm', ['-rf', 'nothing'], far()).catch((failure) => failure);
		expect(error).to.include({ code: 'ERR_NO_HOST' });
		expect(error.message).to.include("allowPrograms: ['rm']");
	});
});

onEveryStage('a program whose node dies', { allowPrograms, apart: true, heartbeat: 300, lease: 1_500 }, (stage) => {
	it('ends with it, when it is a process that is killed; who waits for it is told', async () => {
		const sh = await stage.near.run('sh', ['-c', 'sleep 300 & wait'], { on: `node:${stage.farNode}` });
		const { pid } = await sh.use();
		const waits = sh.wait().catch(({ code }) => code);
		await stage.killFar();
		expect(await waits).to.equal('ERR_NODE_DOWN');
		// On the memory bus, the node is only cut off: its process, this one, lives on.
		if (stage.name.includes('processes')) await stage.until(() => !lives(pid), 2_000);
		else process.kill(-pid, 'SIGKILL');
	});
});
