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
import type { Lane } from './post.ts';
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
	/**
	 * For an ID whose messages it has returned, or for none. Calls `passed` once everything that was sent before has arrived and been
	 * returned, or the peer is gone; from then on it takes messages to the ID again.
	 */
	fence(id: string | undefined, passed: () => void): void;
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

const nothing = (): void => {};

const FIRST_RETRY = 50;
const LONGEST_RETRY = 1_000;
/** So often a node that is said to have an ID may say that it has not, over half a second, before that is believed. */
const ABSENCES = 5;
/** Longest time between looks for an actor that is about to be there, in ms. */
const SHORT_RETRY = 200;

/** The target of refs by ID. */
export class Route implements Target {
	readonly kernel: Kernel;
	readonly id: string;
	/** Where messages go that a durable mailbox keeps. */
	lane: Lane | undefined;
	#kind: string;
	#cell: Cell | undefined;
	#peer: Peer | undefined;
	#epoch = 0;
	/** The actor has a successor when its node is gone. */
	#failover = false;
	/** Messages that wait while the place is looked up; `undefined` when it is known or nobody has asked. */
	#held: Set<Envelope> | undefined;
	/** The epoch under which the actor was found and then was not there, and how often. */
	#absent: number | undefined;
	#absences = 0;
	#absentSince = 0;
	/** Messages that the last place has returned... */
	#returned: Envelope[] | undefined;
	/** ...and that place. */
	#returning: Peer | undefined;
	/** Whether the place is being looked up. */
	#looks = false;

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

	/** Messages that wait here; stops and watches stand in no books. */
	get pending(): number {
		const waiting = [...(this.#held ?? []), ...(this.#returned ?? [])];
		return waiting.filter(({ handler }) => !isControl(handler)).length;
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
		return other.id === this.id && other.kernel.realm === this.kernel.realm && other.wire().length === 2;
	}

	deliver(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void {
		const cell = this.#cell;
		if (cell !== undefined && cell.state !== STOPPED && this.#held === undefined)
			cell.deliver(handler, payload, sender, replyTo);
		else this.#find(new Mail(handler, payload, sender, replyTo));
	}

	/**
	 * The peer has no such actor and hands a message back, or says that it would if its sender had not given up. From then
	 * on it hands back all of ours to this ID, until the fence: so what is sent meanwhile overtakes nothing.
	 */
	takeBack(envelope: Envelope | undefined, peer: Peer): void {
		if (this.#returned !== undefined) {
			if (envelope) this.#returned.push(envelope);
			if (peer !== this.#returning) peer.fence(this.id, nothing);
		} else if (peer !== this.#peer) {
			peer.fence(this.id, nothing);
			if (envelope) this.#find(envelope);
		} else this.turnBack(peer, envelope);
	}

	/** The actor leaves the peer: what the peer hands back from now on goes ahead of what is sent from now on. */
	turnBack(peer: Peer, envelope?: Envelope): void {
		if (this.#returned !== undefined || peer !== this.#peer) return;
		this.#missed();
		this.#withhold(peer, envelope);
	}

	/** What is sent from now on waits until it is known what becomes of what was sent to the peer before. */
	#withhold(peer: Peer, envelope?: Envelope): void {
		this.#returned = envelope ? [envelope] : [];
		this.#returning = peer;
		this.#peer = undefined;
		this.#held ??= new Set();
		peer.fence(this.id, () => {
			this.#held = new Set([...(this.#returned ?? []), ...(this.#held ?? [])]);
			this.#returned = undefined;
			this.#returning = undefined;
			void this.#look();
		});
	}

	/** The actor was not where it was said to be. */
	#missed(): void {
		if (this.#absent === this.#epoch) this.#absences++;
		else {
			this.#absent = this.#epoch;
			this.#absences = 1;
			this.#absentSince = this.kernel.clock.now();
		}
	}

	/** Takes a message for a holder here that may turn out to be none: it waits until {@link Route.settled}. */
	keep(envelope: Envelope): void {
		if (this.#held !== undefined && this.#held.size >= MAILBOX_CAPACITY && !isControl(envelope.handler))
			return this.kernel.refuse(envelope, this, 'outbox-full');
		// What waits is copied, so that it is what was sent even if the sender changes it, and can be sent at all. A getter
		// may send something to this very ID.
		setArguments(envelope, this.kernel.codec.copy(argumentsOf(envelope)));
		this.#held ??= new Set();
		this.#held.add(envelope);
		const { replyTo } = envelope;
		if (replyTo) {
			replyTo.withdraw = () => {
				if (this.#held?.delete(envelope)) this.kernel.refuse(envelope, this, 'withdrawn');
			};
		}
	}

	/** The system has stopped: nobody looks any further. */
	close(): void {
		const waiting = [...(this.#returned ?? []), ...(this.#held ?? [])];
		this.#returned = undefined;
		this.#held = undefined;
		for (const envelope of waiting) this.kernel.refuse(envelope, this, 'system-stopped');
	}

	/** It is settled whether the holder here is one. */
	settled(): void {
		if (this.#held !== undefined && this.#returned === undefined && !this.#looks) void this.#look();
	}

	/** The actor leaves this node. */
	leave(): void {
		this.#cell = undefined;
	}

	#find(envelope: Envelope): void {
		if (this.lane !== undefined && !isControl(envelope.handler)) return this.lane.add(envelope);
		if (this.#held !== undefined) return this.#hold(envelope);
		const peer = this.#peer;
		if (peer !== undefined && !peer.gone) {
			if (!this.#failover || !peer.doubtful) return peer.deliver(envelope, this, this.id);
			// What the peer is given now is lost if it is gone; the successor can have it.
			this.#withhold(peer);
			return this.#hold(envelope);
		}
		const cell = this.kernel.registered(this.id);
		this.#remember(cell);
		if (cell) return cell.admit(envelope);
		if (!this.kernel.directory) return this.kernel.refuse(envelope, this, 'no-such-actor');
		this.#hold(envelope);
	}

	#hold(envelope: Envelope): void {
		const looking = this.#held !== undefined;
		this.keep(envelope);
		if (!looking && this.#held !== undefined) void this.#look();
	}

	async #look(): Promise<void> {
		const { kernel } = this;
		this.#looks = true;
		const end = kernel.clock.now() + this.#patience;
		let patient = false;
		for (let delay = FIRST_RETRY; ; delay = Math.min(delay * 2, LONGEST_RETRY)) {
			try {
				const place = await (kernel.registered(this.id) ? undefined : kernel.directory?.locate(this.id));
				const moving = this.#moving(place) && kernel.clock.now() < end;
				const soon = this.#mayAppear(place) && (place?.failover === true || this.#absences < ABSENCES - 1);
				if (!moving && (patient || !soon)) {
					this.#looks = false;
					return this.#found(place);
				}
				patient = !moving;
				delay = Math.min(moving ? delay : FIRST_RETRY * 2 ** this.#absences, SHORT_RETRY);
			} catch {
				// The registry is away. What waits stays, within bounds; asks have their own deadlines.
			}
			if (kernel.stopped) return this.close();
			await new Promise<void>((resolve) => kernel.clock.after(delay, resolve));
		}
	}

	/** Whether the actor has a successor that is not there yet, or its node may be gone. */
	#moving(place: Place | undefined): boolean {
		if (!place?.failover || this.kernel.registered(this.id)) return false;
		return place.peer === undefined || place.peer.doubtful;
	}

	/** Whether a place that has said that it has not got the actor is worth asking again: it may be about to learn. */
	#mayAppear(place: Place | undefined): boolean {
		if (place === undefined || place.epoch !== this.#absent) return false;
		if (place.failover) return this.kernel.clock.now() < this.#absentSince + this.#patience;
		return this.#absences < ABSENCES;
	}

	/** For how long a successor is waited for, in ms. */
	get #patience(): number {
		return this.kernel.directory?.patience ?? 0;
	}

	#found(place: Place | undefined): void {
		const { kernel } = this;
		const cell = kernel.registered(this.id);
		this.#remember(cell);
		if (cell) return this.#flush((envelope) => cell.admit(envelope));
		const absent = place?.epoch === this.#absent && !this.#mayAppear(place);
		if (!place || place.peer === undefined || absent) {
			// It is asked again for what is sent next, as it may have the ID by then: once, or for as long as a move may take.
			this.#absences = Math.min(this.#absences, ABSENCES - 1);
			if (place?.failover) this.#absent = undefined;
			const reason = place?.down ? 'node-down' : 'no-such-actor';
			return this.#flush((envelope) => kernel.refuse(envelope, this, reason));
		}
		const { peer } = place;
		this.#epoch = place.epoch;
		this.#failover = place.failover;
		this.#peer = peer;
		this.#flush((envelope) => peer.deliver(envelope, this, this.id));
	}

	/** With a lane, messages do not go to the actor by the shortest way. */
	#remember(cell: Cell | undefined): void {
		this.#cell = this.lane === undefined ? cell : undefined;
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
