/** What may be said of an actor when it is spawned, and of a tree of them: for `system.spawn`, `this.spawn` and `system.supervise`. */

import { BadOption } from '../supervisor/bad-option.ts';
import type { ChildSpec, RestartType } from '../supervisor/child-spec.ts';
import type { Supervision } from '../supervisor/directive.ts';
import { oneForOne, type Strategy } from '../supervisor/strategy.ts';
import type { Placement } from './cluster/placement.ts';
import type { ActorInstance, ActorRef, ArgsOf } from './core/protocol.ts';
import { type ActorClass, definitionOf } from './kernel/definition.ts';
import { Supervisor } from './kernel/supervisor.ts';
import type { MailboxSpec } from './mailbox/mailbox-spec.ts';

export type { Placement } from './cluster/placement.ts';

/** How a spawned actor differs from its class. */
export interface SpawnOptions {
	/**
	 * Its address: any non-empty string of at most 512 bytes, unique in the cluster (for a child: among its siblings).
	 * Without one it gets a UUIDv7 and is reached only through the refs that its creator hands out.
	 */
	readonly id?: string | undefined;
	/** Overrides the class's mailbox. */
	readonly mailbox?: MailboxSpec | undefined;
	/** Overrides the class's supervision. */
	readonly supervision?: Supervision | undefined;
	/** When its parent starts it again. Default `'transient'`: after a crash. */
	readonly restart?: RestartType | undefined;
}

/** The options of `system.spawn`, which may be about other nodes. */
export interface PlacedSpawnOptions extends SpawnOptions {
	/**
	 * Where in the cluster: `'role:<role>'` or `'node:<name or ID>'`, on a node that has the class among its `hosts`. Of
	 * several, the ID decides. What crosses to another node is plain data: no `priority()`, and no function as supervision.
	 * Default: here.
	 */
	readonly on?: Placement | undefined;
	/**
	 * When its node dies or leaves, another that hosts the class and that `on` means spawns it again, with the same options
	 * and fresh state. Needs an `id`, and options that can travel. Default: false.
	 */
	readonly failover?: boolean | undefined;
}

/** The options of a spawn, required only when the class needs `args`. */
export type SpawnArguments<X, Options = SpawnOptions> = [X] extends [void | undefined]
	? [options?: Options & { readonly args?: undefined }]
	: Record<never, never> extends X
		? [options?: Options & { readonly args?: X }]
		: [options: Options & { readonly args: X }];

/** One child of `system.supervise`, as {@link child} makes it. */
export type TreeSpec = ChildSpec<ActorClass> & Omit<SpawnOptions, 'restart'>;

/** A supervisor: its children, and its end. */
export type SupervisorRef = ActorRef<{ children(): readonly ActorRef<never>[] }>;

/** A child for `system.supervise([...])`. Its restart type is `'permanent'` unless it says otherwise. */
export function child<A extends ActorInstance>(actor: ActorClass<A>, ...options: SpawnArguments<ArgsOf<A>>): TreeSpec {
	return { actor: actor as ActorClass, ...(options[0] as SpawnOptions) };
}

/** A supervisor as a child of another: a branch of the tree. */
export function supervisor(
	specs: readonly TreeSpec[],
	strategy: Strategy = oneForOne(),
	options: SpawnOptions = {},
): TreeSpec {
	return {
		...options,
		actor: Supervisor as unknown as ActorClass,
		args: { specs: checkSpecs(specs), strategy },
		strategy,
	} as TreeSpec;
}

function checkSpecs(specs: readonly TreeSpec[]): readonly TreeSpec[] {
	if (!Array.isArray(specs)) throw new BadOption('specs', specs, 'a list of child(Class, options)');
	for (const spec of specs) if (spec.actor !== (Supervisor as unknown)) definitionOf(spec.actor);
	return specs;
}
