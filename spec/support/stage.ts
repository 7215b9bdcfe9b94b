/** What a test of the behavioural spec can do with the stage it plays on; see `stages.ts` for the three there are. */

import type {
	ActorClass,
	ActorInstance,
	ActorRef,
	ActorSystem,
	ArgsOf,
	PlacedSpawnOptions,
	SpawnArguments,
	Stats,
	Strategy,
	SupervisorRef,
	TreeSpec,
} from '../../index.ts';
import type { Note, SideOptions } from './far-side.ts';

/** How the systems of a suite differ from the default. All data, so that it reaches another process. */
export interface StageOptions extends Omit<SideOptions, 'name' | 'servers'> {
	/** Time stands still on the first two stages, and passes by {@link Stage.until} alone. */
	readonly clock?: 'virtual';
	/** The spec is about two nodes: leave out the stage that has one. */
	readonly apart?: boolean;
}

/** Where a test plays. */
export interface Stage {
	readonly name: string;
	/** The caller's system. */
	readonly near: ActorSystem;
	/** The ID of the node where {@link Stage.spawn} spawns. */
	readonly farNode: string;
	/** Spawns on the far side; the ref is the near side's. It is stopped after the test. */
	spawn<A extends ActorInstance>(
		actor: ActorClass<A>,
		...options: SpawnArguments<ArgsOf<A>, PlacedSpawnOptions>
	): Promise<ActorRef<A>>;
	/** Spawns on the near side. It is stopped after the test. */
	spawnNear<A extends ActorInstance>(actor: ActorClass<A>, ...options: SpawnArguments<ArgsOf<A>>): Promise<ActorRef<A>>;
	/** `system.supervise` on the far side. */
	supervise(specs: readonly TreeSpec[], strategy?: Strategy): Promise<SupervisorRef>;
	/** An ID that no other test has. */
	id(about?: string): string;
	/** Opens a gate of the far side's `props.ts`. */
	open(gate: string): Promise<void>;
	/** Resolves when so many have come to a gate of the far side. */
	arrived(gate: string, count?: number): Promise<void>;
	/** The lines that fixtures of the far side wrote under that name. */
	journal(name: string): Promise<readonly string[]>;
	/** What both sides have told in this test, in the order in which it became known here. */
	readonly notes: readonly Note[];
	/** The first note in this test that has all these fields; waits for it. */
	noted(expected: Partial<Note>): Promise<Note>;
	/** Waits until the condition holds; the only way in which time passes under a virtual clock. */
	until(condition: () => boolean | Promise<boolean>, within?: number): Promise<void>;
	/** The books of both sides, added up. */
	books(): Promise<Stats>;
	/** The near node takes leave, or stops where there is only one. The last test of a suite. */
	stopNear(): Promise<void>;
	/** The far node takes leave. Apart only; nothing can be spawned afterwards. */
	stopFar(): Promise<void>;
	/** The far node dies: by kill -9 where it is a process, otherwise cut off from everything. Apart only. */
	killFar(): Promise<void>;
}
