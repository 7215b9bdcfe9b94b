import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { ActorSystem } from '../../index.ts';
import { systemClock } from '../../runtime/core/clock.ts';
import { connectNats } from '../../runtime/transport/nats.ts';
import { type NatsCluster, startNatsCluster } from '../../runtime/transport/nats-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Sink } from './cast.ts';

const FAR_NODE = fileURLToPath(new URL('far-node.js', import.meta.url));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('two nodes on a cluster of three NATS servers', () => {
	let servers: NatsCluster;
	let near: ActorSystem;
	let far: ChildProcess;

	before(async () => {
		servers = await startNatsCluster(3);
		far = spawn(process.execPath, [FAR_NODE, servers.urls.join(','), 'servers'], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		await once(far.stdout as NodeJS.ReadableStream, 'data');
		near = await ActorSystem.start({ name: 'servers', servers: servers.urls, node: 'near', log: quiet });
	});

	after(async () => {
		far.kill('SIGKILL');
		await near.stop();
		await servers.stop();
	});

	it('go to another server when they forsake theirs', async () => {
		const options = { name: 'mover', connectTimeout: 5_000, clock: systemClock };
		const transport = await connectNats({ ...options, servers: servers.urls });
		const states: string[] = [];
		transport.onState((state) => states.push(state));
		// A client does not dial the same server twice within 200 ms, whatever it is told.
		transport.subscribe('taciturn', () => {});
		expect(await transport.probe('taciturn', 300)).to.equal('silent');
		const before = transport.address;
		transport.forsake();
		await eventually(() => states.includes('connected'));
		expect(states).to.deep.equal(['disconnected', 'connected']);
		expect(transport.address).to.not.equal(before);
		await transport.close();
	});

	it('lose nothing and declare nobody dead while each server in turn is killed and comes back, and one hangs', async () => {
		const sink = near.ref(Sink, 'sink');
		const dead: string[] = [];
		near.events.on('nodeDown', ({ name }) => dead.push(name));
		let sent = 0;
		const pump = setInterval(() => {
			for (let count = 0; count < 10; count++) sink.tell.put(sent++);
		}, 5);
		for (const server of servers.servers) {
			await server.kill('SIGKILL');
			await sink.with({ timeout: '15s' }).ask.report();
			await server.restart();
			await sink.with({ timeout: '15s' }).ask.report();
		}
		const [first] = servers.servers;
		first?.pause();
		await sink.with({ timeout: '15s' }).ask.report();
		first?.resume();
		clearInterval(pump);
		expect(await sink.with({ timeout: '15s' }).ask.report()).to.deep.equal({ count: sent, disorder: 0 });
		expect(dead).to.deep.equal([]);
		expect(near.stats().deadLetters).to.deep.equal({});
	}).timeout(60_000);
});
