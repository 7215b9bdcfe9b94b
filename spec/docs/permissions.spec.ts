/** The permissions on the page about clusters are those of the command, and enough for a system's life. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../index.ts';
import { type NatsServer, startNatsServer } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { read } from './pages.ts';

class Shelf extends Actor {
	static readonly kind = 'shelf';

	take(item: string): string {
		return item;
	}
}

describe('the permissions on the page about clusters', () => {
	let server: NatsServer;
	let configuration: string;
	const warnings: string[] = [];
	const warn = (_event: string, fields?: Readonly<Record<string, unknown>>): unknown =>
		warnings.push(JSON.stringify(fields));
	const log = { debug() {}, info() {}, warn, error: warn };
	const user = { user: 'shop', pass: 'secret' };
	const systems: ActorSystem[] = [];

	async function join(node: string): Promise<ActorSystem> {
		const hosts = [Shelf];
		const system = await ActorSystem.start({ name: 'shop', servers: server.url, node, hosts, nats: user, log });
		systems.push(system);
		return system;
	}

	before(async () => {
		const page = await read('docs/cluster.md');
		[, configuration = ''] = /^```conf\n(.*?)^```$/ms.exec(page) ?? [];
		process.env['TROUPE_PASSWORD_shop'] = 'secret';
		server = await startNatsServer({ extraConfig: configuration });
	});

	after(async () => {
		await Promise.all(systems.map((system) => system.stop()));
		await server.stop();
	});

	it('are enough to claim, find, call, stop, list, suspect, go on for each other and leave', async () => {
		const [a, b] = [await join('a'), await join('b')];
		const shelf = await b.spawn(Shelf, { id: 'shelf' });
		expect(await a.ref(Shelf, 'shelf').ask.take('tea')).to.equal('tea');
		expect(await a.actors()).to.have.lengthOf(1);
		await shelf.stop();
		expect(await a.whereis('shelf')).to.equal(undefined);
		const lasting = await a.spawn(Shelf, { id: 'lasting', on: 'node:b', failover: true });
		expect(await lasting.ask.take('tea')).to.equal('tea');
		await lasting.stop();
		await b.spawn(Shelf, { id: 'moving', failover: true });
		await b.stop();
		await eventually(async () => a.nodes().length === 1);
		expect(await a.ref(Shelf, 'moving').with({ timeout: '15s' }).ask.take('tea')).to.equal('tea');
		expect((await a.whereis('moving'))?.node).to.equal(a.node.id);
		await a.stop();
		expect(warnings).to.deep.equal([]);
	});

	it('are what the command prints', async () => {
		const cli = fileURLToPath(new URL('../../bin/troupe.js', import.meta.url));
		const { stdout } = await promisify(execFile)(process.execPath, [cli, 'permissions', '--system', 'shop']);
		expect(configuration).to.equal(stdout);
	});
});
