/** The table of recipes: what an entry says, and who may write over it. */

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { memoryKvStore } from '../../../runtime/cluster/kv-memory.ts';
import { LastingBucket } from '../../../runtime/cluster/lasting-bucket.ts';
import { type Plan, Recipes } from '../../../runtime/cluster/recipes.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { type MemoryBus, type MemoryTransport, memoryBus } from '../../../runtime/transport/memory.ts';
import { failure } from '../../support/coded.ts';

const plan: Plan = { kind: 'job', on: 'role:worker', options: { args: { size: 3n, at: new Date(0) } } };

describe('a recipe', () => {
	const clock = new VirtualClock();
	const codec = new Codec({
		refs: {
			isRef: () => false,
			toWire: () => [],
			fromWire: () => {
				throw new Error('no refs here');
			},
		} as never,
	});
	let bus: MemoryBus;
	let transport: MemoryTransport;
	let bucket: LastingBucket;
	let recipes: Recipes;
	let tests = 0;

	beforeEach(async () => {
		bus = memoryBus(`recipes-${++tests}`);
		transport = bus.connect({ clock, name: 'a' });
		const opening = LastingBucket.open(memoryKvStore(transport), 'recipes', {});
		await clock.advance(0);
		bucket = await opening;
		recipes = new Recipes(async () => bucket, codec);
	});

	afterEach(() => bus.close());

	async function during<T>(work: Promise<T>): Promise<T> {
		let settled = false;
		const settle = (): void => {
			settled = true;
		};
		work.then(settle, settle);
		while (!settled) await clock.advance(100);
		return work;
	}

	it('comes back as it was written, whatever its ID', async () => {
		for (const id of ['job', 'a b', '*', '🎭']) {
			const revision = await during(recipes.write(id, plan, 'node-1'));
			expect(await during(recipes.find(id))).to.deep.equal({ ...plan, id, node: 'node-1', revision });
		}
		expect((await during(recipes.all())).map(({ id }) => id)).to.have.members(['job', 'a b', '*', '🎭']);
	});

	it('is taken over by one only of those who have read it', async () => {
		const first = await during(recipes.write('job', plan, 'node-1'));
		const second = await during(recipes.write('job', plan, 'node-2', first));
		expect(second).to.be.above(first as number);
		expect(await during(recipes.write('job', plan, 'node-3', first))).to.equal(undefined);
		expect((await during(recipes.find('job')))?.node).to.equal('node-2');
		await during(recipes.remove('job', 'node-2', second as number));
		expect(await during(recipes.write('job', plan, 'node-3', second)), 'it has ended').to.equal(undefined);
		expect(await during(recipes.find('job'))).to.equal(undefined);
	});

	it('is written over by who has claimed the ID anew, and removed by its own node only', async () => {
		const old = (await during(recipes.write('job', plan, 'node-1'))) as number;
		await during(recipes.write('job', { ...plan, on: undefined }, 'node-2'));
		await during(recipes.remove('job', 'node-1', old));
		await during(recipes.remove('job', 'node-1', 0));
		expect(await during(recipes.find('job'))).to.include({ node: 'node-2', on: undefined });
		await during(recipes.remove('job', 'node-2', 0));
		expect(await during(recipes.find('job'))).to.equal(undefined);
	});

	it('is known to have been written though the answer was lost', async () => {
		transport.bus.faults({ storeSilence: 0.5 });
		let written = 0;
		for (let index = 0; index < 20; index++) {
			const outcome = await during(recipes.write(`job-${index}`, plan, 'node-1').catch(() => undefined));
			if (outcome !== undefined) written++;
		}
		transport.bus.faults({});
		expect(written).to.be.above(0);
		expect((await during(recipes.all())).length).to.be.at.least(written);
	});

	it('is none when it is not what it should be', async () => {
		const garbage = [
			Buffer.from('9f9f', 'hex'),
			codec.encode('job'),
			codec.encode(['node', 7, null, '', {}]),
			codec.encode(['node', 'job', 'nowhere', '', {}]),
			codec.encode(['node', 'job', null, '', null]),
		];
		for (const [index, value] of garbage.entries()) await during(bucket.create(`garbage-${index}`, value));
		expect(await during(recipes.all())).to.deep.equal([]);
	});

	it('is refused when it cannot travel, or is larger than an entry may be', async () => {
		await failure('ERR_NOT_ENCODABLE', () => recipes.check('job', { ...plan, options: { args: () => 1 } }));
		const large = { ...plan, options: { args: 'x'.repeat(600_000) } };
		expect((await failure('ERR_TOO_LARGE', () => recipes.check('job', large))).message).to.contain("'job'");
	});
});
