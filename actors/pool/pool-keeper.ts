/**
 * The actor that keeps a pool in number: it spawns the workers, and another one for each that ends, on whatever node there
 * is for it. Workers here are its children, and end with it; so do those elsewhere, which it stops.
 */

import type { AnyRef } from '../../runtime/core/protocol.ts';
import { type ActorClass, QUIET } from '../../runtime/kernel/definition.ts';
import type { Ref } from '../../runtime/kernel/ref.ts';
import { clockOf, placementOf, residentOf } from '../../runtime/service-door.ts';
import type { Placement } from '../../runtime/spawn.ts';
import { DEFAULT_BACKOFF, delayOf } from '../../supervisor/backoff.ts';
import { Actor } from '../actor.ts';
import { GroupKeeper } from '../group/group-keeper.ts';
import { depthOf, type Members } from '../group/members.ts';

/** What a pool is kept by. It never travels. */
export interface PoolKeeperArgs {
	readonly actor: ActorClass;
	readonly min: number;
	readonly max: number;
	readonly on: Placement | undefined;
	readonly args: unknown;
	/** The group that its workers are in, and who is by now. */
	readonly group: string;
	readonly members: Members;
	readonly ended: () => void;
}

/** How often it is looked whether there are too many or too few, in ms. */
const LOOK_EVERY = 100;
/** More messages than that wait for each worker: another one. */
const BUSY = 2;
/** Who ends sooner than that, in ms, is replaced after a pause that grows. */
const SHORT = 1_000;
/** How long there has to have been nothing to do for the last one, in ms, before it is let go. */
const IDLE = 2_000;

/** The keeper of a pool. */
export class PoolKeeper extends Actor<PoolKeeperArgs> {
	static readonly kind = 'troupe.pool.keeper';
	static readonly [QUIET] = true;
	/** By worker, when it came. */
	readonly #workers = new Map<AnyRef, number>();
	#wanted = 0;
	#failures = 0;
	#idleSince: number | undefined;
	#stopping = false;

	protected override async onStart(): Promise<void> {
		const { min, max } = this.args;
		this.#wanted = min;
		await Promise.all(Array.from({ length: min }, () => this.#hire()));
		if (max > min) this.timers.every(LOOK_EVERY, () => this.#scale());
	}

	protected override async onStop(): Promise<void> {
		this.#stopping = true;
		const { ended } = this.args;
		ended();
		await Promise.allSettled([...this.#workers.keys()].map((ref) => ref.stop()));
	}

	protected override onTerminated(ref: AnyRef): void {
		const [worker, since] = [...this.#workers].find(([one]) => one.equals(ref)) ?? [];
		if (!worker || since === undefined) return;
		this.#workers.delete(worker);
		// Who ends as soon as he has begun will do so again.
		this.#failures = clockOf(this.system).now() - since < SHORT ? this.#failures + 1 : 0;
		if (!this.#stopping) this.#hireSoon();
	}

	async #hire(): Promise<void> {
		const { actor, on, args, group } = this.args;
		const options = (args === undefined ? {} : { args }) as never;
		const ref = (on === undefined
			? this.spawn(actor, options)
			: await this.system.spawn(actor, { ...(options as object), on: this.#least(on) } as never)) as unknown as AnyRef;
		this.#workers.set(ref, clockOf(this.system).now());
		this.watch(ref);
		// The keeper of groups where it lives: it knows how much waits there, and outlives this one's node.
		const keeper = await residentOf(this.system, GroupKeeper, nodeOf(ref) ?? this.system.node.id);
		if (on !== undefined) await keeper.ask.tend(ref, this.self);
		await keeper.ask.join(group, ref);
	}

	/** Of the nodes that `on` means, the one that has the fewest of them. */
	#least(on: Placement): Placement {
		const { kind } = this.args.actor;
		const counts = new Map<string, number>();
		for (const ref of this.#workers.keys()) {
			const node = nodeOf(ref) ?? this.system.node.id;
			counts.set(node, (counts.get(node) ?? 0) + 1);
		}
		const able = this.system.nodes().filter((node) => node.status === 'up' && node.kinds.includes(kind));
		const [least] = able
			.filter(placementOf(on))
			.toSorted((one, other) => (counts.get(one.id) ?? 0) - (counts.get(other.id) ?? 0));
		return least ? `node:${least.id}` : on;
	}

	/** A node may have to be found first, or to come back. */
	#hireSoon(): void {
		const clock = clockOf(this.system);
		const delay = this.#failures === 0 ? 0 : delayOf(DEFAULT_BACKOFF, this.#failures, clock.random());
		this.timers.once(delay, () => {
			if (this.#stopping || this.#workers.size >= this.#wanted) return;
			this.#hire().catch((error) => {
				this.#failures++;
				if (this.#failures === 1) this.log.warn('POOL_SHORT', { error });
				this.#hireSoon();
			});
		});
	}

	/** It gets no more messages, and then ends. */
	async #dismiss(ref: AnyRef): Promise<void> {
		this.unwatch(ref);
		this.#workers.delete(ref);
		const keeper = await residentOf(this.system, GroupKeeper, nodeOf(ref) ?? this.system.node.id);
		await keeper.ask.leave(this.args.group, ref);
		await ref.stop();
	}

	#scale(): void {
		const { min, max, members } = this.args;
		let waiting = 0;
		for (const member of members.all) waiting += depthOf(member);
		const now = clockOf(this.system).now();
		if (waiting > 0) this.#idleSince = undefined;
		else this.#idleSince ??= now;
		if (waiting > BUSY * members.length && this.#wanted < max && members.length === this.#wanted) {
			this.#wanted++;
			this.#hireSoon();
		} else if (this.#wanted > min && this.#idleSince !== undefined && now - this.#idleSince >= IDLE) {
			this.#wanted--;
			this.#idleSince = now;
			void this.#dismiss([...this.#workers.keys()].at(-1) as AnyRef).catch(() => {});
		}
	}
}

/** The node of an actor without an ID of its own, as refs have it. */
function nodeOf(ref: AnyRef): string | undefined {
	const target = (ref as unknown as Ref).target as { readonly node?: string };
	return typeof target.node === 'string' ? target.node : undefined;
}
