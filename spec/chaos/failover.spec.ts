/** Actors with failover, on nodes in processes of their own, which are killed and restarted. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { type ActorRef, ActorSystem } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { Journal, Tally } from '../support/cast/tally.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';

const NODE = fileURLToPath(new URL('../support/failover-node.js', import.meta.url));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('an actor with failover, on nodes in processes of their own', () => {
	let server: NatsServer;
	let near: ActorSystem;
	let journal: ActorRef<Journal>;
	let tally: ActorRef<Tally>;
	let systems = 0;
	const nodes = new Map<string, ChildProcess>();

	before(async () => {
		server = await startServer();
	});

	after(() => server.stop());

	beforeEach(async () => {
		near = await ActorSystem.start({ name: `failover-${++systems}`, servers: server.url, node: 'near', log: quiet });
		await Promise.all(['east', 'west', 'north'].map(start));
		journal = await near.spawn(Journal, { id: 'journal' });
		const options = { id: 'tally', on: 'role:worker', failover: true, args: { journal } } as const;
		tally = (await near.spawn(Tally, options)).with({ timeout: '15s' });
	});

	afterEach(async () => {
		for (const node of nodes.values()) node.kill('SIGKILL');
		nodes.clear();
		await near.stop();
	});

	async function start(name: string): Promise<void> {
		const node = spawn(process.execPath, [NODE, server.url, near.name, name], { stdio: ['pipe', 'pipe', 'inherit'] });
		nodes.set(name, node);
		await once(node.stdout as NodeJS.ReadableStream, 'data');
	}

	async function end(name: string, signal: NodeJS.Signals): Promise<void> {
		const node = nodes.get(name) as ChildProcess;
		nodes.delete(name);
		const exited = once(node, 'exit');
		node.kill(signal);
		await exited;
	}

	/** Tells it the next numbers, about a thousand a second, as long as `during` runs; resolves to the number after the last. */
	async function stream(from: number, during: Promise<unknown>): Promise<number> {
		let value = from;
		let running = true;
		const over = (): void => {
			running = false;
		};
		during.then(over, over);
		while (running) {
			for (let burst = 0; burst < 5; burst++) tally.tell.put(value++);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		await during;
		return value;
	}

	it('answers again from a survivor when its node is killed with -9, and every message is handled or a dead letter', async () => {
		let letters = 0;
		near.events.on('deadLetter', ({ count }) => {
			letters += count;
		});
		const home = await tally.ask.where();
		const moved = async (): Promise<void> => {
			await eventually(async () => (await journal.ask.values()).length > 0);
			await end(home, 'SIGKILL');
			await eventually(async () => (await journal.ask.nodes()).length === 2, { within: 15_000 });
		};
		const sent = await stream(0, moved());
		expect(await tally.ask.where()).not.to.equal(home);
		await eventually(async () => (await journal.ask.values()).at(-1) === sent - 1);
		const values = await journal.ask.values();
		expect(values).to.deep.equal([...values].sort((one, other) => one - other));
		expect(new Set(values).size).to.equal(values.length);
		// What the dead node had handled and nobody heard of is counted as lost, too.
		expect(values.length + letters).to.be.at.least(sent);
	});

	it('loses and repeats nothing, in a rolling restart of all nodes that host it', async () => {
		const rolling = async (): Promise<void> => {
			for (const name of ['east', 'west', 'north', 'east', 'west', 'north']) {
				await end(name, 'SIGTERM');
				await start(name);
			}
		};
		const sent = await stream(0, rolling());
		await tally.ask.where();
		await eventually(async () => (await journal.ask.values()).length >= sent);
		expect(await journal.ask.values()).to.deep.equal(Array.from({ length: sent }, (_, value) => value));
		expect((await journal.ask.nodes()).length).to.be.above(2);
		expect(near.stats().deadLetters).to.deep.equal({});
	}).timeout(60_000);
});
