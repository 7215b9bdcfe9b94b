import { inspect } from 'node:util';
import { Decoder, Encoder } from 'cbor-x';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { ErrorClasses } from '../../../runtime/codec/error-form.ts';
import { guard, PLAIN, TAGGED } from '../../../runtime/codec/guard.ts';
import { limitsOf } from '../../../runtime/codec/limits.ts';
import { NOT_PLAIN, PlainReader } from '../../../runtime/codec/plain-reader.ts';
import { PlainWriter } from '../../../runtime/codec/plain-writer.ts';
import { Reviver } from '../../../runtime/codec/revive.ts';
import { KEYS_BYTES } from '../../../runtime/codec/text.ts';
import { WireForm } from '../../../runtime/codec/wire-form.ts';
import { ByteReader, ByteWriter } from '../../../runtime/core/bytes.ts';

const limits = limitsOf({});
const encoder = new Encoder({ useRecords: false, variableMapSize: true });
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true });

function written(value: unknown, writer = new PlainWriter(limits)): Buffer | undefined {
	const out = new ByteWriter();
	return writer.write(out, value) ? (out.bytes.subarray(0, out.at) as Buffer) : undefined;
}

function read(bytes: Buffer, reader = new PlainReader(limits)): unknown {
	return reader.read(new ByteReader(bytes));
}

/** Text of up to 23 bytes, as it is on the wire. */
function textOf(content: string): Buffer {
	const bytes = Buffer.from(content);
	return Buffer.concat([Buffer.of(0x60 | bytes.length), bytes]);
}

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ minLength: 20, maxLength: 300 }));
const key = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', maxLength: 30 }));
const scalar = fc.oneof(
	fc.constantFrom(null, undefined, true, false, 0, -1, 23, 24, 255, 256, 65_535, 65_536, -24, -25, -2_147_483_648),
	fc.integer({ min: -(2 ** 53), max: 2 ** 53 }),
	fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
	text,
);
const { tree } = fc.letrec((tie) => ({
	tree: fc.oneof({ maxDepth: 5 }, scalar, fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
}));

describe('plain data', () => {
	it('takes no more room for a long text than it has bytes', () => {
		for (const letter of ['x', 'ß', '語']) {
			const value = letter.repeat(60_000);
			const room: number[] = [];
			const take = (least: number): Uint8Array => {
				room.push(least);
				return Buffer.allocUnsafe(least);
			};
			const out = new ByteWriter({ take, giveBack: () => {} });
			expect(new PlainWriter(limits).write(out, value)).to.equal(true);
			expect(read(out.bytes.subarray(0, out.at) as Buffer)).to.equal(value);
			expect(room).to.deep.equal([Buffer.byteLength(value) + 5]);
		}
	});

	it('is written as cbor-x would write it, and what cbor-x writes is read', () => {
		fc.assert(
			fc.property(tree, (value) => {
				const bytes = written(value);
				// Odd keys and texts go the general way.
				if (bytes === undefined) return;
				expect(bytes.equals(encoder.encode(value))).to.equal(true);
				expect(decoder.decode(bytes)).to.deep.equal(value);
				expect(read(bytes)).to.deep.equal(value);
				const theirs = read(Buffer.from(encoder.encode(value)));
				if (theirs !== NOT_PLAIN) expect(theirs).to.deep.equal(value);
			}),
			{ numRuns: 1_000 },
		);
	});

	it('has what has a tag as well, written and read as the general way does', () => {
		class Ref {
			readonly parts: unknown[];
			constructor(parts: unknown[]) {
				this.parts = parts;
			}
		}
		const refs = {
			isRef: (value: object) => value instanceof Ref,
			toWire: (ref: object) => (ref as Ref).parts,
			fromWire: (parts: unknown[]) => {
				if (parts[0] === 'bad') throw new Error('no ref');
				return new Ref(parts);
			},
		};
		const reviver = new Reviver(refs, new ErrorClasses([]));
		const writer = new PlainWriter(limits, refs);
		const reader = new PlainReader(limits, reviver);
		const special = fc.oneof(
			fc.date({ noInvalidDate: false }),
			fc.bigInt({ min: -(2n ** 64n) + 1n, max: 2n ** 64n - 1n }),
			fc.constantFrom(-0, new Ref(['id', 'kind']), new Ref(['bad']), new Ref([])),
		);
		const { any } = fc.letrec((tie) => ({
			any: fc.oneof(
				{ maxDepth: 5 },
				special,
				scalar,
				fc.array(tie('any')),
				fc.dictionary(key, tie('any')),
				fc.array(fc.tuple(tie('any'), tie('any'))).map((pairs) => new Map(pairs)),
				fc.array(tie('any')).map((members) => new Set(members)),
			),
		}));
		let read = 0;
		fc.assert(
			fc.property(any, (value) => {
				const bytes = written(value, writer);
				if (bytes === undefined) return;
				const form = new WireForm(limits, refs).of(value);
				expect(bytes.toString('hex')).to.equal(Buffer.from(encoder.encode(form)).toString('hex'));
				const mine = reader.read(new ByteReader(bytes));
				if (inspect(value, { depth: 20 }).includes("'bad'")) {
					expect(mine).to.equal(NOT_PLAIN);
					return;
				}
				expect(guard(bytes, bytes.length, limits)).to.be.oneOf([PLAIN, TAGGED]);
				expect(mine).to.deep.equal(reviver.of(decoder.decode(bytes)));
				expect(mine).to.deep.equal(value);
				read++;
				for (let end = 0; end < Math.min(bytes.length, 200); end++)
					expect(reader.read(new ByteReader(bytes.subarray(0, end)))).to.equal(NOT_PLAIN);
			}),
			{ numRuns: 1_000 },
		);
		expect(read).to.be.above(300);
		expect(new PlainReader(limits).read(new ByteReader(written(new Ref(['id']), writer) as Buffer))).to.equal(
			NOT_PLAIN,
		);
	});

	it('makes no ref of a message before all of it has turned out to be plain', () => {
		class Ref {}
		let made = 0;
		const refs = {
			isRef: (value: object) => value instanceof Ref,
			toWire: () => ['id', 'kind'],
			fromWire: () => ({ made: ++made }),
		};
		const writer = new PlainWriter(limits, refs);
		const reader = new PlainReader(limits, new Reviver(refs, new ErrorClasses([])));
		for (const value of [
			new Ref(),
			[new Ref(), new Map([[new Ref(), new Set([new Ref()])]])],
			{ a: { b: new Ref() }, c: 1 },
		]) {
			const bytes = written(value, writer) as Buffer;
			for (let end = 0; end < bytes.length; end++)
				expect(reader.read(new ByteReader(bytes.subarray(0, end)))).to.equal(NOT_PLAIN);
			expect(reader.read(new ByteReader(Buffer.concat([bytes, Buffer.of(0)])))).to.equal(NOT_PLAIN);
			expect(made).to.equal(0);
			expect(reader.read(new ByteReader(bytes))).not.to.equal(NOT_PLAIN);
			expect(made).to.equal(inspect(value, { depth: 9 }).split('Ref {').length - 1);
			made = 0;
		}
		expect(new Codec({ refs }).copy([new Ref(), new Map([['a', new Ref()]])])).to.deep.equal([
			{ made: 1 },
			new Map([['a', { made: 2 }]]),
		]);
	});

	it('has dates and integers of all sizes as the general way has them', () => {
		for (const number of [2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
			for (const near of [
				number - 1,
				number,
				number + 1,
				-number - 1,
				-number,
				1 - number,
				number + 0.5,
				-number - 0.5,
			]) {
				for (const value of [near, new Date(near)]) {
					const form = new WireForm(limits, undefined).of([value]);
					const general = Buffer.from(encoder.encode(form)).toString('hex');
					expect(written([value])?.toString('hex'), inspect(value)).to.equal(general);
				}
			}
		}
	});

	it('leaves a Map or Set that changes while it is written to the general way', () => {
		const codec = new Codec();
		const change = (make: () => object, act: (made: never) => void) => {
			const made = make() as never;
			let done = false;
			const member = {
				get x() {
					if (!done) act(made);
					done = true;
					return 0;
				},
			};
			return { made, member };
		};
		const map = change(
			() => new Map(),
			(it: Map<unknown, unknown>) => it.set('b', 1),
		);
		(map.made as Map<unknown, unknown>).set('a', map.member);
		expect(codec.copy(map.made)).to.deep.equal(
			new Map<unknown, unknown>([
				['a', { x: 0 }],
				['b', 1],
			]),
		);
		const set = change(
			() => new Set(),
			(it: Set<unknown>) => it.delete('b'),
		);
		(set.made as Set<unknown>).add(set.member).add('b');
		expect(codec.copy(set.made)).to.deep.equal(new Set([{ x: 0 }]));
	});

	it('is read with a tag only where the guard would let it pass', () => {
		const heads = [
			'00',
			'17',
			'1805',
			'1b0000000000000005',
			'20',
			'3b0000000000000005',
			'f4',
			'f6',
			'fb3ff0000000000000',
			'60',
			'6161',
			'40',
			'80',
			'8101',
			'820102',
			'a0',
		];
		for (let tag = 0xd3ff; tag <= 0xd418; tag++) {
			for (const head of heads) {
				for (const form of [`d9${tag.toString(16)}`, `da0000${tag.toString(16)}`, 'c1', 'd801']) {
					const bytes = Buffer.from(form + head, 'hex');
					if (read(bytes) !== NOT_PLAIN)
						expect(() => guard(bytes, bytes.length, limits), `${form} ${head}`).not.to.throw();
				}
			}
		}
	});

	it('is what most messages are made of', () => {
		for (const value of [
			[],
			[
				{
					id: 'a',
					n: 1,
					at: 1.5,
					text: 'x'.repeat(1_000),
					list: [null, undefined, true],
					deep: { er: { 'ü-key': 'ü' } },
				},
			],
			[Buffer.alloc(100_000, 1)],
			[-1, 2 ** 31, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY],
			['', 'ä'.repeat(23), '汉'.repeat(30_000), '🎭'],
		]) {
			const bytes = written(value);
			expect(bytes, 'written').not.to.equal(undefined);
			expect(read(bytes as Buffer)).to.deep.equal(value);
		}
	});

	it('is nothing with a meaning of its own, which takes the general way and arrives', () => {
		const codec = new Codec();
		const strange = { ['__proto__' as string]: 1 };
		class Instance {
			readonly x = 1;
		}
		class List extends Array<number> {}
		for (const value of [
			2n ** 64n,
			-(2n ** 64n),
			new (class extends Date {})(5),
			new (class extends Map {})(),
			new Float32Array(2),
			new Uint8Array(2),
			'\ud800',
			'\ufeffmark',
			{ 12: 'index' },
			Object.defineProperty({}, '__proto__', { value: 1, enumerable: true }),
			{ constructor: 1 },
			new Error('x'),
			Object.create(null),
			new Instance(),
			List.of(1, 2),
			Object.create(Array.prototype),
			Object.create({ inherited: 1 }),
			strange,
		]) {
			if (value !== strange) expect(written([value]), inspect(value)).to.equal(undefined);
			expect(() => codec.copy([value])).not.to.throw();
		}
		for (const fake of [Date, Map, Set].map(({ prototype }) => Object.create(prototype)))
			expect(codec.copy([fake])).to.deep.equal([{}]);
	});

	it('is read without its list where that has one member only, and else not', () => {
		const sole = (bytes: Buffer, reader = new PlainReader(limits)): unknown => reader.readSole(new ByteReader(bytes));
		fc.assert(
			fc.property(tree, (value) => {
				const bytes = written([value]);
				if (bytes === undefined) return;
				const read = sole(bytes);
				if (read !== NOT_PLAIN) expect(read).to.deep.equal(value);
				else expect(new PlainReader(limits).read(new ByteReader(bytes))).to.equal(NOT_PLAIN);
				for (let end = 0; end < bytes.length; end++)
					expect(sole(bytes.subarray(0, end)), `${end} bytes`).to.equal(NOT_PLAIN);
				expect(sole(Buffer.concat([bytes, Buffer.of(0)]))).to.equal(NOT_PLAIN);
				for (const other of [value, [], [value, value]]) {
					const bytes = written(other);
					if (bytes && bytes[0] !== 0x81) expect(sole(bytes)).to.equal(NOT_PLAIN);
				}
			}),
			{ numRuns: 300 },
		);
		for (let most = 1; most < 12; most++) {
			for (const value of [1, [1], [[1]], [[[1]]], { a: [1] }, [1, 2, 3, 4]]) {
				for (const small of [limitsOf({ maxItems: most }), limitsOf({ maxDepth: Math.ceil(most / 3) })]) {
					const bytes = written([value]) as Buffer;
					const whole = read(bytes, new PlainReader(small));
					expect(sole(bytes, new PlainReader(small)), inspect(value)).to.deep.equal(
						whole === NOT_PLAIN ? NOT_PLAIN : value,
					);
				}
			}
		}
	});

	it('ends at the limits of a message, which the general way then tells', () => {
		const small = limitsOf({ maxDepth: 3, maxItems: 10, maxBytes: 100 });
		const [writer, reader] = [new PlainWriter(small), new PlainReader(small)];
		const rows: readonly (readonly [unknown, unknown])[] = [
			[[[[]]], [[[[]]]]],
			[
				[1, 2, 3, 4, 5, 6, 7, 8, 9],
				[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
			],
			[
				{ a: 1, b: 2, c: 3, d: 4 },
				{ a: 1, b: 2, c: 3, d: 4, e: 5 },
			],
			[[Buffer.alloc(1), Buffer.alloc(0)].slice(1), [Buffer.alloc(1), Buffer.alloc(1)]],
		];
		for (const [fits, exceeds] of rows) {
			expect(read(written(fits, writer) as Buffer, reader)).to.deep.equal(fits);
			expect(written(exceeds, writer)).to.equal(undefined);
			expect(read(written(exceeds) as Buffer, reader)).to.equal(NOT_PLAIN);
		}
		expect(written('x'.repeat(98), writer)).not.to.equal(undefined);
		expect(written('x'.repeat(99), writer)).to.equal(undefined);
	});

	it('has the same limits when its keys are told before, and always room for the keys', () => {
		const small = limitsOf({ maxDepth: 4, maxItems: 10, maxBytes: KEYS_BYTES + 100 });
		const [writer, reader] = [new PlainWriter(small), new PlainReader(small)];
		const bytesOf = (value: object, by = writer): Buffer | undefined => {
			const out = new ByteWriter();
			return by.writeValues(out, value, Object.keys(value)) ? (out.bytes.subarray(0, out.at) as Buffer) : undefined;
		};
		const rows: readonly (readonly [object, object])[] = [
			[{ a: [[1]] }, { a: [[[1]]] }],
			[
				{ a: 1, b: 2, c: 3, d: 4 },
				{ a: 1, b: 2, c: 3, d: [1, 2] },
			],
			[{ a: Buffer.alloc(1) }, { a: Buffer.alloc(1), b: Buffer.alloc(1) }],
		];
		for (const [fits, exceeds] of rows) {
			const keys = Object.keys(fits);
			const alone = bytesOf(fits) as Buffer;
			expect(reader.readValues(new ByteReader(alone), keys)).to.deep.equal(fits);
			expect(written([fits], writer), inspect(fits)).not.to.equal(undefined);
			expect(bytesOf(exceeds), inspect(exceeds)).to.equal(undefined);
			expect(written([exceeds], writer)).to.equal(undefined);
			const bytes = bytesOf(exceeds, new PlainWriter(limits)) as Buffer;
			expect(reader.readValues(new ByteReader(bytes), Object.keys(exceeds))).to.equal(NOT_PLAIN);
			for (let end = 0; end < alone.length; end++)
				expect(reader.readValues(new ByteReader(alone.subarray(0, end)), keys), `${end} bytes`).to.equal(NOT_PLAIN);
		}
		expect(bytesOf({ a: 'x'.repeat(98) })).not.to.equal(undefined);
		expect(bytesOf({ a: 'x'.repeat(99) })).to.equal(undefined);
	});

	it('is refused to the general way, byte by byte, wherever it ends early or goes on', () => {
		const bytes = written([
			{ id: 'sensor', n: 300, x: 1.5, text: 'x'.repeat(300), list: [1, Buffer.alloc(30)] },
		]) as Buffer;
		for (let end = 0; end < bytes.length; end++)
			expect(read(bytes.subarray(0, end)), `${end} bytes`).to.equal(NOT_PLAIN);
		expect(read(Buffer.concat([bytes, Buffer.alloc(1)]))).to.equal(NOT_PLAIN);
	});

	it('has keys of any length', () => {
		for (const length of [0, 1, 23, 24, 25, 255, 256, 65_535, 65_536]) {
			const value = { ['k'.repeat(length)]: 1 };
			expect(read(written(value) as Buffer), `${length}`).to.deep.equal(value);
		}
		// 0x79 announces a length of two bytes; beyond 0x7a there is none, and a number is no key.
		for (const head of ['79', '7b', '7f', '00', '18', '40'])
			expect(read(Buffer.concat([Buffer.from(`a1${head}`, 'hex'), Buffer.alloc(25, 'k'), Buffer.of(1)]))).to.equal(
				NOT_PLAIN,
			);
	});

	it('has records of any number of keys, one in the other, with heads no longer than they need', () => {
		const record = (size: number, inner: unknown) =>
			Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i === size >> 1 ? inner : i]));
		for (const size of [0, 1, 23, 24, 25, 255, 256, 257, 65_535, 65_536]) {
			const value = [record(size, 'x'), 'behind'];
			const bytes = written(value) as Buffer;
			expect(bytes.equals(encoder.encode(value)), `${size} keys`).to.equal(true);
			expect(read(bytes), `${size} keys`).to.deep.equal(value);
		}
		let nested: unknown = 'core';
		for (const size of [24, 300, 23, 256, 30]) nested = record(size, nested);
		const bytes = written([nested, 1]) as Buffer;
		expect(bytes.equals(encoder.encode([nested, 1]))).to.equal(true);
		expect(read(bytes)).to.deep.equal([nested, 1]);
	});

	it('has the keys that its getters have left', () => {
		const value = {
			get a() {
				delete (value as { b?: number }).b;
				(value as { d?: number }).d = 4;
				return 1;
			},
			b: 2,
			c: 3,
		};
		expect(read(written(value) as Buffer)).to.deep.equal({ a: 1, c: 3 });
	});

	it('is not what others have added to all objects', () => {
		const codec = new Codec();
		const got: unknown[] = [];
		Object.defineProperty(Object.prototype, 'added', { value: 1, enumerable: true, configurable: true });
		try {
			got.push(written({ a: 1 }), Object.keys(codec.copy({ a: 1 })));
		} finally {
			Reflect.deleteProperty(Object.prototype, 'added');
		}
		expect(got).to.deep.equal([undefined, ['a']]);
	});

	it('keeps its keys apart and in their order, in whatever order they come again', () => {
		const names = [
			'id',
			'ids',
			'idx',
			'i',
			'',
			'name',
			'names',
			'nameOfTheOwner',
			'nameOfTheOther',
			'ü',
			'üb',
			'€',
			'🎭',
		];
		names.push(...[22, 23, 24, 25, 26].flatMap((length) => ['k'.repeat(length), `${'k'.repeat(length - 1)}l`]));
		const order = fc.shuffledSubarray(names);
		fc.assert(
			fc.property(fc.array(order, { maxLength: 20 }), (orders) => {
				for (const keys of orders) {
					const value = Object.fromEntries(keys.map((key, i) => [key, i]));
					const bytes = written(value) as Buffer;
					expect(bytes.equals(encoder.encode(value))).to.equal(true);
					expect(Object.entries(read(bytes) as object)).to.deep.equal(Object.entries(value));
				}
			}),
		);
	});

	it('comes in several shapes at once', () => {
		const shapes = [
			(n: number) => ({ id: 'a', n, text: 'x' }),
			(n: number) => ({ id: 'a', text: 'x', n, deep: { id: n, n: [{ n }] } }),
			(n: number) => ({ n, nn: n, nnn: n }),
		];
		const values = Array.from({ length: 300 }, (_, i) => shapes[(i * i) % 3]?.(i));
		for (const value of values) expect(read(written(value) as Buffer)).to.deep.equal(value);
		expect(read(written(values) as Buffer)).to.deep.equal(values);
	});

	it('ends at a key that it may not have, though those around it are known', () => {
		const known = { constructo: 1, constructors: 2, __proto_: 3, __proto___: 4, '1a': 5, a1: 6, n: 7 };
		for (let i = 0; i < 3; i++) expect(read(written(known) as Buffer)).to.deep.equal(known);
		for (const odd of ['constructor', '__proto__', '10', '1023', '\ufeffkey']) {
			const record = Buffer.concat([
				...[Buffer.of(0xa3), textOf('n'), Buffer.of(1)],
				...[textOf(odd), Buffer.of(2), textOf('a1'), Buffer.of(3)],
			]);
			for (let i = 0; i < 3; i++) expect(read(record), odd).to.equal(NOT_PLAIN);
			expect(written({ n: 1, [odd]: 2, a1: 3 }), odd).to.equal(undefined);
		}
	});

	it('takes the last of the values that a record has for one key, as cbor-x does', () => {
		const twice = Buffer.concat(['a', 'b', 'a'].flatMap((name, i) => [textOf(name), Buffer.of(i)]));
		const bytes = Buffer.concat([Buffer.of(0xa3), twice]);
		for (let i = 0; i < 3; i++) expect(read(bytes)).to.deep.equal({ a: 2, b: 1 });
		expect(decoder.decode(bytes)).to.deep.equal({ a: 2, b: 1 });
	});

	it('is nothing that the guard would refuse, and says what cbor-x would say', () => {
		const heads = fc.constantFrom(0x60, 0x80, 0xa0, 0x78, 0xb8, 0x1b, 0x3b, 0xd9, 0xd4, 0x01, 0x05, 0x06);
		const change = fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 255 }), heads));
		const reviver = new Reviver(undefined, new ErrorClasses([]));
		const tagged = fc.oneof(
			fc.date(),
			fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
			fc.array(fc.tuple(scalar, tree)).map((pairs) => new Map(pairs)),
			fc.array(tree).map((members) => new Set(members)),
		);
		fc.assert(
			fc.property(
				fc.oneof(tree, tagged, fc.array(tagged)),
				fc.array(change, { minLength: 1, maxLength: 3 }),
				(value, changes) => {
					const bytes = written([value]);
					if (bytes === undefined) return;
					for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
					const got = read(bytes);
					if (got === NOT_PLAIN) return;
					expect(guard(bytes, bytes.length, limits)).to.be.oneOf([PLAIN, TAGGED]);
					// Each has its own way to replace what is no UTF-8.
					const whole = inspect(got, { depth: Infinity, maxArrayLength: null, maxStringLength: null });
					if (!whole.includes('\ufffd')) expect(got).to.deep.equal(reviver.of(decoder.decode(bytes)));
				},
			),
			{ numRuns: 5_000 },
		);
	});

	it('does not take the bytes behind its end for its own', () => {
		const bytes = Buffer.concat([written('x'.repeat(20)) as Buffer, Buffer.from('more')]);
		expect(new PlainReader(limits).read(new ByteReader(bytes, 0, 21))).to.equal('x'.repeat(20));
		expect(new PlainReader(limits).read(new ByteReader(bytes, 0, 15))).to.equal(NOT_PLAIN);
	});

	it('keeps a large Buffer of bytes that nobody else has, and copies it otherwise', () => {
		const bytes = written([Buffer.alloc(50_000, 1)]) as Buffer;
		const source = Buffer.from(bytes.buffer.slice(0, bytes.length));
		const reader = new PlainReader(limits);
		const kept = (reader.read(new ByteReader(source, 0, source.length, true)) as Buffer[])[0];
		const copied = (reader.read(new ByteReader(source, 0, source.length, false)) as Buffer[])[0];
		expect([kept?.buffer === source.buffer, copied?.buffer === source.buffer]).to.deep.equal([true, false]);
		expect(copied).to.deep.equal(kept);
	});
});
