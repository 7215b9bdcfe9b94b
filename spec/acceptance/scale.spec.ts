import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { Actor, ActorSystem, type TroupeError } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

class Idle extends Actor {
	static readonly kind = 'idle';

	where(): string {
		return this.system.node.id;
	}
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `idle-${index}`);

/** Does `work` for all items, a thousand at a time. */
async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
	for (let at = 0; at < items.length; at += 1_000) await Promise.all(items.slice(at, at + 1_000).map(work));
}

describe('many actors', () => {
	it('fit one node: 100,000 are spawned, answer, and stop', async () => {
		const system = await ActorSystem.start();
		const all = ids(100_000);
		await inBatches(all, async (id) => void (await system.spawn(Idle, { id })));
		let answers = 0;
		await inBatches(all, async (id) => {
			if ((await system.ref(Idle, id).ask.where()) === system.node.id) answers++;
		});
		expect(answers).to.equal(100_000);
		await system.stop();
		expect(system.mailboxes()).to.deep.equal([]);
		expect(system.stats()).to.deep.equal({ sent: 100_000, handled: 100_000, deadLetters: {}, pending: 0 });
	}).timeout(60_000);
});

describe('three nodes on NATS', () => {
	let server: NatsServer;

	before(async () => {
		server = await startServer();
	});

	after(() => server.stop());

	it('race for 10,000 IDs, and each ID has one winner, whom all three reach', async () => {
		const nodes = await Promise.all(
			ids(3).map((node) => ActorSystem.start({ name: 'race', servers: server.url, node })),
		);
		const all = ids(10_000);
		const winners = new Map<string, string[]>(all.map((id) => [id, []]));
		const others = new Set<string>();
		await Promise.all(
			nodes.map((node) =>
				inBatches(all, (id) =>
					node.spawn(Idle, { id }).then(
						() => void winners.get(id)?.push(node.node.id),
						(error: TroupeError) => void others.add(error.code),
					),
				),
			),
		);
		expect([...winners.values()].filter(({ length }) => length !== 1)).to.deep.equal([]);
		expect([...others]).to.deep.equal(['ERR_ID_TAKEN']);
		for (const node of nodes) {
			for (const id of all.filter((_, index) => index % 500 === 0))
				expect(await node.ref(Idle, id).ask.where()).to.equal(winners.get(id)?.[0]);
		}
		await Promise.all(nodes.map((node) => node.stop()));
	}).timeout(60_000);
});
