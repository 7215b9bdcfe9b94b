import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { ByteReader } from '../../../runtime/core/bytes.ts';
import { anyValue, objectOf } from './values.ts';

const codec = new Codec();

function arrives(value: unknown, as: unknown = value): void {
	assert.deepStrictEqual(codec.copy(value), as);
}

describe('a value that travels', () => {
	it('arrives equal to what was sent, whatever it is made of', () => {
		fc.assert(
			fc.property(anyValue, (value) => arrives(value)),
			{ numRuns: 3000 },
		);
	});

	it('arrives without its list where it is the only member of one', () => {
		const sole = (value: unknown): unknown => codec.readSole(new ByteReader(codec.encode(value)), 'none');
		fc.assert(
			fc.property(anyValue, (value) => {
				assert.deepStrictEqual(sole([value]), value);
				for (const other of [[], [value, value], new Set([value])]) expect(sole(other)).to.equal('none');
			}),
			{ numRuns: 1000 },
		);
	});

	it('arrives the same when it is sent on', () => {
		fc.assert(
			fc.property(anyValue, (value) => {
				const bytes = codec.encode(value);
				assert.deepStrictEqual(codec.encode(codec.decode(bytes)), bytes);
			}),
			{ numRuns: 500 },
		);
	});

	it('keeps every kind of number', () => {
		const numbers = [0, -0, NaN, Infinity, -Infinity, 23, 24, 255, 256, 65_535, 65_536, -1, -24, -25, -256, -257];
		const large = [2 ** 31, 2 ** 32, -(2 ** 31), -(2 ** 32), 2 ** 53, -(2 ** 53), 1e300, 5e-324, 0.1, -1.5];
		arrives([...numbers, ...large]);
		expect(Object.is(codec.copy(-0), -0)).to.equal(true);
	});

	it('keeps bigints of up to 8,192 bits apart from numbers', () => {
		arrives([
			0n,
			1n,
			-1n,
			2n ** 64n - 1n,
			-(2n ** 64n) + 1n,
			2n ** 64n,
			-(2n ** 64n),
			2n ** 8192n - 1n,
			1n - 2n ** 8192n,
		]);
	});

	it('keeps strings that UTF-8 cannot hold or that a decoder would trim', () => {
		const lone = ['\ud800', 'a\udc00b', `${'x'.repeat(100)}\ud83d`, '\ude00\ud83d'];
		const marks = ['\ufeff', `\ufeff${'x'.repeat(100)}`, `x\ufeff`, '\ufffe'];
		arrives([...lone, ...marks, '', '\0', 'a\0b', '😀', 'é'.repeat(70), 'x'.repeat(100_000), '汉'.repeat(30_000)]);
	});

	it('keeps the milliseconds of every date, and invalid dates', () => {
		const dates = [0, 1, -1, 1_753_000_000_123, -62_198_755_200_001, 8.64e15, -8.64e15, 8.64e15 - 1];
		arrives(dates.map((time) => new Date(time)));
		expect(codec.copy(new Date(NaN)).getTime()).to.be.NaN;
	});

	it('keeps undefined as an element and as a property', () => {
		arrives([undefined, { a: undefined }, new Map([[undefined, undefined]])]);
		expect(codec.copy({ a: undefined })).to.have.own.property('a');
		expect(codec.copy(undefined)).to.equal(undefined);
	});

	it('keeps the order and the keys of Maps and Sets, whatever the keys are', () => {
		const map = new Map<unknown, unknown>([
			[{ a: 1 }, new Set([new Map([[1, 2n]])])],
			['1', 1],
			[1, '1'],
			[NaN, null],
		]);
		arrives(map);
		expect([...codec.copy(map).values()].slice(1)).to.deep.equal([1, '1', null]);
		arrives(new Set([3, 1, '2', [1], new Date(5)]));
	});

	it('keeps the kind of a binary: a Buffer stays a Buffer, a Uint8Array a Uint8Array', () => {
		const bytes = [1, 2, 3, 4, 5, 6, 7, 8];
		const { buffer } = Uint8Array.from(bytes);
		arrives([Buffer.from(bytes), Uint8Array.from(bytes), buffer, new DataView(buffer, 2, 4).getInt8(0)]);
		expect(codec.copy(Buffer.from(bytes)).toString('hex')).to.equal('0102030405060708');
		expect(Buffer.isBuffer(codec.copy(Uint8Array.from(bytes)))).to.equal(false);
		expect(new Uint8Array(codec.copy(new DataView(buffer, 2, 4)).buffer)).to.deep.equal(Uint8Array.of(3, 4, 5, 6));
		const packet = Object.setPrototypeOf(
			Buffer.from(bytes),
			Object.create(Buffer.prototype, { constructor: { value: 1 } }),
		);
		expect(Buffer.isBuffer(codec.copy(packet))).to.equal(true);
		arrives(new Float64Array(buffer.slice(0)));
		arrives(new Uint16Array(buffer, 2, 2));
	});

	it('shares no memory with the bytes it came in, nor these with the value', () => {
		for (const binary of [Buffer.alloc(30, 7), new Uint8Array(30).fill(7), new Uint16Array(15).fill(0x0707)]) {
			for (const padding of ['', 'x'.repeat(20_000)]) {
				const bytes = codec.encode([binary, padding]);
				const [arrived] = codec.decode(bytes) as [Uint8Array];
				bytes.fill(0);
				expect(arrived[0]).to.equal(binary[0]);
				expect(arrived.byteOffset).to.equal(0);
				expect(arrived.buffer.byteLength).to.equal(30);
			}
		}
	});

	it('is encoded into bytes that later encodings leave alone', () => {
		const values = Array.from({ length: 500 }, (_, i) => ({ i, text: 'x'.repeat((i * 37) % 9000) }));
		const frames = values.map((value) => codec.encode(value));
		assert.deepStrictEqual(
			frames.map((bytes) => codec.decode(bytes)),
			values,
		);
	});

	it('has keys that mean something to JavaScript as properties of its own, and changes no prototype', () => {
		const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'then', '0', '7', '1023', ''];
		const value = objectOf(names.map((name) => [name, { evil: name }]));
		const arrived = codec.copy(value);
		expect(Object.getPrototypeOf(arrived)).to.equal(Object.prototype);
		expect(Object.keys(arrived).sort()).to.deep.equal([...names].sort());
		assert.deepStrictEqual(arrived, value);
		expect({}).to.not.have.property('evil');
		expect(Reflect.ownKeys(codec.copy({ 1023: 1 }))).to.deep.equal(['1023']);
		const iterable = { constructor: 1, [Symbol.iterator]: 2, [Symbol.toStringTag]: 'Blob' };
		arrives(iterable, { constructor: 1 });
	});

	it('may have more properties than 16 bits count', () => {
		arrives(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`key${i}`, i])));
		arrives(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [i, i])));
	});

	it('arrives without its holes: they are undefined', () => {
		// biome-ignore lint/suspicious/noSparseArray: that is what this is about
		arrives([1, , 3], [1, undefined, 3]);
		arrives(new Array(3), [undefined, undefined, undefined]);
	});

	it('arrives as a plain object or array when it was an instance, with its own enumerable properties', () => {
		class Order {
			readonly #secret = 1;
			lines = [1, 2];
			get total() {
				return this.lines.length + this.#secret;
			}
			get [Symbol.toStringTag]() {
				return 'Order';
			}
		}
		class Lines extends Array<number> {}
		arrives(new Order(), { lines: [1, 2] });
		arrives({ order: new Order() }, { order: { lines: [1, 2] } });
		arrives(Lines.of(1, 2), [1, 2]);
		arrives(Object.assign(Object.create(null), { a: 1 }), { a: 1 });
		arrives(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true }, hidden: { value: 3 } }), { own: 2 });
		arrives(new (class extends Map<number, number> {})([[1, 2]]), new Map([[1, 2]]));
	});

	it('comes from another realm as well as from this one', () => {
		const script =
			'({ d: new Date(5), m: new Map([[1, [2]]]), s: new Set([1]), u: new Uint8Array([1]), e: new TypeError("no") })';
		const { e, ...others } = codec.copy(runInNewContext(script)) as { e: unknown };
		expect(e).to.be.instanceOf(TypeError);
		assert.deepStrictEqual(others, { d: new Date(5), m: new Map([[1, [2]]]), s: new Set([1]), u: Uint8Array.of(1) });
	});

	it('has its getters read and its toJSON left alone', () => {
		const value = {
			get sum() {
				return 1 + 1;
			},
		};
		arrives(value, { sum: 2 });
		const withToJSON = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 'json' });
		arrives(withToJSON, { a: 1 });
	});

	it('leaves symbol keys behind', () => {
		arrives({ a: 1, [Symbol('b')]: 2 }, { a: 1 });
	});

	it('may be the same object in several places: it arrives as several', () => {
		const shared = { a: 1 };
		const arrived = codec.copy([shared, shared]);
		assert.deepStrictEqual(arrived, [{ a: 1 }, { a: 1 }]);
		expect(arrived[0]).to.not.equal(arrived[1]);
	});

	it('survives a getter that encodes something else in the midst of it', () => {
		const nosy = (inner: unknown) => ({
			before: 'x'.repeat(100),
			get middle() {
				return codec.copy(inner);
			},
			after: 'end',
		});
		for (const inner of [1, 'y'.repeat(50_000), nosy('z'.repeat(9000)), new Date(7)]) {
			arrives([nosy(inner), 1], [{ before: 'x'.repeat(100), middle: codec.copy(inner), after: 'end' }, 1]);
		}
	});

	it('is left as it was by its sending', () => {
		const inner = Object.freeze({ at: Object.freeze(new Date(3)), list: Object.freeze([-0, 2n ** 70n]) });
		const value = Object.freeze({ inner, text: '\ud800' });
		arrives(value);
		expect(value.inner).to.equal(inner);
	});
});
