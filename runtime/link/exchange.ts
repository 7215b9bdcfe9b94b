/**
 * Messages, replies and watches over one link: envelopes become parcels and parcels envelopes. It keeps the common
 * books with the peer, so that when the peer dies every message is accounted for, and no ask waits for the dead.
 */

import { MAX_MESSAGE } from '../core/config.ts';
import { isTroupeError, TroupeError } from '../core/errors.ts';
import type { Cell } from '../kernel/cell.ts';
import { isControl, STOP as STOP_HANDLER, WATCH as WATCH_HANDLER } from '../kernel/control.ts';
import { Envelope, type ReplyTo } from '../kernel/envelope.ts';
import { Handler } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Ref, Target } from '../kernel/ref.ts';
import { RemoteActor } from '../kernel/remote-actor.ts';
import { type Peer, Route } from '../kernel/route.ts';
import type { Link } from './link.ts';
import {
	ACCEPTED,
	ASK,
	CANCEL,
	CHUNK,
	DEFINE_METHOD,
	DEFINE_SENDER,
	DEFINE_TARGET,
	Definitions,
	FAIL,
	FENCE,
	isMessage,
	MOST_DEFINITIONS,
	PASSED,
	REPLY,
	RETURN,
	SEND,
	STOP,
	TELL,
	WATCH,
} from './parcel.ts';
import { RemoteReply } from './remote-reply.ts';
import { putVarint, Reader, varintSize } from './varint.ts';

/** A question of ours that the peer has not answered. */
interface Question {
	readonly replyTo: ReplyTo;
	readonly target: Target;
}

const EMPTY = Buffer.alloc(0);

/** One peer, and what is between it and us. */
export class Exchange implements Peer {
	readonly node: string;
	gone = false;
	readonly #kernel: Kernel;
	readonly #link: Link;
	/** Messages given to the link and not returned. */
	#given = 0;
	/** Messages that came from the peer. */
	#taken = 0;
	#number = 0;
	readonly #questions = new Map<number, Question>();
	readonly #fences = new Map<number, () => void>();
	/** Waits of the peer's that it may cancel: sends at a full mailbox, watches. */
	readonly #cancellable = new Map<number, ReplyTo>();
	readonly #ourTargets = new Definitions<string | number, Target>();
	readonly #ourMethods = new Definitions<string, string>();
	readonly #ourSenders = new Definitions<number, Ref>();
	readonly #theirTargets = new Map<number, string | number>();
	readonly #theirMethods = new Map<number, string>();
	readonly #theirSenders = new Map<number, Ref>();
	/** For every tell of the peer: nobody waits, but it stands in the books. */
	readonly #receipt: ReplyTo = new RemoteReply(this, undefined, true, false);
	#chunks: Buffer[] = [];
	#chunkBytes = 0;

	constructor(kernel: Kernel, node: string, link: Link) {
		this.#kernel = kernel;
		this.node = node;
		this.#link = link;
	}

	/** Messages that the peer has not acknowledged are ours to count; those it has are in its books. */
	get pending(): number {
		return this.gone ? 0 : this.#link.pending;
	}

	// -------------------------------------------------------------------------------------------------------- outgoing

	deliver(envelope: Envelope, target: Target, to: string | number): void {
		const { handler, args, replyTo, sender } = envelope;
		const type = typeOf(envelope);
		const body = isControl(handler) ? EMPTY : this.#kernel.codec.encode(args);
		if (this.#link.full(body.length)) return this.#kernel.refuse(envelope, target, 'outbox-full');
		const head = [this.#targetNumber(to, target), ...(isControl(handler) ? [] : [this.#methodNumber(handler.name)]), this.#senderNumber(sender)];
		if (replyTo) {
			const number = ++this.#number;
			this.#questions.set(number, { replyTo, target });
			replyTo.withdraw = () => this.#withdraw(number, replyTo);
			head.push(number);
		}
		if (isMessage(type)) this.#given++;
		this.#write(type, head, body);
	}

	fence(passed: () => void): void {
		if (this.gone) return passed();
		const number = ++this.#number;
		this.#fences.set(number, passed);
		this.#write(FENCE, [number]);
	}

	/** A message of the peer has been handled, or buried. */
	finish(): void {
		if (!this.gone) this.#link.finish();
	}

	/** Tells the peer what became of a message it wants to know about. */
	answer(number: number, type: typeof REPLY | typeof FAIL | typeof ACCEPTED, value?: unknown): void {
		this.#cancellable.delete(number);
		if (this.gone) return;
		try {
			this.#write(type, [number], type === ACCEPTED ? EMPTY : this.#kernel.codec.encode(value));
		} catch (error) {
			// The handler's answer cannot travel, which is its fault and its asker's to know.
			this.#write(FAIL, [number], this.#kernel.codec.encode(error));
		}
	}

	/** Lets the peer cancel a wait, while there is one. */
	cancellable(number: number, replyTo: ReplyTo | undefined): void {
		if (replyTo) this.#cancellable.set(number, replyTo);
		else this.#cancellable.delete(number);
	}

	#withdraw(number: number, replyTo: ReplyTo): void {
		this.#questions.delete(number);
		replyTo.withdraw = undefined;
		if (!this.gone) this.#write(CANCEL, [number]);
	}

	#targetNumber(to: string | number, target: Target): number {
		return this.#ourTargets.numberOf(to) ?? this.#define(DEFINE_TARGET, this.#ourTargets.define(to, target), to);
	}

	#methodNumber(name: string): number {
		return this.#ourMethods.numberOf(name) ?? this.#define(DEFINE_METHOD, this.#ourMethods.define(name, name), name);
	}

	#senderNumber(sender: Ref | undefined): number {
		const cell = sender && this.#cellOf(sender);
		if (!sender || !cell) return 0;
		const parts = [cell.id, cell.kind, cell.path, cell.uid, cell.spec.registered];
		return this.#ourSenders.numberOf(cell.uid) ?? this.#define(DEFINE_SENDER, this.#ourSenders.define(cell.uid, sender), parts);
	}

	#cellOf({ target }: Ref): Cell | undefined {
		return target instanceof Route ? this.#kernel.registered(target.id) : (target as Cell);
	}

	#define(type: number, number: number, value: unknown): number {
		this.#write(type, [number], this.#kernel.codec.encode(value));
		return number;
	}

	#write(type: number, head: readonly number[], body: Uint8Array = EMPTY): void {
		let size = 1 + body.length;
		for (const number of head) size += varintSize(number);
		if (size > this.#link.capacity) return this.#writeChunks(type, head, body, size);
		fill(this.#link.reserve(size, isMessage(type)), type, head, body);
	}

	#writeChunks(type: number, head: readonly number[], body: Uint8Array, size: number): void {
		const parcel = Buffer.allocUnsafe(size);
		fill(parcel, type, head, body);
		const step = this.#link.capacity - 2;
		for (let at = 0; at < size; at += step) {
			const part = parcel.subarray(at, at + step);
			const last = at + step >= size;
			fill(this.#link.reserve(part.length + 2, last && isMessage(type)), CHUNK, [last ? 1 : 0], part);
		}
	}

	// -------------------------------------------------------------------------------------------------------- incoming

	/** Takes a parcel from the link. Nothing it may contain throws. */
	arrived(parcel: Buffer): void {
		try {
			this.#open(parcel);
		} catch (error) {
			if (!(error instanceof RangeError) && !isTroupeError(error)) throw error;
			this.malformed(error.message, isMessage(parcel[0]));
		}
	}

	/** Counts bytes from the peer that nobody can use; a message among them was in the peer's books, noise is in none. */
	malformed(why: string, message = false): void {
		const { ledger, events, node } = this.#kernel;
		if (message) {
			this.#taken++;
			this.finish();
		} else ledger.sent++;
		ledger.bury('malformed');
		const error = new TroupeError('ERR_MALFORMED', `from node ${this.node}: ${why}`, { node: this.node });
		events.emit('deadLetter', { reason: 'malformed', target: undefined, message: undefined, sender: undefined, node, count: 1, error });
	}

	#open(parcel: Buffer): void {
		const type = parcel[0] as number;
		const reader = new Reader(parcel, 1);
		switch (type) {
			case TELL:
			case ASK:
			case SEND:
			case WATCH:
			case STOP:
				return this.#message(type, reader, parcel);
			case REPLY:
				return this.#question(reader.varint(), ({ replyTo }) => replyTo.replied(this.#value(reader)));
			case FAIL:
				return this.#question(reader.varint(), ({ replyTo }) => replyTo.failed(this.#value(reader)));
			case ACCEPTED:
				return this.#question(reader.varint(), ({ replyTo }) => replyTo.accepted());
			case CANCEL:
				return this.#cancel(reader.varint());
			case RETURN:
				return this.#returned(reader.rest());
			case FENCE:
				return this.#write(PASSED, [reader.varint()]);
			case PASSED:
				return this.#passed(reader.varint());
			case DEFINE_TARGET:
				this.#theirTargets.set(slotOf(reader), targetOf(this.#value(reader)));
				return;
			case DEFINE_METHOD:
				this.#theirMethods.set(slotOf(reader), textOf(this.#value(reader)));
				return;
			case DEFINE_SENDER:
				this.#theirSenders.set(slotOf(reader), this.#sender(this.#value(reader)));
				return;
			case CHUNK:
				return this.#chunk(reader.varint() === 1, reader.rest());
			default:
				throw new RangeError(`a parcel of unknown type ${type}`);
		}
	}

	#message(type: number, reader: Reader, parcel: Buffer): void {
		const to = defined(this.#theirTargets, reader.varint());
		const control = type === WATCH || type === STOP;
		const name = control ? undefined : defined(this.#theirMethods, reader.varint());
		const from = reader.varint();
		const sender = from === 0 ? undefined : defined(this.#theirSenders, from);
		const number = type === TELL ? undefined : reader.varint();
		const cell = typeof to === 'string' ? this.#kernel.registered(to) : this.#kernel.cellOf(to);
		if (!cell) return this.#write(RETURN, [], parcel);
		if (isMessage(type)) this.#taken++;
		const replyTo = number === undefined ? this.#receipt : new RemoteReply(this, number, isMessage(type), type === SEND);
		const handler = type === WATCH ? WATCH_HANDLER : type === STOP ? STOP_HANDLER : handlerOf(cell, name as string);
		let args: unknown;
		try {
			args = control ? [] : this.#kernel.codec.decode(reader.rest());
			if (!Array.isArray(args)) throw new TroupeError('ERR_MALFORMED', 'arguments that are no list');
		} catch (error) {
			return this.#kernel.refuse(new Envelope(handler, [], sender, replyTo), cell, 'malformed', error);
		}
		cell.deliver(new Envelope(handler, args, sender, replyTo));
	}

	#question(number: number, settle: (question: Question) => void): void {
		const question = this.#questions.get(number);
		// Withdrawn meanwhile, which is nobody's fault; a number that was never asked is.
		if (!question) {
			if (number > this.#number) this.malformed('a reply that nobody asked for');
			return;
		}
		this.#questions.delete(number);
		question.replyTo.withdraw = undefined;
		settle(question);
	}

	#cancel(number: number): void {
		const replyTo = this.#cancellable.get(number);
		this.#cancellable.delete(number);
		replyTo?.withdraw?.();
	}

	/** The peer has no such actor. What it hands back goes where the actor is now, or to the dead letters. */
	#returned(parcel: Buffer): void {
		const type = parcel[0] as number;
		const reader = new Reader(parcel, 1);
		const target = this.#ourTargets.value(reader.varint());
		const control = type === WATCH || type === STOP;
		const name = control ? '' : this.#ourMethods.value(reader.varint());
		const sender = this.#ourSenders.value(reader.varint());
		if (!target || name === undefined) throw new RangeError('a returned parcel that was never sent');
		if (isMessage(type)) this.#given--;
		const question = type === TELL ? undefined : this.#takeQuestion(reader.varint());
		if (type !== TELL && !question) {
			if (isMessage(type)) this.#withdrawn(target, name, sender, reader);
			return;
		}
		const args = control ? [] : (this.#kernel.codec.decode(reader.rest()) as unknown[]);
		const handler = type === WATCH ? WATCH_HANDLER : type === STOP ? STOP_HANDLER : new Handler(name);
		const envelope = new Envelope(handler, args, sender, question?.replyTo);
		if (target instanceof Route) target.takeBack(envelope, this);
		else this.#kernel.refuse(envelope, target, 'no-such-actor');
	}

	/** Its asker has given up, so it goes nowhere. */
	#withdrawn(target: Target, name: string, sender: Ref | undefined, reader: Reader): void {
		const args = this.#kernel.codec.decode(reader.rest()) as unknown[];
		this.#kernel.refuse(new Envelope(new Handler(name), args, sender, undefined), target, 'withdrawn');
	}

	#takeQuestion(number: number): Question | undefined {
		const question = this.#questions.get(number);
		this.#questions.delete(number);
		if (question) question.replyTo.withdraw = undefined;
		return question;
	}

	#passed(number: number): void {
		const passed = this.#fences.get(number);
		this.#fences.delete(number);
		passed?.();
	}

	#chunk(last: boolean, bytes: Buffer): void {
		this.#chunkBytes += bytes.length;
		// Room for the head that stands before the largest body.
		if (this.#chunkBytes > MAX_MESSAGE + 1_024) {
			this.#chunks = [];
			this.#chunkBytes = 0;
			throw new RangeError('a chunked parcel beyond the largest message');
		}
		this.#chunks.push(Buffer.from(bytes));
		if (!last) return;
		const parcel = Buffer.concat(this.#chunks);
		this.#chunks = [];
		this.#chunkBytes = 0;
		if (parcel[0] === CHUNK) throw new RangeError('a chunk of chunks');
		this.arrived(parcel);
	}

	#value(reader: Reader): unknown {
		return this.#kernel.codec.decode(reader.rest());
	}

	/** A sender is an actor of the node that the link has proved, whatever ID it gives itself. */
	#sender(parts: unknown): Ref {
		if (!Array.isArray(parts)) throw new RangeError('a sender that is none');
		const [id, kind, path, uid, registered] = parts;
		const valid = textOf(id) && textOf(kind) && textOf(path) && Number.isSafeInteger(uid);
		if (!valid) throw new RangeError('a sender that is none');
		return this.#kernel.refTo(new RemoteActor(this.#kernel, { id, kind, path, node: this.node, uid, registered: registered === true }));
	}

	// ------------------------------------------------------------------------------------------------------------- end

	/**
	 * The peer has left or died: what it has not finished is lost. `inherit`: it left no books, so ours take over its side
	 * of what was between us, and the sum over the living still balances.
	 */
	depart(inherit: boolean): void {
		if (this.gone) return;
		this.gone = true;
		const { ledger } = this.#kernel;
		const unacknowledged = this.#link.close();
		let lost = this.#given - this.#link.peerFinished;
		for (const parcel of joinChunks(unacknowledged)) {
			if (lost > 0 && isMessage(parcel[0]) && this.#buryParcel(parcel)) lost--;
		}
		if (lost > 0) this.#buryUnknown(lost);
		if (inherit) {
			ledger.handled += this.#link.peerFinished;
			ledger.sent += this.#taken;
		}
		for (const { replyTo, target } of [...this.#questions.values()]) {
			replyTo.withdraw = undefined;
			replyTo.failed(
				new TroupeError('ERR_NODE_DOWN', `node ${this.node} of ${target.id} is down; the message may or may not have been handled`, {
					actor: target.id,
					node: this.node,
				}),
			);
		}
		this.#questions.clear();
		for (const replyTo of this.#cancellable.values()) replyTo.withdraw?.();
		this.#cancellable.clear();
		for (const passed of this.#fences.values()) passed();
		this.#fences.clear();
	}

	#buryParcel(parcel: Buffer): boolean {
		const reader = new Reader(parcel, 1);
		const target = this.#ourTargets.value(reader.varint());
		const name = this.#ourMethods.value(reader.varint());
		const sender = this.#ourSenders.value(reader.varint());
		const question = parcel[0] === TELL ? undefined : this.#takeQuestion(reader.varint());
		if (!target || name === undefined) return false;
		const args = this.#kernel.codec.decode(reader.rest()) as unknown[];
		this.#kernel.refuse(new Envelope(new Handler(name), args, sender, question?.replyTo), target, 'node-down');
		return true;
	}

	/** They had arrived and were waiting, or being handled, when the peer died; only their number is known. */
	#buryUnknown(count: number): void {
		this.#kernel.ledger.bury('node-down', count);
		const { node } = this.#kernel;
		this.#kernel.events.emit('deadLetter', { reason: 'node-down', target: undefined, message: undefined, sender: undefined, node, count });
	}
}

function typeOf({ handler, replyTo }: Envelope): number {
	if (handler === WATCH_HANDLER) return WATCH;
	if (handler === STOP_HANDLER) return STOP;
	return replyTo === undefined ? TELL : replyTo.patient ? SEND : ASK;
}

function handlerOf(cell: Cell, name: string): Handler {
	return cell.definition.handlers.get(name) ?? new Handler(name);
}

function fill(into: Buffer, type: number, head: readonly number[], body: Uint8Array): void {
	into[0] = type;
	let at = 1;
	for (const number of head) at = putVarint(into, at, number);
	into.set(body, at);
}

function slotOf(reader: Reader): number {
	const slot = reader.varint();
	if (slot < 1 || slot > MOST_DEFINITIONS) throw new RangeError('a definition beyond the table');
	return slot;
}

function defined<T>(table: ReadonlyMap<number, T>, number: number): T {
	const value = table.get(number);
	if (value === undefined) throw new RangeError('a number that was never defined');
	return value;
}

function targetOf(value: unknown): string | number {
	return typeof value === 'number' && Number.isSafeInteger(value) ? value : textOf(value);
}

function textOf(value: unknown): string {
	if (typeof value === 'string' && value.length <= 8_192) return value;
	throw new RangeError('a name that is none');
}

/** Chunks whose beginning has been acknowledged are of a message that cannot be shown any more. */
function* joinChunks(parcels: readonly Buffer[]): Iterable<Buffer> {
	let parts: Buffer[] = [];
	for (const parcel of parcels) {
		if (parcel[0] !== CHUNK) {
			yield parcel;
			continue;
		}
		parts.push(parcel.subarray(2));
		if (parcel[1] !== 1) continue;
		yield Buffer.concat(parts);
		parts = [];
	}
}
