import { inspect } from 'node:util';
import { Decoder, Encoder } from 'cbor-x';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { limitsOf } from '../../../runtime/codec/limits.ts';
import { NOT_PLAIN, PlainReader } from '../../../runtime/codec/plain-reader.ts';
import { PlainWriter } from '../../../runtime/codec/plain-writer.ts';
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
	it('is written so that cbor-x reads it, and what cbor-x writes is read', () => {
		fc.assert(
			fc.property(tree, (value) => {
				const bytes = written(value);
				// Odd keys and texts go the general way.
				if (bytes === undefined) return;
				expect(decoder.decode(bytes)).to.deep.equal(value);
				expect(read(bytes)).to.deep.equal(value);
				const theirs = read(Buffer.from(encoder.encode(value)));
				if (theirs !== NOT_PLAIN) expect(theirs).to.deep.equal(value);
			}),
			{ numRuns: 1_000 },
		);
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
		for (const value of [
			-0,
			10n,
			new Date(5),
			new Map([[1, 2]]),
			new Set([1]),
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
			strange,
		]) {
			if (value !== strange) expect(written([value]), inspect(value)).to.equal(undefined);
			expect(() => codec.copy([value])).not.to.throw();
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

	it('is refused to the general way, byte by byte, wherever it ends early or goes on', () => {
		const bytes = written([
			{ id: 'sensor', n: 300, x: 1.5, text: 'x'.repeat(300), list: [1, Buffer.alloc(30)] },
		]) as Buffer;
		for (let end = 0; end < bytes.length; end++)
			expect(read(bytes.subarray(0, end)), `${end} bytes`).to.equal(NOT_PLAIN);
		expect(read(Buffer.concat([bytes, Buffer.alloc(1)]))).to.equal(NOT_PLAIN);
	});

	it('has keys of up to 255 bytes', () => {
		for (const length of [0, 1, 23, 24, 25, 255]) {
			const value = { ['k'.repeat(length)]: 1 };
			expect(read(written(value) as Buffer), `${length}`).to.deep.equal(value);
		}
		expect(read(written({ ['k'.repeat(256)]: 1 }) as Buffer)).to.equal(NOT_PLAIN);
		// 0x79 announces a length of two bytes.
		expect(read(Buffer.concat([Buffer.from([0xa1, 0x79]), Buffer.alloc(25, 'k'), Buffer.from([1])]))).to.equal(
			NOT_PLAIN,
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
