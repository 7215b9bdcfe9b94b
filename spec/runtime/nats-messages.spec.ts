/** Plain messages, as they are taken out of what a socket has read. */

import { expect } from 'chai';
import fc from 'fast-check';
import { MessageReader } from '../../runtime/transport/nats-messages.ts';

interface Piece {
	readonly bytes: Buffer;
	/** What the taker of subscription 7 gets of it; `undefined` of what is left to the client library. */
	readonly data: string | undefined;
}

const text = fc.string({ unit: fc.constantFrom('a', 'M', 'S', 'G', ' ', '\r', '\n', '7'), maxLength: 20 });

function message(head: string, data: string, taken: boolean): Piece {
	return { bytes: Buffer.from(`MSG ${head} ${data.length}\r\n${data}\r\n`), data: taken ? data : undefined };
}

const plain = text.map((data) => message('troupe.shop.n.1 7', data, true));
const other = fc.oneof(
	text.map((data) => message('troupe.shop.n.1 7 _INBOX.1', data, false)),
	text.map((data) => message('troupe.shop.n.1 7 12', data, false)),
	text.map((data) => message('troupe.shop.hb 8', data, false)),
	fc
		.constantFrom('PING\r\n', '+OK\r\n', "-ERR 'x'\r\n", 'HMSG a 7 12 14\r\nNATS/1.0\r\n\r\nab\r\n', 'MSG a 7 -1\r\n')
		.map((line) => ({ bytes: Buffer.from(line), data: undefined })),
);

/** What is taken of bytes that come in such pieces, and how many of them are left. */
function read(bytes: Buffer, cuts: readonly number[]): { readonly taken: string[]; readonly left: number } {
	const taken: string[] = [];
	const messages = new MessageReader(new Map([[7, (data: Buffer) => void taken.push(data.toString())]]));
	const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
	let at = 0;
	for (const end of ends) {
		at += messages.read(bytes.subarray(at, end));
		if (at < end) break;
	}
	return { taken, left: bytes.length - at };
}

describe('what a socket reads', () => {
	it('gives the plain messages that it begins with, and leaves all from the first that is none', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(plain, plain, other), { maxLength: 8 }), (pieces) => {
				const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
				const first = pieces.findIndex(({ data }) => data === undefined);
				const before = first < 0 ? pieces : pieces.slice(0, first);
				const length = Buffer.concat(before.map((piece) => piece.bytes)).length;
				const expected = before.map(({ data }) => data);
				expect(read(bytes, [])).to.deep.equal({ taken: expected, left: bytes.length - length });
			}),
		);
	});

	it('gives them whole wherever it is cut, but for one whose first line is cut, which is left', () => {
		fc.assert(
			fc.property(fc.array(plain, { minLength: 1, maxLength: 8 }), fc.array(fc.nat()), (pieces, cuts) => {
				const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
				const { taken, left } = read(bytes, cuts);
				expect(taken).to.deep.equal(pieces.slice(0, taken.length).map(({ data }) => data));
				const rest = Buffer.concat(pieces.slice(taken.length).map((piece) => piece.bytes));
				expect(left).to.equal(rest.length);
				const line = rest.indexOf('\r\n') + 2;
				const begins = bytes.length - left;
				const whole = (cut: number): boolean =>
					cut % (bytes.length + 1) <= begins || cut % (bytes.length + 1) >= begins + line;
				if (left > 0) expect(cuts.every(whole)).to.equal(false);
			}),
		);
	});
});
