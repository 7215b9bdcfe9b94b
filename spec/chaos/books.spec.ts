import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { connect } from 'nats';
import { ActorSystem, type Stats } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';
import { Sink, Slow } from './cast.ts';

const FAR_NODE = fileURLToPath(new URL('far-node.js', import.meta.url));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function deadIn({ deadLetters }: Stats): number {
	return Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
}

describe('the books, with nodes in processes of their own', () => {
	let server: NatsServer;
	let near: ActorSystem;
	let far: ChildProcess;
	let systems = 0;

	before(async () => {
		server = await startServer();
	});

	after(() => server.stop());

	beforeEach(async () => {
		const name = `books-${++systems}`;
		far = spawn(process.execPath, [FAR_NODE, server.url, name], { stdio: ['pipe', 'pipe', 'inherit'] });
		await once(far.stdout as NodeJS.ReadableStream, 'data');
		near = await ActorSystem.start({ name, servers: server.url, node: 'near', log: quiet });
	});

	afterEach(async () => {
		far.kill('SIGKILL');
		await near.stop();
	});

	/** Sends `rate` numbers a second for `seconds`, by the clock, whatever happens meanwhile. */
	async function stream(rate: number, seconds: number, put: (value: number) => void): Promise<number> {
		const started = performance.now();
		let sent = 0;
		for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - started) / 1_000) {
			while (sent < Math.min(elapsed, seconds) * rate) put(sent++);
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
		return sent;
	}

	async function books(): Promise<{ readonly sent: number; readonly handled: number; readonly dead: number }> {
		const here = near.stats();
		const there = (await near.ref(Sink, 'sink').ask.books()) as Stats;
		return { sent: here.sent + there.sent, handled: here.handled + there.handled, dead: deadIn(here) + deadIn(there) };
	}

	it('balance after NATS is killed and comes back in mid-stream: nothing lost, doubled or out of order', async () => {
		const sink = near.ref(Sink, 'sink');
		await sink.send.put(0);
		let outage: Promise<void> | undefined;
		const sent = await stream(5_000, 2, (value) => {
			sink.tell.put(value + 1);
			if (value === 1_500) outage = server.kill('SIGKILL');
			if (value === 5_000) outage = outage?.then(() => server.restart());
		});
		await outage;
		expect(await sink.with({ timeout: '15s' }).ask.report()).to.deep.equal({ count: sent + 1, disorder: 0 });
		expect(await books()).to.deep.equal({ sent: sent + 2, handled: sent + 2, dead: 0 });
	});

	it('balance after the receiving process was paused for three seconds', async () => {
		const sink = near.ref(Sink, 'sink');
		await sink.send.put(0);
		far.kill('SIGSTOP');
		const sent = await stream(1_000, 3, (value) => sink.tell.put(value + 1));
		far.kill('SIGCONT');
		expect(await sink.with({ timeout: '15s' }).ask.report()).to.deep.equal({ count: sent + 1, disorder: 0 });
		expect(await books()).to.deep.equal({ sent: sent + 2, handled: sent + 2, dead: 0 });
	});

	it('balance after more was held back than a mailbox holds, and comes all at once', async () => {
		const sink = near.ref(Sink, 'sink');
		await sink.send.put(0);
		far.kill('SIGSTOP');
		const sent = await stream(100_000, 3, (value) => sink.tell.put(value + 1));
		far.kill('SIGCONT');
		expect(await sink.with({ timeout: '30s' }).ask.report()).to.deep.equal({ count: sent + 1, disorder: 0 });
		expect(await books()).to.deep.equal({ sent: sent + 2, handled: sent + 2, dead: 0 });
	}).timeout(60_000);

	it('balance when an actor crashes on every 100th message', async () => {
		const sink = near.ref(Sink, 'sink');
		for (let value = 0; value < 2_000; value++) sink.tell.crashOn100(value);
		await sink.with({ timeout: '15s' }).ask.report();
		const there = (await sink.ask.books()) as Stats;
		expect(there.deadLetters).to.deep.equal({ crashed: 20 });
		expect(await books()).to.deep.equal({ sent: 2_002, handled: 1_982, dead: 20 });
	});

	it('balance when a mailbox overflows', async () => {
		const slow = near.ref(Slow, 'slow');
		for (let value = 0; value < 2_000; value++) slow.tell.put(value);
		await slow.send.put(2_000);
		await eventually(async () => ((await near.ref(Sink, 'sink').ask.books()) as Stats).pending === 1);
		const { sent, handled, dead } = await books();
		expect(sent).to.equal(handled + dead);
		expect(dead).to.be.above(1_000);
	});

	it('are closed by the survivors when a node dies: every message handled, as far as it said, or a dead letter', async () => {
		const sink = near.ref(Sink, 'sink');
		let letters = 0;
		near.events.on('deadLetter', ({ count }) => {
			letters += count;
		});
		for (let value = 0; value < 500; value++) sink.tell.put(value);
		await sink.ask.report();
		const down = new Promise((resolve) => near.events.on('nodeDown', resolve));
		far.kill('SIGKILL');
		const sent = await stream(1_000, 1, (value) => sink.tell.put(value));
		await down;
		const stats = near.stats();
		expect(stats.sent).to.equal(sent + 501);
		expect(stats.handled + deadIn(stats)).to.equal(stats.sent);
		expect(stats.pending).to.equal(0);
		expect(letters).to.equal(deadIn(stats));
		expect(stats.handled).to.be.within(400, 501);
	});

	it('count what strangers publish to a node, which goes on working', async () => {
		const sink = near.ref(Sink, 'sink');
		await sink.send.put(0);
		const stranger = await connect({ servers: server.url });
		const node = near.nodes().find(({ name }) => name === 'far')?.id as string;
		const subject = `troupe.${near.name}.n.${node}`;
		const bomb = Buffer.from('9f9f9f9f9f9f9f', 'hex');
		for (let index = 0; index < 100; index++)
			stranger.publish(subject, Buffer.concat([Buffer.from([index, 1, index % 5]), bomb]));
		for (let index = 0; index < 50; index++) stranger.publish(`troupe.${near.name}.hb`, bomb);
		stranger.publish(subject, Buffer.alloc(1_000_000, 0xff));
		await stranger.flush();
		await eventually(async () => ((await sink.ask.books()) as Stats).deadLetters.malformed === 101);
		expect(await sink.ask.report()).to.deep.equal({ count: 1, disorder: 0 });
		await stranger.close();
	});
});
