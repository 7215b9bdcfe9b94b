import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { COOKIE, HEADER, readHeader, writeHeader } from '../../../runtime/link/frame.ts';

const raw = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const count = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.constantFrom(2 ** 32 - 1, 2 ** 32));

const header = fc.record({
	type: fc.integer({ min: 0, max: 2 }),
	flags: fc.integer({ min: 0, max: 255 }),
	from: raw(16),
	cookie: raw(COOKIE),
	sequence: count,
	ack: count,
	finished: count,
});

describe('the header of a frame', () => {
	it('is read as it was written, whoever the frame before came from', () => {
		fc.assert(
			fc.property(fc.array(header, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (headers, choice) => {
				for (let i = 0; i < 16; i++) {
					const written = headers[(choice.next().value as number) % headers.length] as (typeof headers)[number];
					const frame = Buffer.alloc(HEADER, 0xff);
					writeHeader(frame, written);
					expect(readHeader(frame)).to.deep.equal(written);
				}
			}),
		);
	});

	it('stands where the wire format says, the highest byte of a number first', () => {
		fc.assert(
			fc.property(header, (written) => {
				const frame = Buffer.alloc(HEADER);
				writeHeader(frame, written);
				expect(frame.toString('latin1', 4, 20)).to.equal(written.from);
				expect(frame.toString('latin1', 20, 28)).to.equal(written.cookie);
				expect(frame.readUIntBE(28, 6)).to.equal(written.sequence);
				expect(frame.readUIntBE(34, 6)).to.equal(written.ack);
				expect(frame.readUIntBE(40, 6)).to.equal(written.finished);
			}),
		);
	});

	it('tells a cookie from one that differs in a single byte', () => {
		fc.assert(
			fc.property(header, fc.integer({ min: 4, max: 27 }), (written, at) => {
				const frame = Buffer.alloc(HEADER);
				writeHeader(frame, written);
				expect(readHeader(frame)).to.deep.equal(written);
				frame[at] = (frame[at] as number) ^ 1;
				const { from, cookie } = readHeader(frame) ?? {};
				expect(from === written.from).to.equal(at >= 20);
				expect(cookie === written.cookie).to.equal(at < 20);
			}),
		);
	});
});
