/** Messages whose keys the link has learned: what arrives is what was sent, whatever comes between. */

import { expect } from 'chai';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorRef, type ActorSystem, type DeadLetter } from '../../../index.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { DEFINE_METHOD, DEFINE_SHAPE, TELL } from '../../../runtime/link/parcel.ts';
import { MOST_SHAPES, SHAPED, Shapes } from '../../../runtime/link/shapes.ts';
import { failure } from '../../support/coded.ts';
import { Lab } from '../../support/lab.ts';
import { tap } from '../../support/tap.ts';

class Sink extends Actor {
	static readonly kind = 'sink';
	#taken: unknown[] = [];

	take(value: unknown): void {
		this.#taken.push(value);
	}

	other(value: unknown): void {
		this.#taken.push(value);
	}

	answer(value: unknown): unknown {
		return value;
	}

	all(): unknown[] {
		const taken = this.#taken;
		this.#taken = [];
		return taken;
	}
}

const codec = new Codec();

describe('the shapes of messages', () => {
	let lab: Lab;
	let near: ActorSystem;
	let far: ActorSystem;
	let sink: ActorRef<Sink>;

	beforeEach(async () => {
		lab = new Lab();
		near = await lab.node({ node: 'near' });
		far = await lab.node({ node: 'far', stopGrace: 50 });
		await lab.during(far.spawn(Sink, { id: 'sink' }));
		sink = near.ref(Sink, 'sink');
		await lab.during(sink.ask.answer(0));
	});

	afterEach(() => lab.close());

	const taken = (): Promise<unknown[]> => lab.during(sink.ask.all());
	const link = () => tap(near, far.node.id);

	/** The bytes that one more tell takes on the link. */
	async function bytesOf(value: unknown): Promise<number> {
		await lab.pass(50);
		const writer = link().begin();
		const before = writer.at;
		sink.tell.take(value);
		return link().begin().at - before;
	}

	it('leave the keys out from the third message on', async () => {
		const value = { temperature: 21, humidity: 40 };
		const first = await bytesOf(value);
		await bytesOf(value);
		expect(await bytesOf(value)).to.be.below(first - 'temperature'.length - 'humidity'.length);
		expect(await taken()).to.deep.equal([value, value, value]);
	});

	it('change nothing that arrives, whatever objects and other values are sent in turn', async () => {
		const key = fc.constantFrom('a', 'b', 'c', '7', '', 'längs', '__proto__', 'constructor', '42', 'x'.repeat(70));
		const leaf = fc.oneof(
			fc.integer(),
			fc.double({ noNaN: true }),
			fc.string(),
			fc.constantFrom(
				null,
				undefined,
				true,
				-0,
				5n,
				new Date(7),
				new Map([[1, { a: 1 }]]),
				Buffer.from('bytes'),
				new Uint16Array([1]),
			),
		);
		const object = fc.array(fc.tuple(key, leaf), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs));
		const inner = fc.oneof(
			key,
			fc.integer({ min: 1, max: 70_000 }).map((length) => 'k'.repeat(length)),
			fc.string(),
		);
		const common = fc.tuple(leaf, inner).map(([value, name]) => ({ a: 1, b: value, c: { [name]: value } }));
		const any = fc.oneof({ weight: 4, arbitrary: common }, object, leaf, fc.array(leaf, { maxLength: 3 }));
		await fc.assert(
			fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 40 }), async (values) => {
				for (const value of values) sink.tell.take(value);
				const arrived = await taken();
				expect(arrived).to.deep.equal(values.map((value) => codec.copy(value)));
				expect(arrived.map((value) => Object.keys(Object(value)))).to.deep.equal(
					values.map((value) => Object.keys(Object(codec.copy(value)))),
				);
			}),
			{ numRuns: 60 },
		);
	});

	it('are told apart by message, and travel with asks too', async () => {
		for (let i = 0; i < 5; i++) {
			sink.tell.take({ a: i });
			sink.tell.other({ b: i });
			expect(await lab.during(sink.ask.answer({ c: i }))).to.deep.equal({ c: i });
		}
		const pairs = Array.from({ length: 5 }, (_, i) => [{ a: i }, { b: i }]);
		expect(await taken()).to.deep.equal(pairs.flat());
	});

	it('let a message have other keys at any time, in another order too', async () => {
		const values = [{ a: 1, b: 2 }, { a: 3, b: 4 }, { a: 5, b: 6 }, { b: 7, a: 8 }, { a: 9 }, { a: 1, b: 2, c: 3 }, {}];
		for (const value of [...values, ...values]) sink.tell.take(value);
		const arrived = await taken();
		expect(arrived).to.deep.equal([...values, ...values]);
		expect(Object.keys(arrived[3] as object)).to.deep.equal(['b', 'a']);
	});

	it('hold Dates and refs as well; what else a message carries travels as before', async () => {
		class Point {
			x = 1;
			y = 2;
		}
		const values = [
			{ x: 1, y: 2 },
			{ x: 3, y: 4 },
			new Point(),
			{ x: new Date(3), y: sink },
			{ x: 1n, y: new Set([1]) },
		];
		for (const value of values) sink.tell.take(value);
		const arrived = (await taken()) as { x: unknown; y: unknown }[];
		expect(arrived[2]).to.deep.equal({ x: 1, y: 2 });
		expect(arrived[3]?.x).to.deep.equal(new Date(3));
		expect((arrived[3]?.y as ActorRef<Sink>).equals(sink)).to.equal(true);
		expect(arrived.slice(4)).to.deep.equal(values.slice(4));
	});

	it('have values with keys of any length in them', async () => {
		for (const length of [255, 256, 65_535, 65_536]) {
			const value = { a: { ['k'.repeat(length)]: 1 }, b: { ['é'.repeat(length)]: 2 } };
			for (let i = 0; i < 3; i++) sink.tell.take(value);
			expect(await taken()).to.deep.equal([value, value, value]);
		}
	});

	it('leave the refusal of a proxy that cannot be read to whoever can say what is wrong', async () => {
		const { proxy, revoke } = Proxy.revocable({}, {});
		revoke();
		expect(() => sink.tell.take(proxy))
			.to.throw()
			.with.property('code', 'ERR_NOT_ENCODABLE');
		await failure('ERR_NOT_ENCODABLE', sink.ask.answer(proxy));
	});

	it('fail as before, with the path of what cannot travel', async () => {
		for (let i = 0; i < 3; i++) sink.tell.take({ a: i, b: { c: i } });
		expect(() => sink.tell.take({ a: 1, b: { c: () => {} } }))
			.to.throw()
			.with.property('code', 'ERR_NOT_ENCODABLE');
		sink.tell.take({ a: 9, b: { c: 9 } });
		expect(await taken()).to.have.lengthOf(4);
	});

	it('survive a value that sends messages itself while it is read', async () => {
		for (let i = 0; i < 3; i++) sink.tell.take({ a: i, b: 'x' });
		let sprung = false;
		sink.tell.take({
			a: 3,
			get b() {
				if (!sprung) sink.tell.other('meanwhile');
				sprung = true;
				return 'x';
			},
		});
		sink.tell.take({ a: 4, b: 'x' });
		const arrived = await taken();
		expect(arrived.filter((value) => value !== 'meanwhile')).to.deep.equal(
			Array.from({ length: 5 }, (_, a) => ({ a, b: 'x' })),
		);
		expect(arrived).to.have.lengthOf(6);
	});

	it('are known again when a message comes back, and when the peer has died', async () => {
		const letters: DeadLetter[] = [];
		near.events.on('deadLetter', (letter) => letters.push(letter));
		for (let i = 0; i < 3; i++) sink.tell.take({ a: i, b: 'x' });
		await taken();
		await lab.during(sink.stop());
		sink.tell.take({ a: 3, b: 'returned' });
		await lab.pass(500);
		await lab.during(far.spawn(Sink, { id: 'sink' }));
		await lab.during(sink.ask.answer(0));
		for (let i = 4; i < 7; i++) sink.tell.take({ a: i, b: 'x' });
		await taken();
		lab.crash(far);
		sink.tell.take({ a: 7, b: 'unacknowledged' });
		await lab.pass(20_000);
		expect(letters.map(({ reason, message }) => [reason, message?.args])).to.deep.equal([
			['no-such-actor', [{ a: 3, b: 'returned' }]],
			['node-down', [{ a: 7, b: 'unacknowledged' }]],
		]);
	});

	describe('from a hostile peer', () => {
		let letters: string[];
		const parcel = (type: number, numbers: readonly number[], ...rest: unknown[]): Buffer =>
			Buffer.concat([Buffer.from([type, ...numbers]), ...rest.map((value) => codec.encode(value))]);
		const shaped = (slot: number, ...values: unknown[]): Buffer => parcel(TELL, [1, 9, 0, SHAPED, slot], ...values);

		async function write(...bytes: Buffer[]): Promise<void> {
			for (const one of bytes) {
				link().begin().raw(one);
				link().commit(false);
			}
			await lab.pass(50);
		}

		beforeEach(async () => {
			letters = [];
			far.events.on('deadLetter', ({ reason }) => letters.push(reason));
			await write(parcel(DEFINE_METHOD, [9], 'take'));
		});

		it('arrive when they are in order', async () => {
			await write(parcel(DEFINE_SHAPE, [5], ['a', 'b']), shaped(5, 1, { c: 2 }));
			expect(await taken()).to.deep.equal([{ a: 1, b: { c: 2 } }]);
			expect(letters).to.deep.equal([]);
		});

		it('are refused with values missing, too many, or not plain', async () => {
			await write(parcel(DEFINE_SHAPE, [5], ['a', 'b']));
			await write(shaped(5, 1), shaped(5, 1, 2, 3), shaped(5), shaped(5, 1, new Float32Array(1)), shaped(6, 1, 2));
			await write(Buffer.concat([shaped(5, 1), Buffer.from('9f', 'hex')]), parcel(TELL, [1, 9, 0, SHAPED]));
			expect(letters).to.deep.equal(Array(7).fill('malformed'));
			expect(await taken()).to.deep.equal([]);
		});

		it('are refused with keys that no object may have', async () => {
			const many = Array.from({ length: 33 }, (_, i) => `k${i}`);
			for (const keys of [
				[],
				['a', 'a'],
				['__proto__'],
				['constructor'],
				['42'],
				[1],
				'ab',
				null,
				many,
				['x'.repeat(65)],
			])
				await write(parcel(DEFINE_SHAPE, [5], keys), shaped(5, 1, 2));
			expect(letters).to.deep.equal(Array(20).fill('malformed'));
			expect(Object.hasOwn(Object.prototype, 'a')).to.equal(false);
		});

		it('are refused beyond the table', async () => {
			await write(parcel(DEFINE_SHAPE, [0], ['a']), parcel(DEFINE_SHAPE, [0x81, 0x02], ['a']));
			expect(letters).to.deep.equal(['malformed', 'malformed']);
		});
	});
});

describe('the table of shapes', () => {
	it('gives up on a message that surprises more often than not, and not on one that rarely does', () => {
		const shapes = new Shapes();
		shapes.learn(1, ['a']);
		const shape = shapes.learn(1, ['a']);
		for (let i = 0; i < 1_000; i++) {
			if (i % 5 === 0 && shape) shapes.missed(shape);
			else if (shape) shapes.met(shape);
		}
		expect(shapes.of(1)).to.equal(shape);
		for (let i = 0; i < 8 && shape; i++) shapes.missed(shape);
		expect(shapes.of(1)).to.equal(undefined);
		expect(shapes.curious(1)).to.equal(false);
	});

	it('gives up on a message that carries nothing with keys', () => {
		const shapes = new Shapes();
		for (let i = 0; i < 8; i++) {
			expect(shapes.curious(1)).to.equal(true);
			expect(shapes.learn(1, undefined)).to.equal(undefined);
		}
		expect(shapes.curious(1)).to.equal(false);
	});

	it('gives up on a message whose keys are never the same, and on new shapes when it is full', () => {
		const shapes = new Shapes();
		for (let i = 0; i < 10; i++) shapes.learn(1, [`k${i}`]);
		expect(shapes.curious(1)).to.equal(false);
		for (let method = 2; method < MOST_SHAPES + 10; method++) {
			shapes.learn(method, ['a']);
			shapes.learn(method, ['a']);
		}
		expect(shapes.of(MOST_SHAPES + 1)?.number).to.equal(MOST_SHAPES);
		expect(shapes.of(MOST_SHAPES + 2)).to.equal(undefined);
		expect(shapes.keys(MOST_SHAPES)).to.deep.equal(['a']);
		expect(shapes.keys(MOST_SHAPES + 1)).to.equal(undefined);
	});
});
