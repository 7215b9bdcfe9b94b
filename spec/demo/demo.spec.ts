/** The demo as a user runs it: real processes, a real NATS, and nobody who helps. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

/** A process of the demo, and what it has said. */
class Part {
	readonly lines: string[] = [];
	readonly process: ChildProcess;
	readonly #exit: Promise<number | null>;

	constructor(program: string, ...args: string[]) {
		const path = fileURLToPath(new URL(`../../demo/${program}${extname(import.meta.url)}`, import.meta.url));
		this.process = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
		this.#exit = once(this.process, 'close').then(([code]) => code as number | null);
		createInterface({ input: this.process.stdout as NodeJS.ReadableStream }).on('line', (line) => {
			this.lines.push(line);
			this.process.emit('said', line);
		});
	}

	/** The first line that has `words` in it, said already or still to come. */
	async says(words: string): Promise<string> {
		for (;;) {
			const line = this.lines.find((said) => said.includes(words));
			if (line !== undefined) return line;
			await Promise.race([once(this.process, 'said'), this.#exit.then(() => Promise.reject(this.#silent(words)))]);
		}
	}

	/** Its exit code. */
	exit(): Promise<number | null> {
		return this.#exit;
	}

	/** The last line, which is JSON. */
	figures(): Record<string, number | boolean> {
		return JSON.parse(this.lines.at(-1) ?? 'null');
	}

	#silent(words: string): Error {
		return new Error(`ended without saying '${words}':\n${this.lines.join('\n')}`);
	}
}

describe('the demo', function () {
	this.timeout(60_000);
	let folder: string;
	const parts: Part[] = [];

	function start(program: string, ...args: string[]): Part {
		const part = new Part(program, ...args);
		parts.push(part);
		return part;
	}

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'troupe-demo-'));
	});

	afterEach(async () => {
		for (const { process } of parts.splice(0)) process.kill('SIGKILL');
		await rm(folder, { recursive: true });
	});

	it('loses nothing while consumers crash, a node dies and NATS restarts', async () => {
		await mkdir(join(folder, 'deep', 'deeper'), { recursive: true });
		await symlink('..', join(folder, 'deep', 'loop'));
		const text = 'const answer = require("node:fs");\n'.repeat(1_000);
		for (let number = 0; number < 100; number++) await writeFile(join(folder, 'deep', `${number}.js`), text);
		await writeFile(join(folder, 'deep', 'deeper', 'noise.bin'), Buffer.alloc(2_000_000, '\0x'));
		await writeFile(join(folder, 'empty'), '');
		const demo = start('main', '--json', '--input', folder);
		expect(await demo.exit(), demo.lines.join('\n')).to.equal(0);
		const figures = demo.figures();
		const expected = { nodes: 6, files: 102, bytes: 100 * text.length + 2_000_000, nodesKilled: 1, natsRestarts: 1 };
		expect(figures).to.include({ ...expected, lost: 0, unaccounted: 0, equal: true });
		expect(figures).to.have.property('consumed', figures['produced']);
		for (const some of ['produced', 'duplicates', 'restarts', 'seconds', 'messagesPerSecond'])
			expect(figures[some], some).to.be.greaterThan(0);
	});

	it('plays on when there is nothing to read', async () => {
		const demo = start('main', '--json', '--input', folder);
		expect(await demo.exit(), demo.lines.join('\n')).to.equal(0);
		expect(demo.figures()).to.include({
			files: 0,
			bytes: 0,
			produced: 0,
			consumed: 0,
			nodesKilled: 1,
			natsRestarts: 1,
			equal: true,
		});
	});

	it('says what is wrong with its input', async () => {
		const demo = start('main', '--input', join(folder, 'nowhere'));
		expect(await demo.exit()).to.equal(1);
		expect(demo.lines).to.deep.equal([]);
	});

	describe('in parts, each started by hand', () => {
		let nats: NatsServer;

		beforeEach(async () => {
			nats = await startServer();
		});

		afterEach(() => nats.stop());

		const analysed = async (consumer: Part): Promise<number> =>
			Number(/after (\d+) chunks/.exec(await consumer.says('has left'))?.[1]);

		it('gives work to a consumer that joins late, and lets one that leaves finish', async () => {
			await writeFile(join(folder, 'text'), 'another line\n'.repeat(5_000_000));
			const early = start('nodes/consumer', '--nats', nats.url);
			await early.says('has joined');
			const producer = start('nodes/producer', '--nats', nats.url, '--input', folder, '--json');
			await early.says('first chunk');
			early.process.kill('SIGINT');
			expect(await early.exit()).to.equal(0);
			// Now there is none, and the producer waits.
			const late = start('nodes/consumer', '--nats', nats.url);
			await late.says('first chunk');
			expect(await producer.exit()).to.equal(0);
			late.process.kill('SIGINT');
			expect(await late.exit()).to.equal(0);
			const { produced, consumed, lost, duplicates } = producer.figures();
			expect({ consumed, lost, duplicates }).to.deep.equal({ consumed: produced, lost: 0, duplicates: 0 });
			expect((await analysed(early)) + (await analysed(late))).to.equal(produced);
		});

		it('has a second producer wait for nobody, and a killed consumer replaced by another', async () => {
			await writeFile(join(folder, 'text'), 'another line\n'.repeat(2_000_000));
			const first = start('nodes/producer', '--nats', nats.url, '--input', folder, '--json');
			const second = start('nodes/producer', '--nats', nats.url, '--input', folder, '--json');
			await first.says('has joined');
			const victim = start('nodes/consumer', '--nats', nats.url);
			await victim.says('first chunk');
			victim.process.kill('SIGKILL');
			const heir = start('nodes/consumer', '--nats', nats.url);
			expect(await Promise.all([first.exit(), second.exit()])).to.deep.equal([0, 0]);
			for (const producer of [first, second])
				expect(producer.figures()).to.include({ files: 1, bytes: 26_000_000, lost: 0 });
			heir.process.kill('SIGINT');
			expect(await heir.exit()).to.equal(0);
		});

		it('prints what there is when a producer is told to leave', async () => {
			await writeFile(join(folder, 'a'), 'a line\n');
			const producer = start('nodes/producer', '--nats', nats.url, '--input', folder, '--json');
			await producer.says('has joined');
			producer.process.kill('SIGINT');
			const consumer = start('nodes/consumer', '--nats', nats.url); // for what has been handed out already
			await consumer.says('has joined');
			expect(await producer.exit()).to.equal(0);
			expect(producer.figures()).to.include({ lost: 0 });
			consumer.process.kill('SIGINT');
			expect(await consumer.exit()).to.equal(0);
		});
	});
});
