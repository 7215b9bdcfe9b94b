/** The resident that knows who has joined a group on its node, tells the others, and notices when a member ends. */

import type { AnyRef } from '../../runtime/core/protocol.ts';
import { Gossip } from '../gossip.ts';
import { groupsOf } from './groups.ts';
import type { Routee } from './members.ts';

/** Who is in which group. */
export interface Membership {
	readonly group: string;
	readonly ref: AnyRef;
}

/** How often the others are told how much waits at members, in ms; as often as nodes say that they are there. */
const DEPTHS_EVERY = 1_000;

/** The keeper of the groups of a node. */
export class GroupKeeper extends Gossip<Membership> {
	static readonly kind = 'troupe.group.keeper';
	/** Members of its own, as they are called. */
	readonly #routees = new Map<string, Routee>();
	readonly #told = new Map<string, number>();
	/** Actors of this node, and those that they are to end with. */
	readonly #tended = new Map<AnyRef, AnyRef>();

	protected override onStart(): void {
		super.onStart();
		this.timers.every(DEPTHS_EVERY, () => this.#tellDepths());
	}

	/** The actor is a member from now on, until it leaves or ends. */
	join(group: string, ref: AnyRef): void {
		this.put(keyOf(group, ref), { group, ref });
		this.watch(ref);
	}

	/** It is not any more; nothing happens if it was none. */
	leave(group: string, ref: AnyRef): void {
		this.drop(keyOf(group, ref));
		this.#told.delete(keyOf(group, ref));
		if (![...this.own.values()].some((other) => other.ref.equals(ref))) this.unwatch(ref);
	}

	/** The actor ends when its owner does, wherever that is. */
	tend(ref: AnyRef, owner: AnyRef): void {
		this.#tended.set(ref, owner);
		this.watch(owner);
		this.watch(ref);
	}

	/** How much waits at members that have joined on another node. */
	depths(depths: readonly (readonly [string, AnyRef, number])[]): void {
		for (const [group, ref, depth] of depths) {
			const member = groupsOf(this.system).members(group).find(ref);
			if (member) member.told = member.depth = depth;
		}
	}

	protected override learned(node: string, key: string, { group, ref }: Membership): void {
		const routee = groupsOf(this.system).members(group).add({ ref, node });
		if (node === this.system.node.id) this.#routees.set(key, routee);
	}

	protected override forgot(node: string, key: string, { group, ref }: Membership): void {
		if (node === this.system.node.id) this.#routees.delete(key);
		groupsOf(this.system).remove(group, ref, node);
	}

	protected override complete(): void {
		groupsOf(this.system).known();
	}

	protected override onTerminated(ref: AnyRef): void {
		for (const [tended, owner] of [...this.#tended]) {
			if (!tended.equals(ref) && !owner.equals(ref)) continue;
			this.#tended.delete(tended);
			if (owner.equals(ref)) void tended.stop().catch(() => {});
		}
		for (const [key, member] of [...this.own]) {
			if (!member.ref.equals(ref)) continue;
			this.drop(key);
			this.#told.delete(key);
		}
	}

	/** Only what has changed: members that do nothing cost nothing. */
	#tellDepths(): void {
		groupsOf(this.system).refresh();
		if (this.own.size === 0 || this.peers.size === 0) return;
		const news: (readonly [string, AnyRef, number])[] = [];
		for (const [key, { group, ref }] of this.own) {
			const depth = this.#routees.get(key)?.cell?.pending ?? 0;
			if (depth === (this.#told.get(key) ?? 0)) continue;
			this.#told.set(key, depth);
			news.push([group, ref, depth]);
		}
		if (news.length === 0) return;
		for (const peer of this.peers.values())
			(peer as unknown as { tell: Pick<GroupKeeper, 'depths'> }).tell.depths(news);
	}
}

function keyOf(group: string, ref: AnyRef): string {
	return JSON.stringify([group, ref.path, ref.id]);
}
