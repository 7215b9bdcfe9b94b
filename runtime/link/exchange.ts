/**
 * Everything between this node and one peer, over one link: our messages and its answers, its messages and ours. Both
 * keep common books, so that when either dies, the other knows what became of every message.
 */

import type { ByteReader } from '../core/bytes.ts';
import { isRejection, isTroupeError, messageOf, TroupeError } from '../core/errors.ts';
import type { DeadLetterReason } from '../core/events.ts';
import type { Envelope, ReplyTo } from '../kernel/envelope.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Target } from '../kernel/ref.ts';
import type { Peer } from '../kernel/route.ts';
import { ChunkJoiner } from './chunks.ts';
import { Inbound } from './inbound.ts';
import type { Link } from './link.ts';
import { Outbound } from './outbound.ts';
import {
	ACCEPTED,
	ASK,
	CANCEL,
	CHUNK,
	DEFINE_METHOD,
	DEFINE_SENDER,
	DEFINE_SHAPE,
	DEFINE_TARGET,
	FAIL,
	FENCE,
	PASSED,
	REPLY,
	REST,
	RETURN,
	SEND,
	STOP,
	TELL,
	WATCH,
} from './parcel.ts';
import { writeNumber, writeValue } from './parcel-writer.ts';

/** Whose answer it is: a message's name, and the actor that handled it. */
export interface Answering {
	readonly message: string;
	readonly actor: string;
}

/** One peer, and what is between it and us. */
export class Exchange implements Peer {
	readonly node: string;
	gone = false;
	readonly #kernel: Kernel;
	readonly #link: Link;
	readonly #outbound: Outbound;
	readonly #inbound: Inbound;
	readonly #doubted: () => boolean;
	readonly #chunks = new ChunkJoiner();

	/** `doubted`: whether the peer is suspected to be gone. */
	constructor(kernel: Kernel, node: string, link: Link, doubted: () => boolean) {
		this.#kernel = kernel;
		this.node = node;
		this.#link = link;
		this.#doubted = doubted;
		this.#outbound = new Outbound(kernel, link, this);
		this.#inbound = new Inbound(kernel, this);
	}

	/** Messages that the peer has not acknowledged; those it has are in its books. */
	get pending(): number {
		return this.gone ? 0 : this.#link.pending;
	}

	/** Messages of the peer that have been taken here and are not finished. */
	get unfinished(): number {
		return this.#inbound.taken - this.#link.finished;
	}

	get doubtful(): boolean {
		return this.#doubted();
	}

	deliver(envelope: Envelope, target: Target, to: string | number): void {
		this.#outbound.deliver(envelope, target, to);
	}

	fence(id: string | undefined, passed: () => void): void {
		if (this.gone) passed();
		else this.#outbound.fence(id, passed);
	}

	/** A message of the peer has been handled, or buried. */
	finish(): void {
		if (!this.gone) this.#link.finish();
	}

	/** Lets the peer cancel a wait, while there is one. */
	cancellable(number: number, replyTo: ReplyTo | undefined): void {
		this.#inbound.cancellable(number, replyTo);
	}

	/** Tells the peer what became of a message it wants to know about. */
	answer(number: number, type: typeof REPLY | typeof FAIL | typeof ACCEPTED, value?: unknown, from?: Answering): void {
		this.#inbound.cancellable(number, undefined);
		if (this.gone) return;
		try {
			if (type === ACCEPTED) writeNumber(this.#link, type, number);
			else writeValue(this.#link, this.#kernel, type, number, value);
		} catch (error) {
			writeValue(this.#link, this.#kernel, FAIL, number, unsendable(type, value, error, from));
		}
	}

	/** Takes a parcel from the link; `false` when it cannot be used. Nothing it may contain throws. */
	arrived(parcel: ByteReader): boolean {
		const type = parcel.bytes[parcel.at];
		const { refused } = this.#inbound;
		try {
			this.#open(parcel);
			return refused === this.#inbound.refused;
		} catch (error) {
			if (!(error instanceof RangeError) && !isTroupeError(error)) throw error;
			this.#unusable(error.message, this.#inbound.unreadable(type) ? 1 : 0);
			return false;
		}
	}

	/** Counts parcels that came behind too many that could not be used; see {@link LinkPorts.skipped}. */
	skipped(types: readonly (number | undefined)[]): void {
		const inBooks = types.filter((type) => this.#inbound.unreadable(type)).length;
		this.#unusable('what was left of a frame of which too much was unusable', inBooks, types.length);
	}

	/** Counts bytes that claim to be the peer's and that nobody can use. */
	malformed(why: string): void {
		this.#unusable(why, 0);
	}

	/**
	 * The link is over: the peer has left or died, or we have. What it has not finished is lost. Either side closes its
	 * books over what lay between, as if there were no others: so the books of each balance, whoever is left to be asked.
	 */
	depart(reason: DeadLetterReason): void {
		if (this.gone) return;
		this.gone = true;
		const finished = this.#outbound.close(this.#link.close(), reason);
		this.#inbound.close();
		this.#kernel.ledger.handled += finished;
		this.#kernel.ledger.sent += this.#inbound.taken;
	}

	#open(reader: ByteReader): void {
		const start = reader.at;
		const type = reader.byte();
		switch (type) {
			case TELL:
			case ASK:
			case SEND:
			case WATCH:
			case STOP:
				if (!this.#inbound.message(type, reader)) this.#return(reader.bytes.subarray(start, reader.end));
				return;
			case REPLY:
			case FAIL:
			case ACCEPTED:
				return this.#outbound.answered(type, reader);
			case CANCEL:
				return this.#inbound.cancel(reader.varint());
			case RETURN:
				return this.#outbound.returned(reader.rest() as Buffer);
			case FENCE:
				return writeNumber(this.#link, PASSED, this.#inbound.fence(reader));
			case PASSED:
				return this.#outbound.passed(reader.varint());
			case DEFINE_TARGET:
			case DEFINE_METHOD:
			case DEFINE_SENDER:
			case DEFINE_SHAPE:
				return this.#inbound.define(type, reader);
			case CHUNK:
			case REST:
				return this.#chunk(type, reader);
			default:
				throw new RangeError(`a parcel of unknown type ${type}`);
		}
	}

	#return(parcel: Uint8Array): void {
		const out = this.#link.begin();
		out.byte(RETURN);
		out.raw(parcel);
		this.#link.commit(false);
	}

	#chunk(type: number, piece: ByteReader): void {
		const parcel = this.#chunks.add(type, piece);
		if (parcel) this.arrived(parcel);
	}

	/** `inBooks`: how many of them the peer has entered. */
	#unusable(why: string, inBooks: number, count = 1): void {
		const error = new TroupeError('ERR_MALFORMED', `from node ${this.node}: ${why}`, { node: this.node });
		this.#kernel.ledger.sent += count - inBooks;
		this.#kernel.lose('malformed', count, error);
	}
}

/** What the asker is told when an answer cannot travel: of an error, as much as can; of a reply, whose fault it is. */
function unsendable(type: number, value: unknown, error: unknown, from: Answering | undefined): TroupeError {
	const who = from ? `'${from.message}' of ${from.actor}` : 'an actor';
	const detail = from ? { actor: from.actor } : {};
	if (type === FAIL && !isRejection(value)) {
		const code = isTroupeError(value) ? value.code : 'ERR_ACTOR_CRASHED';
		return new TroupeError(
			code,
			`${who} failed, and its error cannot travel: ${messageOf(value).slice(0, 1_000)}`,
			detail,
		);
	}
	const code = isTroupeError(error) ? error.code : 'ERR_NOT_ENCODABLE';
	return new TroupeError(code, `the answer of ${who} cannot travel: ${messageOf(error)}`, detail);
}
