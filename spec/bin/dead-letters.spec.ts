/** `troupe dead-letters`, as a process of its own, on a real NATS. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Actor, ActorSystem, durable, resume } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

const CLI = fileURLToPath(new URL('../../bin/troupe.js', import.meta.url));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

class Oven extends Actor {
	static readonly kind = 'oven';
	static readonly mailbox = durable({ maxDeliver: 2, backoff: [1] });
	static readonly supervision = resume();
	static broken = true;
	readonly #baked: string[] = [];

	bake(cake: string): void {
		if (Oven.broken) throw new RangeError('no gas');
		this.#baked.push(cake);
	}

	baked(): string[] {
		return this.#baked;
	}
}

describe('troupe dead-letters', () => {
	let server: NatsServer;
	let system: ActorSystem;

	function troupe(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
		return new Promise((resolve) => {
			const all = [CLI, '--system', 'bakery', '--nats', server.url, 'dead-letters', ...args];
			execFile(process.execPath, all, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
		});
	}

	before(async () => {
		server = await startServer();
		system = await ActorSystem.start({ name: 'bakery', servers: server.url, node: 'kitchen', log: quiet });
		const oven = await system.spawn(Oven, { id: 'oven-1' });
		for (const cake of ['plum', 'nut', 'cheese']) oven.tell.bake(cake);
		await eventually(async () => (await system.deadLetters.list()).length === 3);
		Oven.broken = false;
	});

	after(async () => {
		await system.stop();
		await server.stop();
	});

	it('lists what was given up, and why', async () => {
		const { out, code } = await troupe('list', '--actor', 'oven-1');
		expect(code).to.equal(0);
		const lines = out.trim().split('\n');
		expect(lines).to.have.length(4);
		expect(lines[1]).to.match(/^1 +oven-1 +bake +\d{4}-.*Z +2 +RangeError: no gas$/);
		expect((await troupe('list', '--actor', 'oven-2')).out.trim().split('\n')).to.have.length(1);
	});

	it('shows one with its arguments and its history', async () => {
		const { out } = await troupe('show', '2');
		expect(out).to.match(/^2: 'bake' to oven-1 \(oven\), sent .*Z\nnut\n/);
		expect(out.match(/RangeError: no gas/g)).to.have.length(2);
		expect(out).to.include(system.node.id);
		const letter = JSON.parse((await troupe('show', '2', '--json')).out);
		expect(letter).to.deep.include({
			number: 2,
			actor: 'oven-1',
			kind: 'oven',
			message: { name: 'bake', args: ['nut'] },
		});
	});

	it('says which there is not, and what it would take', async () => {
		expect(await troupe('show', '7')).to.deep.include({
			code: 2,
			err: "ERR_BAD_OPTION: no dead letter of the number 7: 'troupe dead-letters list' lists those there are\n",
		});
		expect((await troupe('drop')).err).to.match(/^ERR_BAD_OPTION: which ones\?/);
		expect((await troupe('replay', 'x')).err).to.match(/^ERR_BAD_OPTION: .*number/);
		expect((await troupe()).code).to.equal(2);
	});

	it('sends some again, and forgets others', async () => {
		expect(await troupe('replay', '1', '3')).to.deep.include({ code: 0, out: 'done: 1, 3\n' });
		const oven = system.ref(Oven, 'oven-1');
		await eventually(async () => (await oven.ask.baked()).length === 2);
		expect(await oven.ask.baked()).to.deep.equal(['plum', 'cheese']);
		expect((await troupe('drop', '--all')).out).to.equal('done: 2\n');
		expect(await troupe('drop', '2')).to.deep.include({ code: 2 });
		expect((await troupe('drop', '--all')).out).to.equal('there are none\n');
		expect(await system.deadLetters.list()).to.deep.equal([]);
	});
});
