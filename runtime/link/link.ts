/**
 * One link to one incarnation of one peer: parcels arrive once and in order, whatever the transport loses, repeats or
 * reorders, for as long as both live. Frames are numbered, acknowledged cumulatively, kept until then, and sent again
 * from the first missing one (go-back-N). Unacknowledged bytes are windowed, so that the broker never sees a slow
 * consumer; all that waits is bounded.
 *
 * | state | sends, when there is something to send | leaves it |
 * |---|---|---|
 * | new | a hello; after 0.5 s, 1 s, and then every 2 s another | the peer's cookie comes → up, with all that waits |
 * | up | frames, as far as the window allows | an acknowledgement is 0.5 s late → late |
 * | late | the oldest frame once more; new ones as before | an answer → up; none for 1 s more → silent |
 * | silent | the oldest frame every 2 s, and no other | an answer → up |
 * | closed | nothing: the peer has gone, or this node has | |
 *
 * An answer is an acknowledgement of something new, the report of a gap, or a hello with our cookie; all that is not
 * acknowledged then goes out again. So it does, in any state, when this node's transport is back; and when the peer's
 * is, it reports a gap. While the transport is away nothing is sent. Acknowledgements are sent in every state but `new`
 * and `closed`.
 */

import { ByteReader, type ByteWriter } from '../core/bytes.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { FRAME, LINK_WINDOW, OUTBOX } from '../core/config.ts';
import { Fifo } from '../mailbox/fifo.ts';
import {
	ACK,
	addsUp,
	COOKIE,
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
import { Framer } from './framer.ts';
import { Introduction } from './introduction.ts';
import { Patience } from './patience.ts';

/** Acknowledgements and progress reports wait this long, in ms, for a frame to ride on. */
const ACK_DELAY = 10;
/** So many bytes are acknowledged at once, long before the sender's window closes. */
const ACK_BYTES = LINK_WINDOW / 8;
/** With so many parcels in one frame that nobody can use, the rest of it is counted and not read: each costs an error. */
const MOST_UNUSABLE = 64;

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
	/** Has {@link Link.flush} called when this turn of the event loop, with its promises, is over. */
	readonly flushSoon: (link: Link) => void;
	/** What was sent has not been acknowledged in time. */
	readonly stalled: () => void;
	/** A parcel has arrived; `false` when nobody can use it. The reader is used again; the bytes are the receiver's. */
	readonly arrived: (parcel: ByteReader) => boolean;
	/** So many parcels, the first bytes of which are these, are not worth reading. */
	readonly skipped: (types: readonly (number | undefined)[]) => void;
	/** Bytes that were not what they claim to be. */
	readonly malformed: (why: string) => void;
	/** A frame came again, or ahead of one that is missing. */
	readonly outOfOrder: (why: 'early' | 'repeated') => void;
}

interface Frame {
	readonly sequence: number;
	readonly bytes: Buffer;
	/** How many of its parcels are messages. */
	readonly messages: number;
	/** The framer's page, if it was lent and nothing but its arrival keeps it from being used again. */
	page: Uint8Array | undefined;
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
	readonly #framer: Framer;
	readonly #self: string;
	readonly #introduction: Introduction;
	#pending = 0;
	/** Frames that are not acknowledged, oldest first; those from `#next` on have not been sent. */
	readonly #outbox = new Fifo<Frame>();
	#outboxBytes = 0;
	#sentBytes = 0;
	#sequence = 0;
	#next = 1;
	/** The last frame that has been sent at all. */
	#tried = 0;
	#acked = 0;
	#received = 0;
	#unackedBytes = 0;
	#ackDue = false;
	#gap = false;
	#reportedFinished = 0;
	#dirty = false;
	#ackTimer: Cancel | undefined;
	readonly #patience: Patience;
	/** What had been acknowledged when the present wait began. */
	#ackedBefore = 0;
	#repairedAt = -1;
	#closed = false;

	constructor(ports: LinkPorts) {
		this.#ports = ports;
		this.#self = rawOf(ports.self);
		this.#introduction = new Introduction(this.#self, ports.publish);
		this.#framer = new Framer(ports.maxPayload, (bytes, messages, page) => this.#enqueue(bytes, messages, page));
		this.#patience = new Patience(ports.clock, () => this.#checkAcks());
		this.heard = ports.clock.now();
	}

	/** The incarnations at its ends, its own first. */
	get ends(): string {
		return `${this.#ports.self} ${this.#ports.peer}`;
	}

	/** Whether everything written has been acknowledged. */
	get idle(): boolean {
		return this.#outbox.length === 0 && this.#framer.empty;
	}

	/** Whether what has been written goes beyond what may wait. */
	get full(): boolean {
		return this.#outboxBytes + this.#framer.written > OUTBOX;
	}

	/** Messages written that the peer has not acknowledged. */
	get pending(): number {
		return this.#pending;
	}

	/** Where to write a parcel; see {@link Framer.begin}. */
	begin(): ByteWriter {
		return this.#framer.begin();
	}

	/** The parcel is complete. `message`: it stands in the books. */
	commit(message: boolean): void {
		this.#framer.commit(message);
		if (message) this.#pending++;
		this.#touch();
	}

	/** What was begun cannot be written: the room that it took is given up, unless frames under way see to that. */
	discard(): void {
		if (this.#outbox.length === 0) this.#framer.trim(false);
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
		// What is written meanwhile shares its frames.
		if (!this.#patience.silent) this.#sendNew();
		if (!this.#ackDue) return;
		if (this.#gap || this.#unackedBytes >= ACK_BYTES) this.#acknowledge();
		else this.#ackLater();
	}

	/** Tells the peer what has been finished here, if that is news: nothing else may follow that it could ride on. */
	report(): void {
		if (!this.#closed && (this.#ackDue || this.finished !== this.#reportedFinished)) this.#acknowledge();
	}

	/** The transport is back: whatever was on its way may be lost. */
	reconnected(): void {
		this.#gap = this.#ackDue = true;
		this.#sendAgain();
	}

	/** Takes a frame that claims to be the peer's. */
	receive(header: Header, frame: Buffer): void {
		if (this.#closed) return;
		if (header.type === HELLO) return this.#greeted(header, frame);
		if (!this.#introduction.proves(header)) {
			this.#ports.malformed('a frame without the cookie that its sender was given');
			this.#introduction.helloAgain(this.#ports.clock.now());
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
		this.#patience.end();
		this.#framer.seal();
		return [...this.#outbox].flatMap(({ bytes }) => parcelsOf(bytes));
	}

	// -------------------------------------------------------------------------------------------------------- outgoing

	#touch(): void {
		if (this.#dirty) return;
		this.#dirty = true;
		this.#ports.flushSoon(this);
	}

	#enqueue(bytes: Buffer, messages: number, page: Uint8Array | undefined): void {
		this.#outbox.push({ sequence: ++this.#sequence, bytes, messages, page });
		this.#outboxBytes += bytes.length;
	}

	#sendNew(): void {
		this.#framer.seal();
		if (this.#outbox.length > 0 && this.#introduction.theirs === undefined) {
			this.#introduction.hello();
			this.#watchAcks();
		} else this.#sendMore();
	}

	#sendMore(): void {
		if (this.#next > this.#sequence) return;
		let index = this.#next - this.#acked - 1;
		for (; this.#next <= this.#sequence && this.#sentBytes < LINK_WINDOW; index++) {
			const frame = this.#outbox.at(index) as Frame;
			this.#publish(DATA, frame.bytes, frame.sequence);
			// Should it be sent again, then whichever arrives first, the transport may still hold the other.
			if (frame.sequence <= this.#tried) frame.page = undefined;
			else this.#tried = frame.sequence;
			this.#sentBytes += frame.bytes.length;
			this.#next++;
		}
		this.#watchAcks();
	}

	/** Everything that is not acknowledged, at the end of this turn. */
	#sendAgain(): void {
		this.#patience.renew();
		this.#next = this.#acked + 1;
		this.#sentBytes = 0;
		this.#touch();
	}

	#publish(type: number, bytes: Buffer, sequence: number): void {
		writeHeader(bytes, {
			type,
			flags: this.#gap ? GAP : 0,
			from: this.#self,
			cookie: this.#introduction.theirs ?? NO_COOKIE,
			sequence,
			ack: this.#received,
			finished: this.finished,
		});
		this.#ports.publish(bytes);
		this.#acknowledged();
	}

	#watchAcks(): void {
		if (this.#patience.waiting) return;
		this.#ackedBefore = this.#acked;
		this.#patience.wait();
	}

	#checkAcks(): void {
		this.#framer.trim(this.#outbox.length > 0);
		const oldest = this.#outbox.at(0);
		if (!oldest) return;
		if (this.#acked === this.#ackedBefore) {
			this.#patience.lose();
			this.#ports.stalled();
			if (!this.#ports.connected()) return;
			this.#ask(oldest);
		}
		this.#watchAcks();
	}

	/** Has the peer say what it has, if it is there. */
	#ask(oldest: Frame): void {
		if (this.#introduction.theirs === undefined) return this.#introduction.hello();
		oldest.page = undefined; // as with any frame that is sent again
		this.#publish(DATA, oldest.bytes, oldest.sequence);
	}

	#progress({ ack, finished, flags }: Header): void {
		if (finished > this.peerFinished) this.peerFinished = finished;
		if (ack > this.#sequence) return this.#ports.malformed('an acknowledgement of what was never sent');
		const answered = this.#patience.late && ack > this.#acked;
		while (this.#acked < ack) {
			const { bytes, messages, page } = this.#outbox.shift() as Frame;
			if (page) this.#framer.takeBack(page);
			this.#acked++;
			this.#pending -= messages;
			this.#outboxBytes -= bytes.length;
			if (this.#acked < this.#next) this.#sentBytes -= bytes.length;
			else this.#next = this.#acked + 1;
		}
		// One repair for each missing frame: what else is on its way will report the same gap.
		if (answered) this.#sendAgain();
		else if (flags & GAP && ack === this.#acked && this.#repairedAt !== ack && this.#next > ack + 1) {
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
		if (header.sequence !== expected) return this.#ports.outOfOrder(this.#gap ? 'early' : 'repeated');
		this.#received = expected;
		if (frame.length > FRAME) return this.#ports.malformed('a frame beyond the largest');
		if (!addsUp(frame)) return this.#ports.malformed('a frame whose parcels do not add up');
		const parcel = new ByteReader(frame, 0, frame.length, true);
		let unusable = 0;
		for (let at = HEADER; at < frame.length && !this.#closed; at = parcel.end) {
			parcel.at = at + LENGTH;
			parcel.end = endOf(frame, at);
			if (!this.#ports.arrived(parcel) && ++unusable === MOST_UNUSABLE) return this.#skip(frame, parcel.end);
		}
	}

	#skip(frame: Buffer, from: number): void {
		const types: (number | undefined)[] = [];
		for (let at = from; at < frame.length; at = endOf(frame, at))
			types.push(endOf(frame, at) > at + LENGTH ? frame[at + LENGTH] : undefined);
		if (types.length > 0 && !this.#closed) this.#ports.skipped(types);
	}

	#acknowledge(): void {
		if (this.#introduction.theirs === undefined || !this.#ports.connected()) return;
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
		this.#ackTimer = this.#ports.clock.after(ACK_DELAY, this.#ackNow, true);
	}

	readonly #ackNow = (): void => {
		this.#ackTimer = undefined;
		this.report();
	};

	#greeted(header: Header, frame: Buffer): void {
		if (frame.length !== HEADER + COOKIE) return this.#ports.malformed('a hello of the wrong size');
		const proven = this.#introduction.proves(header);
		if (proven) this.heard = this.#ports.clock.now();
		if (this.#introduction.greeted(header, frame) || (proven && this.#patience.late)) this.#sendAgain();
	}
}
