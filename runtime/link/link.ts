/**
 * One link to one incarnation of one peer: parcels arrive once and in order, whatever the transport loses, repeats or
 * reorders, for as long as both live. Frames are numbered, acknowledged cumulatively, kept until then, and sent again
 * from the first missing one (go-back-N). What is written in a turn shares a frame; unacknowledged bytes are windowed,
 * so that the broker never sees a slow consumer; all that waits is bounded.
 */

import { randomBytes } from 'node:crypto';
import { ByteReader, ByteWriter } from '../core/bytes.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { ACK_TIMEOUT, FRAME, FULL_FRAME, LINK_WINDOW, OUTBOX } from '../core/config.ts';
import { Fifo } from '../mailbox/fifo.ts';
import { CHUNK_HEAD } from './chunks.ts';
import {
	ACK,
	ANSWER,
	addsUp,
	COOKIE,
	cookieAt,
	DATA,
	endOf,
	GAP,
	HEADER,
	HELLO,
	type Header,
	LENGTH,
	NO_COOKIE,
	parcelsOf,
	rawOf,
	writeHeader,
} from './frame.ts';
import { CHUNK, REST } from './parcel.ts';

/** Acknowledgements and progress reports wait this long, in ms, for a frame to ride on. */
const ACK_DELAY = 10;
/** So many bytes are acknowledged at once, long before the sender's window closes. */
const ACK_BYTES = LINK_WINDOW / 8;
const LONGEST_RESEND = 2_000;
/** A buffer beyond this size, in bytes, is not kept. */
const LARGE = 4 * FRAME;
/** A frame of this size takes the page it was written on along; a smaller one is copied. */
const WORTH_LENDING = 16 * 1024;
/** Pages kept while a link is busy: allocating what the engine holds outside its heap makes it collect all of that. */
const SPARE_PAGES = 128;

/** What a link needs from its surroundings. */
export interface LinkPorts {
	readonly clock: Clock;
	/** This node's incarnation. */
	readonly self: string;
	/** The peer's incarnation. */
	readonly peer: string;
	/** Sends a frame to the peer; may lose it. */
	readonly publish: (frame: Uint8Array) => void;
	/** Whether sending makes sense now. */
	readonly connected: () => boolean;
	/** Largest frame the transport takes. */
	readonly maxPayload: () => number;
	/** Has {@link Link.flush} called at the end of this turn of the event loop. */
	readonly flushSoon: (link: Link) => void;
	/** What was sent has not been acknowledged in time. */
	readonly stalled: () => void;
	/** A parcel has arrived. The reader is used again for the next one; the bytes are the receiver's. */
	readonly arrived: (parcel: ByteReader) => void;
	/** Bytes that were not what they claim to be. */
	readonly malformed: (why: string) => void;
}

interface Frame {
	readonly sequence: number;
	readonly bytes: Buffer;
	/** How many of its parcels are messages. */
	readonly messages: number;
	/** The writer's page that was lent to it, to be used again. */
	readonly page: Uint8Array | undefined;
}

/** A reliable, ordered stream of parcels to one peer, and from it. */
export class Link {
	/** Messages of the peer that have been finished here; reported to it. */
	finished = 0;
	/** Messages of ours that the peer has finished. */
	peerFinished = 0;
	/** When a frame that proved to be the peer's last came, in clock ms. */
	heard: number;
	readonly #ports: LinkPorts;
	readonly #self: string;
	readonly #mine: string = randomBytes(COOKIE).toString('latin1');
	#theirs: string | undefined;
	/** The frame being filled… */
	#out = new ByteWriter();
	/** …up to here; what is behind belongs to a parcel that has not been committed. */
	#filled = HEADER;
	#messages = 0;
	/** Largest frame. */
	#limit: number;
	#pending = 0;
	/** Frames that are not acknowledged, oldest first; those from `#next` on have not been sent. */
	readonly #outbox = new Fifo<Frame>();
	#outboxBytes = 0;
	/** Pages that have come back. */
	readonly #spare: Uint8Array[] = [];
	#sentBytes = 0;
	#sequence = 0;
	#next = 1;
	#acked = 0;
	#received = 0;
	#unackedBytes = 0;
	#ackDue = false;
	#gap = false;
	#reportedFinished = 0;
	#dirty = false;
	#ackTimer: Cancel | undefined;
	#resendTimer: Cancel | undefined;
	#resendDelay = ACK_TIMEOUT;
	#repairedAt = -1;
	#introduced = Number.NEGATIVE_INFINITY;
	#closed = false;

	constructor(ports: LinkPorts) {
		this.#ports = ports;
		this.#self = rawOf(ports.self);
		this.#limit = Math.min(FRAME, ports.maxPayload());
		this.heard = ports.clock.now();
	}

	/** The incarnations at its ends, its own first. */
	get ends(): string {
		return `${this.#ports.self} ${this.#ports.peer}`;
	}

	/** Whether everything written has been acknowledged. */
	get idle(): boolean {
		return this.#outbox.length === 0 && this.#filled === HEADER;
	}

	/** Whether what has been written goes beyond what may wait. */
	get full(): boolean {
		return this.#outboxBytes + this.#out.at > OUTBOX;
	}

	/** Messages written that the peer has not acknowledged. */
	get pending(): number {
		return this.#pending;
	}

	/** Where to write a parcel, of any size. It counts once it is committed; one that was begun before and is not, is void. */
	begin(): ByteWriter {
		if (this.#out.bytes.length > LARGE) this.#renew();
		this.#out.at = this.#filled + LENGTH;
		return this.#out;
	}

	/** The parcel is complete. `message`: it stands in the books. */
	commit(message: boolean): void {
		const out = this.#out;
		const size = out.at - this.#filled - LENGTH;
		if (size > this.#limit - HEADER - LENGTH) return this.#split(size, message);
		if (out.at > Math.min(FULL_FRAME, this.#limit) && this.#filled > HEADER) this.#seal();
		(out.bytes as Buffer).writeUInt32BE(size, this.#filled);
		this.#filled += LENGTH + size;
		if (message) {
			this.#messages++;
			this.#pending++;
		}
		this.#touch();
	}

	/** A message of the peer has been finished here. */
	finish(): void {
		this.finished++;
		this.#ackLater();
	}

	/** Sends what the window allows, and an acknowledgement if one is due. Called once at the end of a turn. */
	flush(): void {
		this.#dirty = false;
		if (this.#closed || !this.#ports.connected()) return;
		if (this.#filled > HEADER) this.#seal();
		if (this.#outbox.length > 0 && this.#theirs === undefined) {
			this.#hello();
			this.#watchAcks();
			return;
		}
		this.#sendMore();
		if (!this.#ackDue) return;
		if (this.#gap || this.#unackedBytes >= ACK_BYTES) this.#acknowledge();
		else this.#ackLater();
	}

	/** The transport is back: whatever was on its way may be lost. */
	reconnected(): void {
		this.#resendDelay = ACK_TIMEOUT;
		this.#sendAgain();
	}

	/** Takes a frame that claims to be the peer's. */
	receive(header: Header, frame: Buffer): void {
		if (this.#closed) return;
		if (header.type === HELLO) return this.#greeted(header, frame);
		if (header.cookie !== this.#mine) {
			this.#ports.malformed('a frame without the cookie that its sender was given');
			this.#introduce();
			return;
		}
		this.heard = this.#ports.clock.now();
		this.#progress(header);
		if (header.type === DATA) this.#data(header, frame);
	}

	/** Ends the link; returns the parcels that the peer has not acknowledged, oldest first. */
	close(): Buffer[] {
		this.#closed = true;
		this.#ackTimer?.();
		this.#resendTimer?.();
		if (this.#filled > HEADER) this.#seal();
		return [...this.#outbox].flatMap(({ bytes }) => parcelsOf(bytes));
	}

	// -------------------------------------------------------------------------------------------------------- outgoing

	#touch(): void {
		if (this.#dirty) return;
		this.#dirty = true;
		this.#ports.flushSoon(this);
	}

	/** Closes the frame; a parcel that is being written goes on in the next one. */
	#seal(): void {
		const { bytes, at } = this.#out;
		const filled = this.#filled;
		this.#filled = HEADER;
		if (filled < WORTH_LENDING) {
			const frame = Buffer.allocUnsafe(filled);
			frame.set(bytes.subarray(0, filled));
			bytes.copyWithin(HEADER, filled, at);
			this.#enqueue(frame, this.#messages);
		} else {
			this.#out.bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(Math.max(bytes.length, FULL_FRAME));
			this.#out.at = HEADER;
			this.#out.raw(bytes.subarray(filled, at));
			this.#enqueue(bytes.subarray(0, filled) as Buffer, this.#messages, bytes);
		}
		this.#messages = 0;
		this.#limit = Math.min(FRAME, this.#ports.maxPayload());
	}

	/** A parcel that fits no frame gets frames of its own. */
	#split(size: number, message: boolean): void {
		const { bytes } = this.#out;
		const start = this.#filled + LENGTH;
		this.#out.at = this.#filled;
		if (this.#filled > HEADER) this.#seal();
		this.#out = new ByteWriter();
		const step = this.#limit - HEADER - LENGTH - CHUNK_HEAD;
		for (let at = 0; at < size; at += step) {
			const part = bytes.subarray(start + at, start + Math.min(at + step, size));
			const out = this.begin();
			out.byte(at === 0 ? CHUNK : REST);
			if (at === 0) out.varint(size);
			out.raw(part);
			this.commit(message && at + step >= size);
		}
	}

	#enqueue(bytes: Buffer, messages: number, page?: Uint8Array): void {
		this.#outbox.push({ sequence: ++this.#sequence, bytes, messages, page });
		this.#outboxBytes += bytes.length;
	}

	/** A large parcel is not what the next one needs room for. */
	#renew(): void {
		const { bytes } = this.#out;
		this.#out = new ByteWriter();
		this.#out.raw(bytes.subarray(0, this.#filled));
	}

	#sendMore(): void {
		if (this.#next > this.#sequence) return;
		let index = this.#next - this.#acked - 1;
		for (; this.#next <= this.#sequence && this.#sentBytes < LINK_WINDOW; index++) {
			const frame = this.#outbox.at(index) as Frame;
			this.#publish(DATA, frame.bytes, frame.sequence);
			this.#sentBytes += frame.bytes.length;
			this.#next++;
		}
		this.#watchAcks();
	}

	#sendAgain(): void {
		this.#next = this.#acked + 1;
		this.#sentBytes = 0;
		this.#touch();
	}

	#publish(type: number, bytes: Buffer, sequence: number): void {
		writeHeader(bytes, {
			type,
			flags: this.#gap ? GAP : 0,
			from: this.#self,
			cookie: this.#theirs ?? NO_COOKIE,
			sequence,
			ack: this.#received,
			finished: this.finished,
		});
		this.#ports.publish(bytes);
		this.#acknowledged();
	}

	#watchAcks(): void {
		if (this.#resendTimer !== undefined) return;
		const before = this.#acked;
		this.#resendTimer = this.#ports.clock.after(this.#resendDelay, () => {
			this.#resendTimer = undefined;
			if (this.#outbox.length === 0) this.#spare.length = 0;
			if (this.#closed || this.#outbox.length === 0) return;
			if (this.#acked === before) {
				this.#ports.stalled();
				this.#resendDelay = Math.min(this.#resendDelay * 2, LONGEST_RESEND);
				this.#sendAgain();
			} else {
				this.#resendDelay = ACK_TIMEOUT;
				this.#watchAcks();
			}
		});
	}

	#progress({ ack, finished, flags }: Header): void {
		if (finished > this.peerFinished) this.peerFinished = finished;
		if (ack > this.#sequence) return this.#ports.malformed('an acknowledgement of what was never sent');
		while (this.#acked < ack) {
			const { bytes, messages, page } = this.#outbox.shift() as Frame;
			if (page && this.#spare.length < SPARE_PAGES) this.#spare.push(page);
			this.#acked++;
			this.#pending -= messages;
			this.#outboxBytes -= bytes.length;
			if (this.#acked < this.#next) this.#sentBytes -= bytes.length;
			else this.#next = this.#acked + 1;
		}
		// One repair for each missing frame: what else is on its way will report the same gap.
		if (flags & GAP && ack === this.#acked && this.#repairedAt !== ack && this.#next > ack + 1) {
			this.#repairedAt = ack;
			this.#sendAgain();
		} else if (this.#next <= this.#sequence) this.#touch();
	}

	// -------------------------------------------------------------------------------------------------------- incoming

	#data(header: Header, frame: Buffer): void {
		const expected = this.#received + 1;
		this.#unackedBytes += frame.length;
		this.#ackDue = true;
		this.#touch();
		// A repeated frame is acknowledged again: its acknowledgement may have been what was lost.
		if (header.sequence < expected) this.#unackedBytes = ACK_BYTES;
		this.#gap = header.sequence > expected;
		if (header.sequence !== expected) return;
		this.#received = expected;
		if (!addsUp(frame)) return this.#ports.malformed('a frame whose parcels do not add up');
		const parcel = new ByteReader(frame, 0, frame.length, true);
		for (let at = HEADER; at < frame.length && !this.#closed; at = parcel.end) {
			parcel.at = at + LENGTH;
			parcel.end = endOf(frame, at);
			this.#ports.arrived(parcel);
		}
	}

	#acknowledge(): void {
		if (this.#theirs === undefined || !this.#ports.connected()) return;
		this.#publish(ACK, Buffer.allocUnsafe(HEADER), 0);
	}

	#acknowledged(): void {
		this.#ackDue = false;
		this.#gap = false;
		this.#unackedBytes = 0;
		this.#reportedFinished = this.finished;
	}

	/** A timer that finds nothing to say costs less than cancelling one for every frame that says it. */
	#ackLater(): void {
		if (this.#ackTimer !== undefined || this.#closed) return;
		this.#ackTimer = this.#ports.clock.after(
			ACK_DELAY,
			() => {
				this.#ackTimer = undefined;
				if (!this.#closed && (this.#ackDue || this.finished !== this.#reportedFinished)) this.#acknowledge();
			},
			true,
		);
	}

	// ----------------------------------------------------------------------------------------------------- acquaintance

	/**
	 * A hello goes to the subject of the incarnation that is to prove itself, so only that node learns the cookie in it.
	 * One that returns our cookie is proven and replaces whatever was believed before.
	 */
	#greeted(header: Header, frame: Buffer): void {
		if (frame.length !== HEADER + COOKIE) return this.#ports.malformed('a hello of the wrong size');
		const proven = header.cookie === this.#mine;
		if (proven || this.#theirs === undefined) this.#theirs = cookieAt(frame, HEADER);
		if (proven) this.heard = this.#ports.clock.now();
		if (!proven || header.flags & ANSWER) this.#hello(proven);
		if (this.#outbox.length > 0) this.#touch();
	}

	/** If it was the peer after all, it has been told a wrong cookie: tell it the right one, at a modest rate. */
	#introduce(): void {
		const now = this.#ports.clock.now();
		if (now - this.#introduced < ACK_TIMEOUT) return;
		this.#introduced = now;
		this.#hello();
	}

	#hello(known = false): void {
		const frame = Buffer.allocUnsafe(HEADER + COOKIE);
		writeHeader(frame, {
			type: HELLO,
			flags: known || this.#theirs !== undefined ? 0 : ANSWER,
			from: this.#self,
			cookie: this.#theirs ?? NO_COOKIE,
			sequence: 0,
			ack: 0,
			finished: 0,
		});
		frame.write(this.#mine, HEADER, COOKIE, 'latin1');
		this.#ports.publish(frame);
	}
}
