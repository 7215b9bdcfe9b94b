/**
 * The way to an ID, shared by all refs to it on this node. It remembers where the actor was last found, holds messages
 * while it looks, and looks again when told "not here". Whatever happens, messages leave it in the order they came:
 * after a move, what the old node returns goes ahead of what was sent since.
 */

import { pathOf } from '../core/address.ts';
import { MAILBOX_CAPACITY } from '../core/config.ts';
import { Mail } from '../mailbox/mail.ts';
import type { Cell } from './cell.ts';
import { STOPPED } from './cell-state.ts';
import { isControl } from './control.ts';
import { argumentsOf, type Envelope, type ReplyTo, setArguments } from './envelope.ts';
import type { Handler } from './handler.ts';
import type { Kernel } from './kernel.ts';
import type { Ref, Target } from './ref.ts';

/** Another node, as far as sending to it goes. */
export interface Peer {
	readonly node: string;
	/** It has left or was declared dead: nothing can be sent to it any more. */
	readonly gone: boolean;
	/** It may be gone; nobody knows yet. */
	readonly doubtful: boolean;
	/** Sends to the holder of an ID there, or to one of its actors by number. */
	deliver(envelope: Envelope, target: Target, to: string | number): void;
	/** Calls `passed` once everything that was sent before has arrived and been taken or returned, or the peer is gone. */
	fence(passed: () => void): void;
}

/** Where the holder of an ID is; `peer` is `undefined` when it is this node. */
export interface Place {
	readonly epoch: number;
	readonly peer: Peer | undefined;
	/** The record's node has been declared dead. */
	readonly down: boolean;
	/** The actor will have a successor when it is gone. */
	readonly failover: boolean;
}

/** The cluster, as the kernel sees it. */
export interface Directory {
	/** How long messages wait for the successor of an actor with failover, in ms. */
	readonly patience: number;
	/** Looks an ID up; a hint. Rejects with `ERR_CLAIM_UNAVAILABLE` when the registry cannot be reached. */
	locate(id: string): Promise<Place | undefined>;
	/** The link to a node; `undefined` once it has been declared dead or has left. */
	peer(node: string): Peer | undefined;
	/** Gives the cell's ID back. Never rejects. */
	release(cell: Cell): Promise<void>;
}

const FIRST_RETRY = 50;
const LONGEST_RETRY = 1_000;
/** Longest time between looks for a successor, in ms. */
const SUCCESSOR_RETRY = 200;

/** The target of refs by ID. */
export class Route implements Target {
	readonly kernel: Kernel;
	readonly id: string;
	#kind: string;
	#cell: Cell | undefined;
	#peer: Peer | undefined;
	#epoch = 0;
	/** The actor has a successor when its node is gone. */
	#failover = false;
	/** Messages that wait while the place is looked up; `undefined` when it is known or nobody has asked. */
	#held: Set<Envelope> | undefined;
	/** Messages that the last place has returned. */
	#returned: Envelope[] | undefined;

	constructor(kernel: Kernel, id: string, kind: string) {
		this.kernel = kernel;
		this.id = id;
		this.#kind = kind;
	}

	/** Empty while no ref has told it. */
	get kind(): string {
		return this.#kind;
	}

	/** Learns the kind from a ref that knows it, if none has before. */
	named(kind: string): this {
		this.#kind ||= kind;
		return this;
	}

	get path(): string {
		return this.kernel.registered(this.id)?.path ?? pathOf(this.id);
	}

	get pending(): number {
		return (this.#held?.size ?? 0) + (this.#returned?.length ?? 0);
	}

	/** Whether messages wait here for the place to be found. */
	get looking(): boolean {
		return this.#held !== undefined;
	}

	/** Whether the actor was last found on another node than this. */
	elsewhere(node: string): boolean {
		return this.#peer !== undefined && this.#peer.node !== node;
	}

	wire(): unknown[] {
		return [this.id, this.kind];
	}

	same(other: Target): boolean {
		return other.id === this.id && other.wire().length === 2;
	}

	deliver(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void {
		const cell = this.#cell;
		if (cell !== undefined && cell.state !== STOPPED && this.#held === undefined)
			cell.deliver(handler, payload, sender, replyTo);
		else this.#find(new Mail(handler, payload, sender, replyTo));
	}

	/** The peer has no such actor and hands the message back. */
	takeBack(envelope: Envelope, peer: Peer): void {
		if (this.#returned === undefined && peer !== this.#peer) return this.#find(envelope);
		if (this.#returned) this.#returned.push(envelope);
		else this.turnBack(peer, envelope);
	}

	/** The actor leaves the peer: what the peer hands back from now on goes ahead of what is sent from now on. */
	turnBack(peer: Peer, ...returned: Envelope[]): void {
		if (this.#returned || peer !== this.#peer) return;
		this.#returned = returned;
		this.#peer = undefined;
		this.#held ??= new Set();
		peer.fence(() => {
			this.#held = new Set([...(this.#returned ?? []), ...(this.#held ?? [])]);
			this.#returned = undefined;
			void this.#look();
		});
	}

	/** The actor leaves this node. */
	leave(): void {
		this.#cell = undefined;
	}

	#find(envelope: Envelope): void {
		if (this.#held !== undefined) return this.#hold(envelope);
		const peer = this.#peer;
		if (peer !== undefined && !peer.gone) {
			if (!this.#failover || !peer.doubtful) return peer.deliver(envelope, this, this.id);
			// What the peer is given now is lost if it is gone; the successor can have it.
			this.#peer = undefined;
			this.#epoch = 0;
		}
		this.#cell = this.kernel.registered(this.id);
		if (this.#cell) return this.#cell.admit(envelope);
		if (!this.kernel.directory) return this.kernel.refuse(envelope, this, 'no-such-actor');
		this.#hold(envelope);
	}

	/** What waits is copied, so that it is what was sent even if the sender changes it, and can be sent at all. */
	#hold(envelope: Envelope): void {
		if (this.#held !== undefined && this.#held.size >= MAILBOX_CAPACITY && !isControl(envelope.handler))
			return this.kernel.refuse(envelope, this, 'outbox-full');
		// A getter may send something to this very ID, which is then looked for already.
		setArguments(envelope, this.kernel.codec.copy(argumentsOf(envelope)));
		const looking = this.#held !== undefined;
		this.#held ??= new Set();
		this.#held.add(envelope);
		const { replyTo } = envelope;
		if (replyTo) {
			replyTo.withdraw = () => {
				if (this.#held?.delete(envelope)) this.kernel.refuse(envelope, this, 'withdrawn');
			};
		}
		if (!looking) void this.#look();
	}

	async #look(): Promise<void> {
		const { kernel } = this;
		const end = kernel.clock.now() + (kernel.directory?.patience ?? 0);
		for (let delay = FIRST_RETRY; ; delay = Math.min(delay * 2, LONGEST_RETRY)) {
			try {
				const place = await (kernel.registered(this.id) ? undefined : kernel.directory?.locate(this.id));
				if (!this.#moving(place) || kernel.clock.now() >= end) return this.#found(place);
				delay = Math.min(delay, SUCCESSOR_RETRY);
			} catch {
				// The registry is away. What waits stays, within bounds; asks have their own deadlines.
			}
			if (kernel.stopped) return this.#flush((envelope) => kernel.refuse(envelope, this, 'system-stopped'));
			await new Promise<void>((resolve) => kernel.clock.after(delay, resolve));
		}
	}

	/** Whether the actor is on its way from one node to another, or its node may be gone. */
	#moving(place: Place | undefined): boolean {
		if (!place?.failover || this.kernel.registered(this.id)) return false;
		return place.peer === undefined || place.peer.doubtful || place.epoch === this.#epoch;
	}

	#found(place: Place | undefined): void {
		const { kernel } = this;
		const cell = kernel.registered(this.id);
		this.#cell = cell;
		if (cell) return this.#flush((envelope) => cell.admit(envelope));
		if (!place || place.peer === undefined || place.epoch === this.#epoch) {
			const reason = place?.down ? 'node-down' : 'no-such-actor';
			return this.#flush((envelope) => kernel.refuse(envelope, this, reason));
		}
		const { peer } = place;
		this.#epoch = place.epoch;
		this.#failover = place.failover;
		this.#peer = peer;
		this.#flush((envelope) => peer.deliver(envelope, this, this.id));
	}

	#flush(each: (envelope: Envelope) => void): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const envelope of held) {
			if (envelope.replyTo) envelope.replyTo.withdraw = undefined;
			each(envelope);
		}
	}
}
