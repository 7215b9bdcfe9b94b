import { expect } from 'chai';
import { describe, it } from 'mocha';
import { littleEndian } from '../../../runtime/codec/byte-order.ts';

describe('the bytes of a typed array', () => {
	it('travel little-endian, also from a big-endian machine and to one', () => {
		const bytes = Buffer.from('0102030405060708', 'hex');
		const swapped = [1, 2, 4, 8].map((size) => littleEndian(bytes, size, true).toString('hex'));
		expect(swapped).to.deep.equal(['0102030405060708', '0201040306050807', '0403020108070605', '0807060504030201']);
		expect(bytes.toString('hex')).to.equal('0102030405060708');
		expect(littleEndian(bytes, 8, false)).to.equal(bytes);
	});
});
