import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { guard, PLAIN, TAGGED } from '../../../runtime/codec/guard.ts';
import { limitsOf } from '../../../runtime/codec/limits.ts';
import { TroupeError } from '../../../runtime/core/errors.ts';
import { anyValue } from './values.ts';

const codec = new Codec();
const limits = limitsOf({});

function pass(hex: string, options: Parameters<typeof limitsOf>[0] = {}): number {
	const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
	return guard(bytes, bytes.length, limitsOf(options));
}

function refuse(hex: string, why: string, options: Parameters<typeof limitsOf>[0] = {}): void {
	expect(() => pass(hex, options), hex)
		.to.throw(TroupeError, why)
		.with.property('code', 'ERR_MALFORMED');
}

describe('the guard before the decoder', () => {
	it('lets through everything that the encoder writes', () => {
		fc.assert(
			fc.property(anyValue, (value) => {
				const bytes = codec.encode(value);
				guard(bytes, bytes.length, limits);
			}),
			{ numRuns: 2000 },
		);
	});

	it('refuses every proper beginning of it', () => {
		fc.assert(
			fc.property(anyValue, (value) => {
				const bytes = codec.encode(value);
				const step = Math.ceil(bytes.length / 50);
				for (let length = 0; length < bytes.length; length += step) {
					const padded = Buffer.concat([bytes.subarray(0, length), Buffer.alloc(20)]);
					expect(() => guard(bytes.slice(0, length), length, limits)).to.throw(TroupeError, 'byte');
					// What lies behind the end must not count: a reused buffer holds older messages.
					expect(() => guard(bytes, length, limits)).to.throw(TroupeError, 'byte');
					expect(() => guard(padded, length, limits)).to.throw(TroupeError, 'byte');
				}
			}),
			{ numRuns: 300 },
		);
	});

	it('says whether there is anything to revive', () => {
		expect(pass('a1 61 61 83 01 f6 41 00')).to.equal(PLAIN);
		expect(pass('81 d9d401 00')).to.equal(TAGGED);
	});

	it('refuses what ends early or goes on after the end', () => {
		for (const hex of [
			'',
			'18',
			'19 00',
			'1a 000000',
			'1b 00000000000000',
			'fb 00',
			'61',
			'78',
			'79 00',
			'41',
			'82 01 18',
		]) {
			refuse(hex, 'the data ends early');
		}
		for (const hex of ['a1', 'a1 61 61', 'd9', 'd9 d4', 'd9 d4 01', '5a 00 00']) refuse(hex, 'byte');
		for (const hex of ['00 00', 'f6 f6', '80 80', '61 61 61', 'a0 00']) refuse(hex, 'bytes after the end');
	});

	it('refuses lengths that are reserved, indefinite or longer than four gigabytes', () => {
		for (const major of [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0]) {
			for (const info of [0x1c, 0x1d, 0x1e, 0x1f]) refuse(Buffer.of(major + info, 0, 0, 0).toString('hex'), 'length');
		}
		for (const head of ['5b', '7b', '9b', 'bb']) refuse(`${head} 0000000000000000`, 'length');
		refuse('5f 41 00 ff', 'indefinite');
		refuse('ff', 'simple value');
	});

	it('refuses containers that promise more than the bytes can hold', () => {
		for (const hex of ['9a ffffffff', 'ba 7fffffff', '99 ffff 00', '82 00', 'a2 61 61 00', '81 9a 00ffffff'])
			refuse(hex, 'byte');
		for (const hex of ['5a ffffffff 00', '7a fffffff6 00', '81 7a ffffffff']) refuse(hex, 'ends early');
	});

	it('stops where the bytes end, however many items were promised', () => {
		const start = performance.now();
		for (let i = 0; i < 2000; i++) refuse('9a 000f0000', 'the data ends early');
		expect(performance.now() - start).to.be.lessThan(1000);
	});

	it('refuses every tag but ours, and ours on anything but what they hold', () => {
		for (let tag = 0; tag < 24; tag++) refuse(Buffer.of(0xc0 + tag, 0x00).toString('hex'), 'tag');
		for (let tag = 24; tag < 256; tag++) refuse(Buffer.of(0xd8, tag, 0x80).toString('hex'), 'tag');
		for (const tag of ['0102', '0103', 'd9f7', 'dffe', 'dfff', 'dff9', 'e000', 'd3ff', 'd420', 'd417', 'd41f'])
			refuse(`d9 ${tag} 80`, ['d417', 'd41f'].includes(tag) ? 'wrong thing' : 'a tag that is not ours');
		refuse('da 0000d401 00', 'tag');
		refuse('db 000000000000d401 00', 'a length that is reserved');
		refuse('d9d401 61 61', 'wrong thing');
		refuse('d9d401 1b 0000000000000000', 'wrong thing');
		refuse('d9d401 f6', 'wrong thing');
		refuse('d9d405 a0', 'wrong thing');
		refuse('d9d405 d9d405 80', 'wrong thing');
		refuse('d9d402 60', 'wrong thing');
		refuse('d9d405 81 00', 'a length that its tag does not allow');
		refuse('d9d407 81 60', 'a length that its tag does not allow');
		refuse('d9d402 41 00', 'a length that its tag does not allow');
		refuse('d9d414 47 00000000000000', 'a length that its tag does not allow');
		expect(pass('d9d414 48 0000000000000000')).to.equal(TAGGED);
	});

	it('refuses simple values that are not ours, half floats and single floats', () => {
		for (const hex of ['e0', 'f0', 'f3', 'f8 ff', 'f8 20', 'f9 0000', 'fa 00000000']) refuse(hex, 'simple value');
		for (const hex of ['f4', 'f5', 'f6', 'f7', 'fb 0000000000000000']) expect(pass(hex)).to.equal(PLAIN);
	});

	it('refuses keys that are no strings, and keys that are array indices', () => {
		for (const hex of [
			'a1 00 00',
			'a1 41 61 00',
			'a1 f6 00',
			'a1 a0 00',
			'a1 d9d402 42 0000 00',
			'a1 7b 0000000000000001 61 00',
		]) {
			refuse(hex, 'a key that is no string');
		}
		for (const key of ['10', '99', '100', '1023', '9999', '00', '007']) {
			const text = Buffer.from(key).toString('hex');
			refuse(`a1 ${(0x60 + key.length).toString(16)} ${text} 00`, 'an array index as a key');
			refuse(`a1 78 0${key.length} ${text} 00`, 'an array index as a key');
			refuse(`a1 79 000${key.length} ${text} 00`, 'an array index as a key');
			refuse(`a1 7a 0000000${key.length} ${text} 00`, 'an array index as a key');
		}
		for (const key of ['0', '9', '1a', 'a1', '1.5', '-1', '12345']) {
			pass(`a1 ${(0x60 + key.length).toString(16)} ${Buffer.from(key).toString('hex')} 00`);
		}
	});

	it('counts levels and items, and lets through exactly as many as allowed', () => {
		pass(`${'81'.repeat(64)}00`);
		refuse(`${'81'.repeat(65)}00`, 'nesting deeper than 64 levels');
		refuse(`${'a16161'.repeat(65)}00`, 'nesting deeper than 64 levels');
		refuse(`${'d9d40681'.repeat(65)}00`, 'nesting deeper than 64 levels');
		pass('82 81 00 81 00', { maxDepth: 2 });
		refuse('82 81 00 81 80', 'nesting deeper', { maxDepth: 2 });
		pass('84 00 00 00 00', { maxItems: 5 });
		refuse('85 00 00 00 00 00', 'more than 5 items', { maxItems: 5 });
		pass('a2 6161 00 6162 00', { maxItems: 5 });
		refuse('a2 6161 00 6162 81 00', 'more than 5 items', { maxItems: 5 });
	});

	it('allows as much as the encoder under the same limits', () => {
		const small = { maxDepth: 3, maxItems: 12 };
		const strict = new Codec(small);
		fc.assert(
			fc.property(anyValue, (value) => {
				let bytes: Uint8Array;
				try {
					bytes = strict.encode(value);
				} catch {
					const loose = codec.encode(value);
					expect(() => guard(loose, loose.length, limitsOf(small))).to.throw(TroupeError);
					return;
				}
				guard(bytes, bytes.length, limitsOf(small));
			}),
			{ numRuns: 2000 },
		);
	});

	it('allows as many items as the encoder, whatever they are', () => {
		const cause = new TypeError('x');
		const values = [
			new Error('x', { cause }),
			[-0, 2n ** 70n],
			'\ud800',
			{ 10: new Date() },
			new Map([[1, Buffer.of(1)]]),
		];
		for (const value of [...values, values]) {
			for (let maxItems = 1; maxItems < 120; maxItems++) {
				const limits = limitsOf({ maxItems });
				const needed = codec.encode(value);
				let bytes: Uint8Array | undefined;
				try {
					bytes = new Codec({ maxItems }).encode(value);
				} catch {
					expect(() => guard(needed, needed.length, limits)).to.throw(TroupeError, 'items');
				}
				if (bytes !== undefined) guard(bytes, bytes.length, limits);
			}
		}
	});

	it('has limits that must make sense', () => {
		for (const wrong of [{ maxDepth: 0 }, { maxDepth: 513 }, { maxItems: -1 }, { maxBytes: 1.5 }]) {
			expect(() => new Codec(wrong)).to.throw(/option 'max/);
		}
	});
});
