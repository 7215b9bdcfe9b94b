/**
 * Messages as they stand in what a socket has read. Nearly all that a node gets are frames on its one subject, without
 * headers and without a reply subject; those that are there whole are handed over from here. All else is left to the client
 * library, whose parser is made for everything.
 *
 * ```text
 * MSG <subject> <number of the subscription> <bytes>\r\n<data>\r\n
 * ```
 */

/** Who takes the messages of a subscription, by its number. They must not throw. */
export type Takers = ReadonlyMap<number, (data: Buffer) => void>;

const [M, S, SPACE, CR, LF, ZERO, NINE] = [...Buffer.from('MS \r\n09')] as [
	number,
	number,
	number,
	number,
	number,
	number,
	number,
];

/** Hands over the messages that `bytes` begins with; returns where what is none of them begins. */
export function takeMessages(bytes: Buffer, takers: Takers): number {
	let at = 0;
	while (bytes[at] === M && bytes[at + 1] === S) {
		const end = takeOne(bytes, at, takers);
		if (end === at) break;
		at = end;
	}
	return at;
}

/** Returns where the message that begins there ends, or where it begins when it cannot be handed over. */
function takeOne(bytes: Buffer, begin: number, takers: Takers): number {
	let at = begin + 4;
	while (at < bytes.length && bytes[at] !== SPACE) at++;
	let sid = 0;
	for (at++; isDigit(bytes[at]); at++) sid = sid * 10 + (bytes[at] as number) - ZERO;
	if (bytes[at++] !== SPACE) return begin;
	let size = 0;
	for (; isDigit(bytes[at]); at++) size = size * 10 + (bytes[at] as number) - ZERO;
	// Not so if this was no number but a reply subject, or only the beginning of one.
	if (bytes[at] !== CR || bytes[at + 1] !== LF) return begin;
	const end = at + 2 + size;
	const take = end + 2 <= bytes.length ? takers.get(sid) : undefined;
	if (!take) return begin;
	take(bytes.subarray(at + 2, end));
	return end + 2;
}

function isDigit(byte: number | undefined): boolean {
	return byte !== undefined && byte >= ZERO && byte <= NINE;
}
