import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { connect } from 'nats';
import { ActorSystem } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/nats.ts';
import { Sink } from './cast.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe("when JetStream's state is lost", () => {
	let server: NatsServer;
	let owner: ActorSystem;
	let reader: ActorSystem;

	before(async () => {
		server = await startServer();
		const options = { name: 'wiped', servers: server.url, lease: '3s', heartbeat: '500ms', log: quiet } as const;
		[owner, reader] = await Promise.all([
			ActorSystem.start({ ...options, node: 'owner' }),
			ActorSystem.start({ ...options, node: 'reader' }),
		]);
	});

	after(async () => {
		await Promise.all([owner.stop(), reader.stop()]);
		await server.stop();
	});

	it('a node that owns no ID finds those of the others again', async () => {
		await owner.spawn(Sink, { id: 'kept' });
		const before = await reader.whereis('kept');
		await server.kill('SIGKILL');
		await rm(server.storeDir, { recursive: true });
		await server.restart();
		// The reader does not look before: a read that fails would tell it.
		const again = async () => (await owner.whereis('kept').catch(() => undefined))?.epoch ?? 0;
		await eventually(async () => (await again()) > (before?.epoch as number), { within: 15_000 });
		await eventually(async () => (await reader.whereis('kept')) !== undefined);
		expect(await reader.ref(Sink, 'kept').ask.report()).to.deep.equal({ count: 0, disorder: 0 });
	});

	it('nobody is given the ID of one who lives, whatever part of it is lost', async () => {
		await owner.spawn(Sink, { id: 'held' });
		const before = (await reader.whereis('held'))?.epoch as number;
		const connection = await connect({ servers: server.url });
		try {
			const answer = await connection.request('$JS.API.STREAM.DELETE.KV_troupe_wiped_actors');
			expect(answer.json()).to.include({ success: true });
		} finally {
			await connection.close();
		}
		const claim = await reader.spawn(Sink, { id: 'held' }).catch(({ code }) => code as string);
		expect(claim).to.equal('ERR_ID_TAKEN');
		expect((await owner.whereis('held'))?.epoch).to.be.above(before);
		expect(await reader.ref(Sink, 'held').ask.report()).to.deep.equal({ count: 0, disorder: 0 });
	});
});
