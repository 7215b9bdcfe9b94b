/** Plain messages, as they are taken out of what a socket has read. */

import { expect } from 'chai';
import fc from 'fast-check';
import { takeMessages } from '../../runtime/transport/nats-messages.ts';

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

/** What is taken, and where it ends. */
function take(bytes: Buffer): { readonly taken: string[]; readonly end: number } {
	const taken: string[] = [];
	const end = takeMessages(bytes, new Map([[7, (data: Buffer) => void taken.push(data.toString())]]));
	return { taken, end };
}

describe('what a socket has read', () => {
	it('gives the plain messages that it begins with, whole ones only, and leaves all from the first that is none', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(plain, plain, other), { maxLength: 8 }), fc.nat(200), (pieces, cut) => {
				const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
				const read = bytes.subarray(0, Math.min(cut, bytes.length));
				const expected: string[] = [];
				let end = 0;
				for (const { bytes, data } of pieces) {
					if (data === undefined || end + bytes.length > read.length) break;
					expected.push(data);
					end += bytes.length;
				}
				expect(take(read)).to.deep.equal({ taken: expected, end });
			}),
		);
	});
});
