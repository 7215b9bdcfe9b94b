/**
 * The way of one node's messages into one durable mailbox. One value is under way at a time, so that the order stays
 * whatever happens to it; what is sent meanwhile becomes the next. A store whose answer was lost is repeated under the
 * same ID, which JetStream takes once.
 */

import { encodeToken } from '../core/address.ts';
import { MAILBOX_CAPACITY, MAX_MESSAGE } from '../core/config.ts';
import { TroupeError } from '../core/errors.ts';
import { argumentsOf, type Envelope } from '../kernel/envelope.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Lane } from '../kernel/post.ts';
import type { Route } from '../kernel/route.ts';
import { Fifo } from '../mailbox/fifo.ts';
import { bundle, writeLetter } from './letter.ts';
import type { Replies } from './replies.ts';

/** Messages in one value at most. */
const BUNDLE = 256;
/** Bytes in one value at most, unless it is one message: what is read at a time. */
const BUNDLE_BYTES = 64 * 1024;
/** What a value has beside its messages, in bytes; and each of them. */
const FRAME = 16;
/** Room that a message leaves, in bytes: for what makes a value of it, or a dead letter. */
const RESERVED = 512;

/** Stores values. */
export interface Store {
	/**
	 * Resolves when it is stored, however long that takes, to whether it was not stored before under the same name; rejects
	 * when it never will be.
	 */
	store(route: Route, value: Uint8Array, name: string): Promise<boolean>;
	/** The most bytes that a value can have. */
	readonly maxBytes: number;
	/** The lane has messages to store, or none any more. */
	active(lane: Outgoing, is: boolean): void;
}

interface Waiting {
	readonly envelope: Envelope;
	readonly bytes: Uint8Array;
	/** Of an ask: what its result comes by. */
	readonly number: number | undefined;
	/** Its sender has given up. */
	withdrawn: boolean;
}

/** The lane to one mailbox. */
export class Outgoing implements Lane {
	readonly #kernel: Kernel;
	readonly #route: Route;
	readonly #replies: Replies;
	readonly #store: Store;
	readonly #name: string;
	readonly #waiting = new Fifo<Waiting>();
	#flying: readonly Waiting[] = [];
	#busy = false;
	#values = 0;
	#withdrawn = 0;

	/** `name` is no other lane's, on any node. */
	constructor(kernel: Kernel, route: Route, replies: Replies, store: Store, name: string) {
		this.#kernel = kernel;
		this.#route = route;
		this.#replies = replies;
		this.#store = store;
		this.#name = name;
	}

	/** Messages that have not been stored yet. */
	get pending(): number {
		return this.#waiting.length - this.#withdrawn + this.#flying.length;
	}

	add(envelope: Envelope): void {
		const { handler, sender, replyTo } = envelope;
		// It comes from the mailbox, and is in there still.
		if (replyTo?.returned) return replyTo.returned('stopped', undefined);
		if (this.#waiting.length >= MAILBOX_CAPACITY) return this.#kernel.refuse(envelope, this.#route, 'outbox-full');
		const number = replyTo?.asks ? this.#replies.number() : undefined;
		const bytes = writeLetter(this.#kernel.codec, {
			name: handler.name,
			args: argumentsOf(envelope),
			sender,
			reply: number === undefined ? undefined : { node: this.#kernel.node, number },
			at: this.#kernel.clock.wall(),
		});
		const most = Math.min(this.#store.maxBytes, MAX_MESSAGE) - RESERVED;
		if (bytes.length > most)
			throw new TroupeError(
				'ERR_TOO_LARGE',
				`'${handler.name}' to ${this.#route.id} takes ${bytes.length} bytes, and a durable mailbox ${most}: keep what is large elsewhere and send where, or raise max_payload of the NATS servers`,
				{ actor: this.#route.id },
			);
		const waiting: Waiting = { envelope, bytes, number, withdrawn: false };
		this.#waiting.push(waiting);
		if (replyTo) replyTo.withdraw = () => this.#withdraw(waiting);
		if (this.#busy) return;
		this.#busy = true;
		this.#store.active(this, true);
		queueMicrotask(() => void this.#run());
	}

	/** The system has stopped: what is under way may have been stored, but nobody here will know. */
	close(): void {
		const given = this.#flying;
		this.#flying = [];
		for (const { envelope } of given) this.#kernel.refuse(envelope, this.#route, 'system-stopped');
		while (this.#waiting.length > 0)
			for (const { envelope } of this.#next(MAILBOX_CAPACITY, Number.POSITIVE_INFINITY))
				this.#kernel.refuse(envelope, this.#route, 'system-stopped');
	}

	/** What is under way is stored, or not; nobody waits for its result any more. */
	#withdraw(waiting: Waiting): void {
		if (waiting.withdrawn) return;
		waiting.withdrawn = true;
		if (this.#flying.includes(waiting)) return;
		this.#withdrawn++;
		this.#kernel.refuse(waiting.envelope, this.#route, 'withdrawn');
	}

	async #run(): Promise<void> {
		for (;;) {
			const flying = this.#next(BUNDLE, Math.min(BUNDLE_BYTES, this.#store.maxBytes));
			if (flying.length === 0) break;
			this.#flying = flying;
			try {
				const value = bundle(
					this.#kernel.codec,
					flying.map(({ bytes }) => bytes),
				);
				const fresh = await this.#store.store(this.#route, value, this.#nameOf(flying));
				for (const waiting of this.#landed()) this.#stored(waiting, fresh);
			} catch (error) {
				for (const { envelope } of this.#landed()) this.#kernel.refuse(envelope, this.#route, 'not-stored', error);
			}
		}
		this.#busy = false;
		this.#store.active(this, false);
	}

	/** What was under way, unless it has been given up. */
	#landed(): readonly Waiting[] {
		const landed = this.#flying;
		this.#flying = [];
		return landed;
	}

	/** One that its sender has named stands alone, and no name is another actor's. */
	#nameOf([first]: readonly Waiting[]): string {
		const { messageId } = first?.envelope.replyTo ?? {};
		if (messageId === undefined) return `${this.#name}-${++this.#values}`;
		return `named.${encodeToken(this.#route.id)}.${encodeToken(messageId)}`;
	}

	/** The next messages that go together, in order. */
	#next(most: number, mostBytes: number): Waiting[] {
		const taken: Waiting[] = [];
		let bytes = FRAME;
		for (let next = this.#waiting.at(0); next && taken.length < most; next = this.#waiting.at(0)) {
			if (!next.withdrawn) {
				bytes += next.bytes.length + FRAME;
				const named = next.envelope.replyTo?.messageId !== undefined;
				if (taken.length > 0 && (named || bytes > mostBytes)) break;
				taken.push(next);
				if (named) most = 1;
			} else this.#withdrawn--;
			this.#waiting.shift();
		}
		return taken;
	}

	#stored({ envelope, number, withdrawn }: Waiting, fresh: boolean): void {
		const { handler, replyTo } = envelope;
		this.#kernel.ledger.handled++;
		if (!replyTo) return;
		if (number !== undefined && !fresh) {
			const { id } = this.#route;
			const message = `'${handler.name}' to ${id} was taken before under that messageId: its reply goes to whoever asked first`;
			return replyTo.failed(new TroupeError('ERR_NOT_STORED', message, { actor: id }));
		}
		if (number !== undefined && !withdrawn) return this.#replies.await(number, replyTo);
		replyTo.withdraw = undefined;
		replyTo.accepted();
		replyTo.replied(undefined);
	}
}
