import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ByteReader, ByteWriter, varintSize } from '../../runtime/core/bytes.ts';

describe('a cursor over bytes', () => {
	it('reads every number as it was written, in as many bytes as it says', () => {
		const number = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(127, 128, 2 ** 31, 2 ** 32, 2 ** 49 - 1));
		fc.assert(
			fc.property(fc.array(number), (numbers) => {
				const writer = new ByteWriter();
				for (const each of numbers) writer.varint(each);
				expect(writer.at).to.equal(numbers.reduce((sum, each) => sum + varintSize(each), 0));
				const reader = new ByteReader(writer.bytes, 0, writer.at);
				expect(numbers.map(() => reader.varint())).to.deep.equal(numbers);
				expect(() => reader.byte()).to.throw(RangeError);
			}),
		);
	});

	it('refuses numbers that do not end, or are not safe integers', () => {
		for (const hex of ['80', 'ffff', 'ffffffffffffff7f', 'ffffffffffffffff01'])
			expect(() => new ByteReader(Buffer.from(hex, 'hex')).varint(), hex).to.throw(RangeError);
	});

	it('keeps what was written when it grows, and gives a large buffer back', () => {
		const writer = new ByteWriter();
		const written: Buffer[] = [];
		for (let size = 1; size < 100_000; size *= 3) {
			written.push(Buffer.alloc(size, size));
			writer.raw(written.at(-1) as Buffer);
		}
		expect(writer.bytes.subarray(0, writer.at)).to.deep.equal(Buffer.concat(written));
		writer.reset(10_000);
		expect(writer.at).to.equal(0);
		expect(writer.bytes.length).to.be.below(10_000);
	});
});
