/**
 * All links of this node: one per living peer, on one subject. It hands frames to the link they belong to, and ends
 * the turn's writing with one flush for all of them.
 */

import { MAILBOX_CAPACITY } from '../core/config.ts';
import { messageOf, TroupeError } from '../core/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Transport } from '../transport/transport.ts';
import { Exchange } from './exchange.ts';
import { asBuffer, DATA, HELLO, type Header, incarnationOf, rawOf, readHeader } from './frame.ts';
import { Link } from './link.ts';

/** Flushes in a row that need not wait for I/O. */
const MOST_TICKS = 64;

/** Messages of other nodes that may wait here for a turn: the rest of a mailbox of the usual size is room for a frame more. */
const MOST_WAITING = (MAILBOX_CAPACITY * 3) / 4;
/** Bytes that may be taken before everybody has had a turn again: no more messages than that. */
const MOST_AHEAD = 512 * 1024;

/** What the links ask of the membership. */
export interface Acquaintance {
	/** The subject on which a node listens. */
	subjectOf(node: string): string;
	/** Whether the node has left or been declared dead: it gets no link again. */
	departed(node: string): boolean;
	/** Somebody unknown says hello: look it up, and call `links.receive` again if it is a member. */
	stranger(node: string, frame: Buffer): void;
	/** A link was made to a node that is not known as a member: look it up, and depart from it if it is none. */
	unknown(node: string): void;
	isMember(node: string): boolean;
	/** Whether a node is suspected to be gone. */
	suspects(node: string): boolean;
	/** Whether actors of this node have messages that the fence keeps them from handling. */
	fenced(): boolean;
	/** A node does not acknowledge what it is sent. */
	stalled(node: string): void;
	heard(node: string): void;
}

interface Line {
	readonly link: Link;
	readonly exchange: Exchange;
}

const EMPTY = new Uint8Array();
/** Of no link; never written to. */
const NOBODY: Link[] = [];

/** The table of links. */
export class Links {
	readonly #kernel: Kernel;
	readonly #transport: Transport;
	readonly #acquaintance: Acquaintance;
	readonly #lines = new Map<string, Line>();
	/** The same, by the incarnation as frames have it. */
	readonly #byRaw = new Map<string, Line>();
	/** Links with something to send. */
	#dirty = NOBODY;
	/** Whether a frame is being seen to, after which there will be a flush. */
	#receiving = false;
	/** Bytes taken since nobody waited for a turn. */
	#ahead = 0;
	/** Flushes since one waited for I/O. */
	#ticks = 0;
	readonly #unsubscribe: () => void;
	#closed = false;
	readonly #self: string;

	constructor(kernel: Kernel, transport: Transport, acquaintance: Acquaintance) {
		this.#kernel = kernel;
		this.#transport = transport;
		this.#acquaintance = acquaintance;
		this.#self = kernel.node;
		this.#unsubscribe = transport.subscribe(acquaintance.subjectOf(this.#self), (data, _subject, replyTo) => {
			if (data.length === 0 && replyTo !== undefined) transport.publish(replyTo, EMPTY);
			else if (transport.byIo) this.#receiveNow(asBuffer(data));
			else this.receive(asBuffer(data));
		});
	}

	/** Messages that wait to reach their nodes. */
	get pending(): number {
		let pending = 0;
		for (const { exchange } of this.#lines.values()) pending += exchange.pending;
		return pending;
	}

	/** Whether all of this is over: what anybody still has to say is not said here. */
	get closed(): boolean {
		return this.#closed;
	}

	/** The way to a node; `undefined` when it has left or is dead, or this node has. */
	to(node: string): Exchange | undefined {
		const known = this.#lines.get(node);
		if (known) return known.exchange;
		if (this.#closed || node === this.#self || this.#acquaintance.departed(node)) return undefined;
		const { exchange } = this.#connect(node);
		if (!this.#acquaintance.isMember(node)) this.#acquaintance.unknown(node);
		return exchange;
	}

	/**
	 * Takes a frame that I/O has brought, and sees at once to what it asks for: its messages are handled and answered
	 * before the client library goes on, which takes as long as they do.
	 */
	#receiveNow(frame: Buffer): void {
		this.#receiving = true;
		try {
			this.#handleNow(frame);
		} finally {
			this.#receiving = false;
			if (this.#dirty !== NOBODY) this.#flush();
		}
	}

	#handleNow(frame: Buffer): void {
		const { dispatcher } = this.#kernel;
		dispatcher.refill();
		const first = dispatcher.begin();
		try {
			this.receive(frame);
		} finally {
			if (first) dispatcher.drain();
		}
	}

	/** Takes a frame from the wire: hostile until its link has proved it. */
	receive(frame: Buffer): void {
		const header = readHeader(frame);
		if (!header) return this.#malformed('bytes that are no frame');
		const line = this.#byRaw.get(header.from) ?? this.#meet(header, frame);
		if (!line || (header.type === DATA && this.#crowded(frame.length))) return;
		const before = line.link.heard;
		line.link.receive(header, frame);
		if (line.link.heard !== before) this.#acquaintance.heard(line.exchange.node);
	}

	/**
	 * What an outage has held back comes all at once, and is read faster than actors get their turns: their mailboxes would
	 * overflow though none of them is slow. A frame that is not taken is as good as lost: it will be sent again.
	 */
	#crowded(bytes: number): boolean {
		if (!this.#kernel.dispatcher.behind && !this.#acquaintance.fenced()) this.#ahead = 0;
		if (this.#ahead >= MOST_AHEAD && this.#waiting() >= MOST_WAITING) return true;
		this.#ahead += bytes;
		return false;
	}

	/** Messages of other nodes that have been taken and are not finished. */
	#waiting(): number {
		let waiting = 0;
		for (const { exchange } of this.#lines.values()) waiting += exchange.unfinished;
		return waiting;
	}

	/** The line to a node from which nothing has come before, if its frame may be believed. */
	#meet(header: Header, frame: Buffer): Line | undefined {
		const from = incarnationOf(header.from);
		if (this.#acquaintance.departed(from)) this.#kernel.ledger.frames.stale++;
		else if (from === this.#self) this.#malformed('a frame in the name of this node');
		else if (header.type !== HELLO) this.#malformed(`a frame of ${from}, which has not introduced itself`);
		else if (!this.#acquaintance.isMember(from)) this.#acquaintance.stranger(from, Buffer.from(frame));
		else return this.#connect(from);
		return undefined;
	}

	/** The node has left, or died. */
	depart(node: string): void {
		const line = this.#lines.get(node);
		this.#lines.delete(node);
		this.#byRaw.delete(rawOf(node));
		line?.exchange.depart('node-down');
	}

	/** The transport is back. */
	reconnected(): void {
		for (const { link } of this.#lines.values()) link.reconnected();
	}

	/** Resolves when every link has been acknowledged, after `patience` ms, or when there is no connection to wait for. */
	async settled(patience: number): Promise<void> {
		const { clock } = this.#kernel;
		const end = clock.now() + patience;
		this.#flush();
		const reachable = (): boolean => this.#transport.state === 'connected' && clock.now() < end;
		while (reachable() && [...this.#lines.values()].some(({ link }) => !link.idle))
			await new Promise<void>((resolve) => clock.after(5, resolve));
		for (const { link } of this.#lines.values()) link.report();
	}

	/** Ends all links, because this node leaves, or because it may not act any more. */
	close(reason: 'system-stopped' | 'fenced'): void {
		this.#closed = true;
		this.#unsubscribe();
		for (const { exchange } of this.#lines.values()) exchange.depart(reason);
		this.#lines.clear();
		this.#byRaw.clear();
	}

	#connect(node: string): Line {
		const subject = this.#acquaintance.subjectOf(node);
		const link: Link = new Link({
			clock: this.#kernel.clock,
			self: this.#self,
			peer: node,
			publish: (frame) => this.#publish(node, subject, frame),
			connected: () => this.#transport.state === 'connected',
			maxPayload: () => this.#transport.maxPayload,
			flushSoon: (dirty) => this.#flushSoon(dirty),
			stalled: () => this.#acquaintance.stalled(node),
			arrived: (parcel) => exchange.arrived(parcel),
			skipped: (types) => exchange.skipped(types),
			malformed: (why) => exchange.malformed(why),
			outOfOrder: (why) => void this.#kernel.ledger.frames[why]++,
		});
		const exchange: Exchange = new Exchange(this.#kernel, node, link, () => this.#acquaintance.suspects(node));
		const line = { link, exchange };
		this.#lines.set(node, line);
		this.#byRaw.set(rawOf(node), line);
		return line;
	}

	/**
	 * A frame that the transport refuses is lost like any other, and its link sends it again; what it says stays pending
	 * until then, or until the node is gone. Thrown on, it would keep the frames of all other links of this turn.
	 */
	#publish(node: string, subject: string, frame: Uint8Array): void {
		try {
			this.#transport.publish(subject, frame);
		} catch (error) {
			this.#kernel.warn(
				'FRAME_REFUSED',
				`a frame for node ${node} could not be sent, and will be tried again: ${messageOf(error)}`,
				{ node, error },
			);
		}
	}

	/** Once the promises that this turn has settled have been seen to; what they write goes along. */
	#flushSoon(link: Link): void {
		if (this.#dirty !== NOBODY) {
			this.#dirty.push(link);
			return;
		}
		this.#dirty = [link];
		if (this.#receiving) return;
		if (++this.#ticks < MOST_TICKS) process.nextTick(this.#flush);
		else setImmediate(this.#flushAfterIo);
	}

	/** On a memory bus, one tick leads to the next, and nothing else would ever have its turn. */
	readonly #flushAfterIo = (): void => {
		this.#ticks = 0;
		this.#flush();
	};

	readonly #flush = (): void => {
		const dirty = this.#dirty;
		this.#dirty = NOBODY;
		// Somebody who did not wait for the end of the turn has been faster.
		if (dirty === NOBODY) return;
		if (dirty.length === 1) (dirty[0] as Link).flush();
		else this.#flushTogether(dirty);
	};

	#flushTogether(dirty: readonly Link[]): void {
		this.#transport.together(() => {
			for (const link of dirty) link.flush();
		});
	}

	/** Noise stands in nobody's books, so it enters ours twice: sent by who knows whom, and dead. */
	#malformed(why: string): void {
		this.#kernel.ledger.sent++;
		this.#kernel.lose('malformed', 1, new TroupeError('ERR_MALFORMED', why));
	}
}
