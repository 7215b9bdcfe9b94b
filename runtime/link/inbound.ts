/**
 * The peer's side of an exchange: its messages, as they become envelopes for our actors, and what it may cancel. All
 * of it comes from the wire, so every number is looked up and every part checked before anything is made of it.
 */

import type { ByteReader } from '../core/bytes.ts';
import { MAX_NAME } from '../core/config.ts';
import { TroupeError } from '../core/errors.ts';
import type { Cell } from '../kernel/cell.ts';
import { STOP as STOP_HANDLER, WATCH as WATCH_HANDLER } from '../kernel/control.ts';
import type { ReplyTo } from '../kernel/envelope.ts';
import { Handler } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Ref } from '../kernel/ref.ts';
import { RemoteActor } from '../kernel/remote-actor.ts';
import { Mail } from '../mailbox/mail.ts';
import type { Exchange } from './exchange.ts';
import {
	DEFINE_METHOD,
	DEFINE_SHAPE,
	DEFINE_TARGET,
	isMessage,
	MOST_DEFINITIONS,
	SEND,
	STOP,
	TELL,
	WATCH,
} from './parcel.ts';
import { RemoteReply } from './remote-reply.ts';
import { MOST_SHAPES, SHAPED } from './shapes.ts';

/** No list of one. */
const NONE: unique symbol = Symbol('none');

/** What the peer sends. */
export class Inbound {
	readonly #kernel: Kernel;
	readonly #exchange: Exchange;
	/** Messages that came from the peer and were not handed back. */
	taken = 0;
	/** Those among them whose arguments could not be read. */
	refused = 0;
	/** Waits of the peer's that it may cancel: sends at a full mailbox, watches. */
	readonly #cancellable = new Map<number, ReplyTo>();
	/** IDs and numbers of actors, by their numbers on this link. */
	readonly #targets: (string | number)[] = [];
	/** Targets of which messages were returned, and the peer may not know yet. */
	readonly #returning = new Set<number>();
	/** Messages as they were understood last, by their numbers on this link. */
	readonly #methods: Handler[] = [];
	readonly #senders: Ref[] = [];
	/** The keys of arguments that are one object, by their numbers on this link. */
	readonly #shapes: (readonly string[])[] = [];
	/** For every tell of the peer: nobody waits, but it stands in the books. */
	readonly #receipt: ReplyTo;

	constructor(kernel: Kernel, exchange: Exchange) {
		this.#kernel = kernel;
		this.#exchange = exchange;
		this.#receipt = new RemoteReply(exchange, undefined, true, false);
	}

	/** Gives a message to its actor; `false` when the actor is not here. */
	message(type: number, reader: ByteReader): boolean {
		const target = reader.varint();
		const to = defined(this.#targets, target);
		const control = type === WATCH ? WATCH_HANDLER : type === STOP ? STOP_HANDLER : undefined;
		const method = control ? 0 : reader.varint();
		const known = control ?? defined(this.#methods, method);
		const from = reader.varint();
		const sender = from === 0 ? undefined : defined(this.#senders, from);
		const number = type === TELL ? undefined : reader.varint();
		const cell = typeof to === 'string' ? this.#holder(to, target) : this.#kernel.cellOf(to);
		if (!cell) return false;
		// The very string that is the key is found sooner than one with the same letters.
		if (typeof to === 'string') this.#targets[target] = cell.id;
		let handler = known;
		if (!control) {
			this.taken++;
			if (known.definition !== cell.definition) handler = this.#understood(method, known.name, cell);
		}
		const replyTo =
			number === undefined
				? this.#receipt
				: new RemoteReply(this.#exchange, number, !control, type === SEND, handler.name, cell.id);
		try {
			if (control) cell.deliver(control, [], sender, replyTo);
			else this.#deliver(cell, handler, reader, sender, replyTo);
		} catch (error) {
			this.refused++;
			this.#kernel.refuse(new Mail(handler.listed, [], sender, replyTo), cell, 'malformed', error);
		}
		return true;
	}

	/**
	 * Who has the ID. Once a message to it has been returned, so is what the peer had sent before it knew: should somebody
	 * hold the ID meanwhile, that must not overtake what was returned.
	 */
	#holder(id: string, target: number): Cell | undefined {
		if (this.#returning.size > 0 && this.#returning.has(target)) return undefined;
		const cell = this.#kernel.registered(id);
		// One that does not know yet whether the ID is its own is nobody to the peer, which will ask again.
		if (cell !== undefined && !cell.claiming) return cell;
		this.#returning.add(target);
		return undefined;
	}

	/** The peer knows what was returned of a target. Returns the fence's number. */
	fence(reader: ByteReader): number {
		const number = reader.varint();
		this.#returning.delete(reader.varint());
		return number;
	}

	#deliver(cell: Cell, handler: Handler, reader: ByteReader, sender: Ref | undefined, replyTo: ReplyTo): void {
		const sole = reader.bytes[reader.at] === SHAPED ? this.#shaped(reader) : this.#kernel.codec.readSole(reader, NONE);
		if (sole !== NONE) cell.deliver(handler, sole, sender, replyTo);
		else cell.deliver(handler.listed, this.#arguments(reader), sender, replyTo);
	}

	#shaped(reader: ByteReader): unknown {
		reader.byte();
		return this.#kernel.codec.readValues(reader, defined(this.#shapes, reader.varint()));
	}

	/** What the cell's class understands by the name, which is remembered for the next message of that number. */
	#understood(method: number, name: string, cell: Cell): Handler {
		const handler = cell.definition.handlers.get(name) ?? new Handler(name);
		this.#methods[method] = handler;
		return handler;
	}

	/** A number gets its meaning. */
	define(type: number, reader: ByteReader): void {
		const slot = reader.varint();
		const { codec } = this.#kernel;
		const most = type === DEFINE_SHAPE ? MOST_SHAPES : MOST_DEFINITIONS;
		if (slot < 1 || slot > most) throw new RangeError('a definition beyond the table');
		const value = type === DEFINE_SHAPE ? codec.readKeys(reader) : codec.read(reader);
		if (type === DEFINE_TARGET) {
			this.#targets[slot] = Number.isSafeInteger(value) ? (value as number) : textOf(value);
			this.#returning.delete(slot);
		} else if (type === DEFINE_METHOD) this.#methods[slot] = new Handler(textOf(value));
		else if (type === DEFINE_SHAPE) this.#shapes[slot] = value as readonly string[];
		else this.#senders[slot] = this.#sender(value);
	}

	/** Lets the peer cancel a wait, while there is one. */
	cancellable(number: number, replyTo: ReplyTo | undefined): void {
		if (replyTo) this.#cancellable.set(number, replyTo);
		else this.#cancellable.delete(number);
	}

	cancel(number: number): void {
		const replyTo = this.#cancellable.get(number);
		this.#cancellable.delete(number);
		replyTo?.withdraw?.();
	}

	/** A message that could not even be read was in the peer's books too. */
	unreadable(type: number | undefined): boolean {
		if (!isMessage(type)) return false;
		this.taken++;
		this.#exchange.finish();
		return true;
	}

	/** The peer is gone: its watches and waits are of no use to anybody. */
	close(): void {
		for (const number of [...this.#cancellable.keys()]) this.cancel(number);
	}

	#arguments(reader: ByteReader): readonly unknown[] {
		const args = this.#kernel.codec.read(reader);
		if (Array.isArray(args)) return args;
		throw new TroupeError('ERR_MALFORMED', 'the arguments of a message are no list');
	}

	/** A sender is an actor of the node that the link has proved, whatever ID it gives itself. */
	#sender(parts: unknown): Ref {
		const [id, kind, path, uid, registered] = Array.isArray(parts) ? parts : [];
		if (!Number.isSafeInteger(uid)) throw new RangeError('a sender that is none');
		const node = this.#exchange.node;
		const claims = {
			id: textOf(id),
			kind: textOf(kind),
			path: textOf(path),
			node,
			uid,
			registered: registered === true,
		};
		return this.#kernel.refTo(new RemoteActor(this.#kernel, claims));
	}
}

function defined<T>(table: readonly T[], number: number): T {
	const value = table[number];
	if (value === undefined) throw new RangeError('a number that was never defined');
	return value;
}

function textOf(value: unknown): string {
	if (typeof value === 'string' && value.length <= MAX_NAME) return value;
	throw new RangeError('a name that is none');
}
