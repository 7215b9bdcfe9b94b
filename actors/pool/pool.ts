/** A pool as its users see it: workers of one class that are kept in number, and called as one. */

import type { ActorInstance, ActorRef } from '../../runtime/core/protocol.ts';
import type { ActorClass } from '../../runtime/kernel/definition.ts';
import { placementOf } from '../../runtime/service-door.ts';
import type { Placement } from '../../runtime/spawn.ts';
import type { ActorSystem } from '../../runtime/system.ts';
import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';
import { Group, type GroupOptions } from '../group/group.ts';
import { groupsOf } from '../group/groups.ts';
import type { Members } from '../group/members.ts';
import { PoolKeeper } from './pool-keeper.ts';

/** How a pool is made. */
export interface PoolOptions<Args = unknown> extends GroupOptions {
	/** How many workers. Default: as many as the machine has processors. */
	readonly size?: number | undefined;
	/** As many as there is work for, within these bounds. */
	readonly elastic?: { readonly min?: number; readonly max: number } | undefined;
	/** Where they live: nodes that host the class. Default: here. */
	readonly on?: Placement | undefined;
	/** What each is spawned with. */
	readonly args?: Args | undefined;
	/** In the workers' IDs, and in figures. Default: the class's kind. */
	readonly name?: string | undefined;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof PoolOptions>([
	'size',
	'elastic',
	'on',
	'args',
	'name',
	'route',
	'empty',
]);
/** Pools of this process, for their names. */
let pools = 0;
/** Workers of a pool, at most. */
const MOST = 4_096;

/** A pool. What is sent to it goes to one worker; by default to the one with the least to do. */
export class Pool<A extends ActorInstance> extends Group<A> {
	readonly #keeper: ActorRef<PoolKeeper>;

	/** Called by the system. */
	constructor(
		system: ActorSystem,
		actor: ActorClass<A>,
		name: string,
		members: Members,
		keeper: ActorRef<PoolKeeper>,
		options: GroupOptions,
	) {
		super(system, actor, name, members, () => false, { route: 'least-loaded', empty: 'wait', ...options });
		this.#keeper = keeper;
	}

	/** How many workers there are. */
	get size(): number {
		return this.membersOf.length;
	}

	/** Stops all workers, each behind the message that it handles; what waits in their mailboxes are dead letters. */
	async stop(): Promise<void> {
		await this.#keeper.stop();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}
}

/** Makes a pool; resolves when its first workers have started. */
export async function poolIn<A extends ActorInstance>(
	system: ActorSystem,
	actor: ActorClass<A>,
	options: PoolOptions,
): Promise<Pool<A>> {
	for (const key of Object.keys(optionGroup(options, 'options')))
		if (!OPTIONS.has(key))
			throw new BadOption(key, options[key as keyof PoolOptions], `one of ${[...OPTIONS].join(', ')}`);
	const { size, elastic, on, args, name = actor.kind, route, empty } = options;
	if (size !== undefined && elastic !== undefined)
		throw new BadOption('elastic', elastic, "no option 'size' beside it");
	placementOf(on);
	const bounds = await boundsOf(size, elastic);
	const groups = groupsOf(system);
	const group = `pool/${system.node.id}/${++pools}`;
	const members = groups.hold(group);
	const keeper = await system.spawn(PoolKeeper, {
		args: { actor: actor as ActorClass, ...bounds, on, args, group, members, ended: () => groups.forget(group) },
	});
	const calls = { ...(route !== undefined && { route }), ...(empty !== undefined && { empty }) };
	return new Pool<A>(system, actor, name, members, keeper, calls);
}

async function boundsOf(
	size: number | undefined,
	elastic: PoolOptions['elastic'],
): Promise<{ min: number; max: number }> {
	if (elastic === undefined) {
		const { availableParallelism } = await import('node:os');
		const number = wholeNumber(size ?? availableParallelism(), 'size', 1, MOST);
		return { min: number, max: number };
	}
	const min = wholeNumber(elastic.min ?? 1, 'elastic.min', 1, MOST);
	return { min, max: wholeNumber(elastic.max, 'elastic.max', min, MOST) };
}
