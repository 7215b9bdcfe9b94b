import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ByteReader, ByteWriter } from '../../../runtime/core/bytes.ts';
import { MAX_MESSAGE } from '../../../runtime/core/config.ts';
import { ChunkJoiner, joinChunks } from '../../../runtime/link/chunks.ts';
import { CHUNK, REST, TELL } from '../../../runtime/link/parcel.ts';

const chunk = (length: number, bytes: Uint8Array): Buffer => {
	const writer = new ByteWriter();
	writer.byte(CHUNK);
	writer.varint(length);
	writer.raw(bytes);
	return writer.bytes.subarray(0, writer.at) as Buffer;
};
const rest = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([REST]), bytes]);

/** Gives the pieces to one joiner; returns what came of each. */
function join(...pieces: Buffer[]): (string | Uint8Array | undefined)[] {
	const joiner = new ChunkJoiner();
	return pieces.map((piece) => {
		const reader = new ByteReader(piece);
		try {
			return joiner.add(reader.byte(), reader)?.bytes;
		} catch (error) {
			return (error as Error).message;
		}
	});
}

describe('a parcel in pieces', () => {
	const parcel = Buffer.from([TELL, 1, 2, 3, 4, 5, 6]);
	const one = parcel.subarray(0, 3);
	const two = parcel.subarray(3, 5);
	const three = parcel.subarray(5);

	it('is whole again with its last piece', () => {
		expect(join(chunk(7, one), rest(two), rest(three))).to.deep.equal([undefined, undefined, parcel]);
		expect(join(chunk(7, parcel))).to.deep.equal([parcel]);
	});

	it('is not begun by a rest, and ends where it said', () => {
		const lost = 'a piece of no parcel';
		expect(join(rest(one))).to.deep.equal([lost]);
		expect(join(chunk(4, one), rest(two), rest(three))).to.deep.equal([undefined, lost, lost]);
		expect(join(chunk(7, one), chunk(7, one), rest(two), rest(three)).at(-1)).to.deep.equal(parcel);
	});

	it('is no larger than the largest message, and holds no pieces itself', () => {
		expect(join(chunk(MAX_MESSAGE * 2, one))).to.deep.equal(['a chunked parcel beyond the largest message']);
		expect(join(chunk(3, rest(two)))).to.deep.equal(['a chunk of chunks']);
		expect(join(chunk(4, chunk(1, two)))).to.deep.equal(['a chunk of chunks']);
	});

	it('is none any more when its beginning is gone, among those that a link gives back', () => {
		const other = Buffer.from([TELL, 9]);
		expect([...joinChunks([rest(Buffer.from([TELL, 7, 7])), other])]).to.deep.equal([other]);
		expect([...joinChunks([chunk(7, one), rest(two), rest(three), other])]).to.deep.equal([parcel, other]);
		expect([...joinChunks([rest(two), chunk(7, one), rest(parcel.subarray(3))])]).to.deep.equal([parcel]);
	});
});
