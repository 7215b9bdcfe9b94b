import { expect } from 'chai';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorSystem } from '../../../index.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { DEFINE_METHOD, DEFINE_SENDER, DEFINE_TARGET, REPLY, TELL } from '../../../runtime/link/parcel.ts';
import { Lab } from '../../support/lab.ts';
import { tap } from '../../support/tap.ts';

class Target extends Actor {
	static readonly kind = 'target';
	readonly seen: unknown[][] = [];

	note(...values: unknown[]): number {
		return this.seen.push(values);
	}

	all(): unknown[][] {
		return this.seen;
	}

	sentBy: unknown;

	from(): void {
		this.sentBy = (this.sender as unknown as { target: { wire(): unknown } }).target.wire();
	}

	whoSent(): unknown {
		return this.sentBy;
	}

	count(): number {
		return this.seen.length;
	}
}

const codec = new Codec();
const parcel = (type: number, numbers: readonly number[], value?: unknown): Buffer =>
	Buffer.concat([Buffer.from([type, ...numbers]), value === undefined ? Buffer.alloc(0) : codec.encode(value)]);

describe('an exchange with a hostile peer', () => {
	let lab: Lab;
	let host: ActorSystem;
	let peer: ActorSystem;
	let write: (...parcels: Buffer[]) => Promise<void>;
	let letters: string[];

	beforeEach(async () => {
		lab = new Lab();
		host = await lab.node({ node: 'host' });
		peer = await lab.node({ node: 'peer' });
		await lab.during(host.spawn(Target, { id: 't' }));
		await lab.during(peer.ref(Target, 't').ask.count());
		letters = [];
		host.events.on('deadLetter', ({ reason }) => letters.push(reason));
		const link = tap(peer, host.node.id);
		write = async (...parcels) => {
			for (const bytes of parcels) {
				link.begin().raw(bytes);
				link.commit(false);
			}
			await lab.pass(50);
		};
	});

	afterEach(() => lab.close());

	const count = (): Promise<number> => lab.during(host.ref(Target, 't').ask.count());

	it('never calls what is no message: constructor, then, toString, __proto__, hooks and underscores', async () => {
		const names = [
			'constructor',
			'then',
			'toString',
			'__proto__',
			'hasOwnProperty',
			'onStart',
			'onStop',
			'_hidden',
			'spawn',
			'self',
			'seen',
			'',
		];
		for (const [index, name] of names.entries())
			await write(parcel(DEFINE_METHOD, [index + 9], name), parcel(TELL, [1, index + 9, 0], []));
		expect(letters).to.deep.equal(names.map(() => 'not-a-message'));
		expect(await count()).to.equal(0);
	});

	it('counts arguments that are hostile CBOR, one dead letter each', async () => {
		await write(parcel(DEFINE_METHOD, [9], 'note'));
		for (const hex of [
			...['9f', 'd81c80', 'd81bf6', 'c25a00040000', '00', 'a0', '5bffffffffffffffff'],
			...['81', '819f', '81d81c80', '810000', '81c25a00040000', '81a1', '815bffffffffffffffff'],
		])
			await write(Buffer.concat([parcel(TELL, [1, 9, 0]), Buffer.from(hex, 'hex')]));
		expect(letters).to.have.lengthOf(14);
		expect(new Set(letters)).to.deep.equal(new Set(['malformed']));
		expect(await count()).to.equal(0);
	});

	it('knows a sender as an actor of the node that the link has proved, whatever it claims', async () => {
		await write(parcel(DEFINE_SENDER, [9], ['admin', 'boss', '/admin', 1, false]), parcel(DEFINE_METHOD, [9], 'from'));
		await write(parcel(TELL, [1, 9, 9], []));
		expect(await lab.during(host.ref(Target, 't').ask.whoSent())).to.deep.equal([
			'admin',
			'boss',
			'/admin',
			peer.node.id,
			1,
		]);
	});

	it('refuses a reply that nobody asked for', async () => {
		await write(parcel(REPLY, [99], 'surprise'));
		expect(letters).to.deep.equal(['malformed']);
	});

	it('refuses numbers that were never defined, tables beyond their size, and parcels of no type', async () => {
		await write(parcel(TELL, [55, 1, 0], []), parcel(TELL, [1, 55, 0], []), parcel(TELL, [1, 1, 55], []));
		await write(
			parcel(DEFINE_TARGET, [0], 'x'),
			Buffer.from([DEFINE_TARGET, 0xff, 0xff, 0xff, 0x7f, 0x61, 0x78]),
			Buffer.from([200]),
			Buffer.alloc(0),
		);
		expect(letters).to.deep.equal(Array(7).fill('malformed'));
	});

	it('lives through any parcels at all', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 40 })), { minLength: 1, maxLength: 30 }),
				async (parcels) => {
					await write(...parcels.map(([type, rest]) => Buffer.concat([Buffer.from([type]), rest])));
					expect(await count()).to.be.a('number');
				},
			),
			{ numRuns: 40 },
		);
		const { sent, handled, deadLetters, pending } = host.stats();
		expect(sent - handled - Object.values(deadLetters).reduce((sum, n) => sum + n, 0) - pending).to.be.at.most(0);
	});
});

describe('an exchange with a value that sends messages itself while it is read', () => {
	it('delivers all of them, and the value as it was read', async () => {
		const lab = new Lab();
		const [near, far] = await Promise.all([lab.node({ node: 'near' }), lab.node({ node: 'far' })]);
		await lab.during(far.spawn(Target, { id: 't' }));
		const target = near.ref(Target, 't');
		await lab.during(target.ask.note('known'));
		const value = {
			get text() {
				target.tell.note('sent meanwhile');
				return 'x'.repeat(1_000);
			},
			list: [1, 2, 3],
		};
		await lab.during(target.ask.note(value, new Date(5)));
		await lab.during(target.ask.note(value));
		const seen = await lab.during(target.ask.all());
		const read = { text: 'x'.repeat(1_000), list: [1, 2, 3] };
		expect(seen.filter(([note]) => typeof note === 'object')).to.deep.equal([[read, new Date(5)], [read]]);
		expect(seen.filter(([note]) => note === 'sent meanwhile')).to.have.length.above(1);
		expect(near.stats().deadLetters).to.deep.equal({});
		expect(far.stats().deadLetters).to.deep.equal({});
		await lab.close();
	});
});

describe('an exchange whose peer has died', () => {
	it('accounts for all that was sent, even when a parcel of ours cannot be read back', async () => {
		const lab = new Lab();
		const [near, far] = await Promise.all([lab.node({ node: 'near' }), lab.node({ node: 'far' })]);
		await lab.during(far.spawn(Target, { id: 't' }));
		const target = near.ref(Target, 't');
		await lab.during(target.ask.note('known'));
		const letters: unknown[] = [];
		near.events.on('deadLetter', ({ reason, message, count }) => letters.push([reason, message?.args, count]));
		lab.crash(far);
		target.tell.note('first');
		const link = tap(near, far.node.id);
		link.begin().raw(Buffer.from([TELL, 1, 1, 0, 0x9f]));
		link.commit(false);
		target.tell.note('last');
		await lab.pass(20_000);
		expect(letters).to.deep.equal([
			['node-down', ['first'], 1],
			['node-down', ['last'], 1],
		]);
		await lab.close();
	});
});
