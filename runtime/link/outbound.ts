/**
 * Our side of an exchange: the messages we gave to the peer, and the questions it has not answered. When the peer
 * dies, every one of them is accounted for here, and nothing waits for the dead.
 */

import { nameOnWire } from '../core/address.ts';
import { ByteReader, type ByteWriter } from '../core/bytes.ts';
import type { DeadLetterReason } from '../core/events.ts';
import { Cell } from '../kernel/cell.ts';
import { isControl, STOP as STOP_HANDLER, WATCH as WATCH_HANDLER } from '../kernel/control.ts';
import { errorOf } from '../kernel/dead-letters.ts';
import { argumentsOf, type Envelope, type ReplyTo } from '../kernel/envelope.ts';
import { Handler } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Ref, Target } from '../kernel/ref.ts';
import { RemoteActor } from '../kernel/remote-actor.ts';
import { type Peer, Route } from '../kernel/route.ts';
import { Mail } from '../mailbox/mail.ts';
import { joinChunks } from './chunks.ts';
import type { Link } from './link.ts';
import {
	ACCEPTED,
	ASK,
	CANCEL,
	DEFINE_METHOD,
	DEFINE_SENDER,
	DEFINE_SHAPE,
	DEFINE_TARGET,
	Definitions,
	FENCE,
	isMessage,
	REPLY,
	SEND,
	STOP,
	TELL,
	WATCH,
} from './parcel.ts';
import { writeNumber, writeValue, written } from './parcel-writer.ts';
import { SHAPED, type Shape, Shapes } from './shapes.ts';

/** A question of ours that the peer has not answered. */
interface Question {
	readonly replyTo: ReplyTo;
	readonly target: Target;
}

/** What a parcel of ours says, read back. */
interface Sent {
	readonly envelope: Envelope;
	readonly target: Target;
}

/** What we sent. */
export class Outbound {
	readonly #kernel: Kernel;
	readonly #link: Link;
	readonly #peer: Peer;
	/** Messages given to the link and not returned. */
	#given = 0;
	#number = 0;
	readonly #questions = new Map<number, Question>();
	readonly #fences = new Map<number, () => void>();
	readonly #targets = new Definitions<string | number, Target>();
	readonly #methods = new Definitions<string, string>();
	readonly #senders = new Definitions<number, Ref>();
	readonly #shapes = new Shapes();

	constructor(kernel: Kernel, link: Link, peer: Peer) {
		this.#kernel = kernel;
		this.#link = link;
		this.#peer = peer;
	}

	deliver(envelope: Envelope, target: Target, to: string | number): void {
		const { handler, replyTo } = envelope;
		const type = typeOf(envelope);
		const number = replyTo ? ++this.#number : 0;
		for (let args = argumentsOf(envelope); !this.#write(envelope, type, number, target, to, args); )
			args = this.#kernel.codec.copy(args);
		const message = !isControl(handler);
		if (message && this.#link.full) return this.#kernel.refuse(envelope, target, 'outbox-full');
		if (replyTo) this.#ask(number, replyTo, target);
		if (message) this.#given++;
		this.#link.commit(message);
	}

	/** Writes the parcel; `false` when reading the arguments ran code that sent something itself, so that it is void. */
	#write(
		{ handler, sender }: Envelope,
		type: number,
		number: number,
		target: Target,
		to: string | number,
		args: readonly unknown[],
	): boolean {
		const targetNumber = this.#targetNumber(to, target);
		if (isControl(handler)) {
			this.#begin(type, targetNumber, 0, this.#senderNumber(sender), number);
			return true;
		}
		const method = this.#methodNumber(handler.name);
		const from = this.#senderNumber(sender);
		const shape = args.length === 1 ? this.#shape(method, args[0]) : undefined;
		if (shape !== undefined) {
			const out = this.#begin(type, targetNumber, method, from, number);
			out.byte(SHAPED);
			out.varint(shape.number);
			if (this.#kernel.codec.writeValues(out, args[0], shape.keys)) {
				this.#shapes.met(shape);
				return true;
			}
			this.#shapes.missed(shape);
		}
		return written(this.#link, this.#kernel, this.#begin(type, targetNumber, method, from, number), args);
	}

	/** Begins a parcel; `method` is 0 where there is none, and `number` where nobody waits. */
	#begin(type: number, target: number, method: number, from: number, number: number): ByteWriter {
		const out = this.#link.begin();
		out.byte(type);
		out.varint(target);
		if (method > 0) out.varint(method);
		out.varint(from);
		if (number > 0) out.varint(number);
		return out;
	}

	/** The shape that the peer knows of such a message, or learns now. */
	#shape(method: number, value: unknown): Shape | undefined {
		const known = this.#shapes.of(method);
		if (known !== undefined) return known;
		if (!this.#shapes.curious(method)) return undefined;
		const shape = this.#shapes.learn(method, this.#kernel.codec.keysOf(value));
		if (shape) this.#define(DEFINE_SHAPE, shape.number, shape.keys);
		return shape;
	}

	fence(id: string | undefined, passed: () => void): void {
		const number = ++this.#number;
		this.#fences.set(number, passed);
		const out = this.#link.begin();
		out.byte(FENCE);
		out.varint(number);
		// One that has lost its number since has lost its past with it.
		out.varint((id === undefined ? undefined : this.#targets.numberOf(id)) ?? 0);
		this.#link.commit(false);
	}

	/** The peer has let the fence pass. */
	passed(number: number): void {
		if (number > this.#number) throw new RangeError('the passing of a fence that never was');
		const passed = this.#fences.get(number);
		this.#fences.delete(number);
		passed?.();
	}

	/** An answer from the peer. One to a question that was withdrawn meanwhile goes nowhere; one to none is an error. */
	answered(type: number, reader: ByteReader): void {
		const number = reader.varint();
		if (number > this.#number) throw new RangeError('a reply that nobody asked for');
		const replyTo = this.#takeQuestion(number)?.replyTo;
		if (!replyTo) return;
		try {
			if (type === ACCEPTED) replyTo.accepted();
			else if (type === REPLY) replyTo.replied(this.#kernel.codec.read(reader));
			else replyTo.failed(this.#kernel.codec.read(reader));
		} catch (unreadable) {
			replyTo.failed(unreadable);
			throw unreadable;
		}
	}

	/** The peer has no such actor. What it hands back goes where the actor is now, or to the dead letters. */
	returned(parcel: Buffer): void {
		const sent = this.#read(parcel);
		if (!sent) throw new RangeError('a returned parcel that was never sent');
		const { envelope, target } = sent;
		if (isMessage(parcel[0])) this.#given--;
		// One whose asker has given up goes nowhere.
		const withdrawn = parcel[0] !== TELL && !envelope.replyTo;
		if (withdrawn && isMessage(parcel[0])) this.#kernel.refuse(envelope, target, 'withdrawn');
		const route = target instanceof RemoteActor ? target.route : target;
		if (route instanceof Route) route.takeBack(withdrawn ? undefined : envelope, this.#peer);
		else if (!withdrawn) this.#kernel.refuse(envelope, target, 'no-such-actor');
	}

	/**
	 * The link has ended for `reason`, and these parcels the peer has not acknowledged. What it had and has not finished
	 * is known by number only. Returns how many messages it has finished.
	 */
	close(unacknowledged: readonly Buffer[], reason: DeadLetterReason): number {
		const finished = this.#link.peerFinished;
		let lost = this.#given - finished;
		for (const parcel of joinChunks(unacknowledged)) {
			const sent = lost > 0 && isMessage(parcel[0]) ? this.#readable(parcel) : undefined;
			if (!sent) continue;
			this.#kernel.refuse(sent.envelope, sent.target, reason);
			lost--;
		}
		if (lost > 0) this.#kernel.lose(reason, lost);
		for (const number of [...this.#questions.keys()]) {
			const { replyTo, target } = this.#takeQuestion(number) as Question;
			replyTo.failed(errorOf(reason, `what was asked of ${target.id} on node ${this.#peer.node}`, target.id));
		}
		for (const number of [...this.#fences.keys()]) this.passed(number);
		return finished;
	}

	#ask(number: number, replyTo: ReplyTo, target: Target): void {
		this.#questions.set(number, { replyTo, target });
		replyTo.withdraw = () => {
			replyTo.withdraw = undefined;
			if (this.#questions.delete(number) && !this.#peer.gone) writeNumber(this.#link, CANCEL, number);
		};
	}

	#takeQuestion(number: number): Question | undefined {
		const question = this.#questions.get(number);
		this.#questions.delete(number);
		if (question) question.replyTo.withdraw = undefined;
		return question;
	}

	/** {@link Outbound.#read} at the end, when nothing may keep the other messages from being accounted for. */
	#readable(parcel: Buffer): Sent | undefined {
		try {
			return this.#read(parcel);
		} catch {
			return undefined; // it is counted, though nobody can say what it was
		}
	}

	/** Takes a parcel of ours apart again, and its question off the list. */
	#read(parcel: Buffer): Sent | undefined {
		const type = parcel[0] as number;
		const control = type === WATCH || type === STOP;
		const reader = new ByteReader(parcel, 1);
		const target = this.#targets.value(reader.varint());
		const name = control ? '' : this.#methods.value(reader.varint());
		const sender = this.#senders.value(reader.varint());
		if (!target || name === undefined) return undefined;
		const number = type === TELL ? 0 : reader.varint();
		// First, as it may throw: then whoever asked is still waiting, and will be told.
		const args = control ? [] : this.#arguments(reader);
		const question = type === TELL ? undefined : this.#takeQuestion(number);
		const handler = type === WATCH ? WATCH_HANDLER : type === STOP ? STOP_HANDLER : new Handler(name).listed;
		return { envelope: new Mail(handler, args, sender, question?.replyTo), target };
	}

	#arguments(reader: ByteReader): unknown[] {
		if (reader.bytes[reader.at] !== SHAPED) return this.#kernel.codec.read(reader) as unknown[];
		reader.byte();
		const keys = this.#shapes.keys(reader.varint());
		if (keys === undefined) throw new RangeError('a shape that was never defined');
		return [this.#kernel.codec.readValues(reader, keys)];
	}

	#targetNumber(to: string | number, target: Target): number {
		return this.#targets.numberOf(to) ?? this.#define(DEFINE_TARGET, this.#targets.define(to, target), to);
	}

	#methodNumber(name: string): number {
		return this.#methods.numberOf(name) ?? this.#define(DEFINE_METHOD, this.#methods.define(name, name), name);
	}

	#senderNumber(sender: Ref | undefined): number {
		const cell = sender && this.#cellOf(sender);
		if (!sender || !cell) return 0;
		const known = this.#senders.numberOf(cell.uid);
		if (known !== undefined) return known;
		this.#kernel.introduce(cell);
		const parts = [nameOnWire(cell.id), cell.kind, nameOnWire(cell.path), cell.uid, cell.registered];
		return this.#define(DEFINE_SENDER, this.#senders.define(cell.uid, sender), parts);
	}

	/** Whose actor it is, if it is one of this node: for others we cannot speak. */
	#cellOf({ target }: Ref): Cell | undefined {
		if (target instanceof Route) return this.#kernel.speaker(target.id);
		return target instanceof Cell ? target : undefined;
	}

	#define(type: number, number: number, value: unknown): number {
		writeValue(this.#link, this.#kernel, type, number, value);
		return number;
	}
}

function typeOf({ handler, replyTo }: Envelope): number {
	if (handler === WATCH_HANDLER) return WATCH;
	if (handler === STOP_HANDLER) return STOP;
	return replyTo === undefined ? TELL : replyTo.patient ? SEND : ASK;
}
