/**
 * The address of several actors as one: a message to it goes to one of its members, straight to the member's own address. So
 * a ref to it has the faces of the class, and costs no more than a choice.
 */

import { TroupeError } from '../../runtime/core/errors.ts';
import type { Envelope, ReplyTo } from '../../runtime/kernel/envelope.ts';
import type { Faces } from '../../runtime/kernel/faces.ts';
import type { Handler } from '../../runtime/kernel/handler.ts';
import type { Keeper, Kernel } from '../../runtime/kernel/kernel.ts';
import { Ref, type Target } from '../../runtime/kernel/ref.ts';
import { Mail } from '../../runtime/mailbox/mail.ts';
import type { Members, Route, Routee } from './members.ts';

/** Messages that wait for a first member. */
const MOST_WAITING = 65_536;

/** What becomes of a message when nobody is there. */
export type Empty = 'fail' | 'wait';

/** What a crowd is made of. */
export interface CrowdParts {
	readonly kernel: Kernel;
	readonly id: string;
	readonly kind: string;
	readonly members: Members;
	readonly route: Route;
	readonly empty: Empty;
	/** Whether all who should be here are known by now. */
	readonly known: () => boolean;
}

/** Members behind one address. */
export class Crowd implements Target, Keeper {
	readonly kernel: Kernel;
	readonly id: string;
	readonly kind: string;
	readonly #members: Members;
	/** Who is not simply the next in turn. */
	readonly #choose: ((handler: Handler, payload: unknown) => Routee) | undefined;
	readonly #empty: Empty;
	readonly #known: () => boolean;
	readonly #waiting = new Set<Envelope>();
	#stopWaiting: (() => void) | undefined;

	constructor({ kernel, id, kind, members, route, empty, known }: CrowdParts) {
		this.kernel = kernel;
		this.id = id;
		this.kind = kind;
		this.#members = members;
		this.#choose = chooser(members, route);
		this.#empty = empty;
		this.#known = known;
	}

	get path(): string {
		return `/${this.id}`;
	}

	/** Messages that wait for a member. */
	get pending(): number {
		return this.#waiting.size;
	}

	deliver(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void {
		const target = this.next(handler, payload);
		if (target === undefined) this.#withNobody(new Mail(handler, payload, sender, replyTo));
		else target.deliver(handler, payload, sender, replyTo);
	}

	/** The member that gets the next message; `undefined` when there is none. */
	next(handler: Handler, payload: unknown): Target | undefined {
		const members = this.#members;
		if (members.length === 0) return undefined;
		return (this.#choose === undefined ? members.next() : this.#choose(handler, payload)).target;
	}

	/** Members have come, or all are known: what waits goes on, or is refused. */
	look(): void {
		for (const { handler, payload, sender, replyTo } of this.#letGo()) this.deliver(handler, payload, sender, replyTo);
	}

	/** Nobody will come. */
	close(): void {
		for (const envelope of this.#letGo()) this.kernel.refuse(envelope, this, 'system-stopped');
	}

	/** It is an address of this node alone. */
	wire(): never {
		throw new TroupeError(
			'ERR_NOT_ENCODABLE',
			`'${this.id}' is a group or pool, whose handle does not travel: ask for it by its name there, or send a member's ref`,
		);
	}

	same(other: Target): boolean {
		return other === this;
	}

	#withNobody(envelope: Envelope): void {
		if (this.#empty === 'fail' && this.#known()) this.kernel.refuse(envelope, this, 'no-member');
		else if (this.#waiting.size >= MOST_WAITING) this.kernel.refuse(envelope, this, 'outbox-full');
		else this.#wait(envelope);
	}

	/** Who sent it may want it back. */
	#wait(envelope: Envelope): void {
		this.#waiting.add(envelope);
		const { replyTo } = envelope;
		if (replyTo)
			replyTo.withdraw = () => {
				if (this.#waiting.delete(envelope)) this.kernel.refuse(envelope, this, 'withdrawn');
			};
		if (this.#stopWaiting) return;
		this.kernel.keepers.add(this);
		this.#stopWaiting = this.#members.onChange(() => this.look());
	}

	#letGo(): readonly Envelope[] {
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const { replyTo } of waiting) if (replyTo) replyTo.withdraw = undefined;
		this.kernel.keepers.delete(this);
		this.#stopWaiting?.();
		this.#stopWaiting = undefined;
		return waiting;
	}
}

function chooser(members: Members, route: Route): ((handler: Handler, payload: unknown) => Routee) | undefined {
	if (route === 'round-robin') return undefined;
	if (route === 'random') return () => members.byChance();
	if (typeof route === 'object') {
		const keyOf = route.hash as (...args: unknown[]) => unknown;
		return (handler, payload) => members.of(String(keyOf(...handler.argumentsIn(payload))));
	}
	return () => members.idlest();
}

/** A ref to a crowd. A tell goes to the member as if it had been told itself: one hop less, of the few that it has. */
export class CrowdRef extends Ref {
	readonly #crowd: Crowd;

	constructor(crowd: Crowd, faces: Faces) {
		super(crowd, faces);
		this.#crowd = crowd;
	}

	override post(handler: Handler, payload: unknown): void {
		const crowd = this.#crowd;
		crowd.kernel.send(crowd.next(handler, payload) ?? crowd, handler, payload, undefined);
	}
}
