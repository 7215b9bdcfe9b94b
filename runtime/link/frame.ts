/**
 * The frame: what one NATS message between two nodes holds. A fixed header, then parcels, each with its length. The
 * header is rewritten when a frame is sent again, so that even a resent frame carries the latest acknowledgement.
 *
 * ```text
 * 0      1        2     3      4            20       28        34    40         46
 * magic  version  type  flags  incarnation  cookie   sequence  ack   finished   parcels...
 * ```
 */

import { readLatin1 } from '../core/native-text.ts';

/** Bytes before the parcels. */
export const HEADER = 46;
/** Bytes of the length before each parcel. */
export const LENGTH = 4;
/** Bytes of a cookie: more than anybody guesses. */
export const COOKIE = 8;
/** The cookie of a peer that has not told it. */
export const NO_COOKIE = '\0'.repeat(COOKIE);
const MAGIC = 0x54;
const VERSION = 1;

/** Who I am, and the cookie that your frames to me must carry. */
export const HELLO = 0;
/** Parcels, numbered. */
export const DATA = 1;
/** Nothing but the header. */
export const ACK = 2;

/** Flag: a frame before the one that came is missing. */
export const GAP = 1;

/** What a header says. */
export interface Header {
	readonly type: number;
	readonly flags: number;
	/** The sending node's incarnation; see {@link incarnationOf}. */
	readonly from: string;
	/** Proves that the sender receives what is sent to the incarnation it claims: the receiver's own cookie. */
	readonly cookie: string;
	readonly sequence: number;
	/** Every frame up to this one has been received. */
	readonly ack: number;
	/** How many of the receiver's messages have been handled, or buried, at the sender. */
	readonly finished: number;
}

/** An incarnation as headers have it, the 16 bytes of its UUID as latin1, and back. */
export const rawOf = (incarnation: string): string =>
	Buffer.from(incarnation.replaceAll('-', ''), 'hex').toString('latin1');
export function incarnationOf(raw: string): string {
	const hex = Buffer.from(raw, 'latin1').toString('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Writes a header into the first bytes of a frame. */
export function writeHeader(frame: Buffer, header: Header): void {
	frame[0] = MAGIC;
	frame[1] = VERSION;
	frame[2] = header.type;
	frame[3] = header.flags;
	writeRaw(frame, 4, header.from);
	writeRaw(frame, 20, header.cookie);
	writeCount(frame, 28, header.sequence);
	writeCount(frame, 34, header.ack);
	writeCount(frame, 40, header.finished);
}

/** The header of a frame; `undefined` when the bytes are no frame of this version. */
export function readHeader(frame: Buffer): Header | undefined {
	if (frame.length < HEADER || frame[0] !== MAGIC || frame[1] !== VERSION || (frame[2] as number) > ACK)
		return undefined;
	last.from = readRaw(frame, 4, 20, last.from);
	last.cookie = readRaw(frame, 20, 28, last.cookie);
	return {
		type: frame[2] as number,
		flags: frame[3] as number,
		from: last.from,
		cookie: last.cookie,
		sequence: readCount(frame, 28),
		ack: readCount(frame, 34),
		finished: readCount(frame, 40),
	};
}

/** The cookie that begins there. */
export function cookieAt(frame: Buffer, at: number): string {
	return readLatin1(frame, at, at + COOKIE);
}

// By hand, because a frame that comes alone finds Node's own code for this out of the processor's cache: a tenth of the
// time that an ask takes. Most frames come from whoever the one before came from.

/** What the header before has said. */
const last = { from: '', cookie: '' };

function writeRaw(frame: Buffer, at: number, raw: string): void {
	for (let i = 0; i < raw.length; i++) frame[at + i] = raw.charCodeAt(i);
}

/** The bytes between, as latin1; `known` itself if that is what they say. */
function readRaw(frame: Buffer, at: number, end: number, known: string): string {
	let same = known.length === end - at;
	for (let i = at; same && i < end; i++) same = frame[i] === known.charCodeAt(i - at);
	return same ? known : readLatin1(frame, at, end);
}

/** A number in six bytes, the highest first. */
function writeCount(frame: Buffer, at: number, count: number): void {
	const high = Math.floor(count / 2 ** 32);
	frame[at] = high >>> 8;
	frame[at + 1] = high;
	writeLow(frame, at + 2, count);
}

function readCount(frame: Buffer, at: number): number {
	return ((frame[at] as number) * 256 + (frame[at + 1] as number)) * 2 ** 32 + readLow(frame, at + 2);
}

/** The low 32 bits of a number, the highest byte first. */
function writeLow(frame: Buffer, at: number, count: number): void {
	frame[at] = count >>> 24;
	frame[at + 1] = count >>> 16;
	frame[at + 2] = count >>> 8;
	frame[at + 3] = count;
}

function readLow(frame: Buffer, at: number): number {
	const high = (frame[at] as number) * 2 ** 24;
	return high + (((frame[at + 1] as number) << 16) | ((frame[at + 2] as number) << 8) | (frame[at + 3] as number));
}

/** A view of bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
	if (Buffer.isBuffer(bytes)) return bytes;
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where the parcel ends whose length stands at `at`; beyond the frame when it does not fit. */
export function endOf(frame: Buffer, at: number): number {
	return at + LENGTH > frame.length ? at + LENGTH : at + LENGTH + readLow(frame, at);
}

/** Whether the lengths of a frame's parcels add up to its own. */
export function addsUp(frame: Buffer): boolean {
	let at = HEADER;
	while (at < frame.length) at = endOf(frame, at);
	return at === frame.length;
}

/** The parcels of a frame that adds up, as views of it. */
export function parcelsOf(frame: Buffer): Buffer[] {
	const parcels: Buffer[] = [];
	for (let at = HEADER; at < frame.length; at = endOf(frame, at))
		parcels.push(frame.subarray(at + LENGTH, endOf(frame, at)));
	return parcels;
}
