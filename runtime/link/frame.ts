/**
 * The frame: what one NATS message between two nodes holds. A fixed header, then parcels, each with its length. The
 * header is rewritten when a frame is sent again, so that even a resent frame carries the latest acknowledgement.
 *
 * ```text
 * 0      1        2     3      4            20       28        34    40         46
 * magic  version  type  flags  incarnation  cookie   sequence  ack   finished   parcels…
 * ```
 */

/** Bytes before the parcels. */
export const HEADER = 46;
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
/** Flag of HELLO: please say hello too. */
export const ANSWER = 2;

/** What a header says. */
export interface Header {
	readonly type: number;
	readonly flags: number;
	/** The sending node's incarnation, a UUID. */
	readonly from: string;
	/** Proves that the sender receives what is sent to the incarnation it claims: the receiver's own cookie. */
	readonly cookie: bigint;
	readonly sequence: number;
	/** Every frame up to this one has been received. */
	readonly ack: number;
	/** How many of the receiver's messages have been handled, or buried, at the sender. */
	readonly finished: number;
}

/** Writes a header into the first bytes of a frame. */
export function writeHeader(frame: Buffer, header: Header): void {
	frame[0] = MAGIC;
	frame[1] = VERSION;
	frame[2] = header.type;
	frame[3] = header.flags;
	frame.write(header.from.replaceAll('-', ''), 4, 16, 'hex');
	frame.writeBigUInt64BE(header.cookie, 20);
	frame.writeUIntBE(header.sequence, 28, 6);
	frame.writeUIntBE(header.ack, 34, 6);
	frame.writeUIntBE(header.finished, 40, 6);
}

/** The header of a frame; `undefined` when the bytes are no frame of this version. */
export function readHeader(frame: Buffer): Header | undefined {
	if (frame.length < HEADER || frame[0] !== MAGIC || frame[1] !== VERSION || (frame[2] as number) > ACK)
		return undefined;
	const hex = frame.toString('hex', 4, 20);
	return {
		type: frame[2] as number,
		flags: frame[3] as number,
		from: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
		cookie: frame.readBigUInt64BE(20),
		sequence: frame.readUIntBE(28, 6),
		ack: frame.readUIntBE(34, 6),
		finished: frame.readUIntBE(40, 6),
	};
}

/** A view of bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The parcels of a frame, as views of it; `undefined` when the lengths do not add up. */
export function parcelsOf(frame: Buffer): Buffer[] | undefined {
	const parcels: Buffer[] = [];
	let at = HEADER;
	while (at < frame.length) {
		if (at + 4 > frame.length) return undefined;
		const end = at + 4 + frame.readUInt32BE(at);
		if (end > frame.length) return undefined;
		parcels.push(frame.subarray(at + 4, end));
		at = end;
	}
	return parcels;
}
