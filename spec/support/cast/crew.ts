/** The actors that the spec directs the far side with. They are actors like any other, so this works on every stage. */

import type { TreeSpec } from '../../../index.ts';
import { Actor, type AnyRef, child, resume, type SpawnOptions, type Strategy, supervisor } from '../../../index.ts';
import { classOf } from '../cast.ts';
import { arrivedAt, journalOf, openAllGates, openGate } from '../props.ts';

/** How a spawn ended, as data: an error that is an answer, not a crash. */
export type Outcome = { readonly ref: AnyRef } | { readonly error: unknown };

/** A child spec as data: its class goes by its kind. */
export interface TreeData {
	readonly kind: string;
	readonly options: SpawnOptions & { readonly args?: unknown };
	readonly branch?: { readonly specs: readonly TreeData[]; readonly strategy: Strategy };
}

/** Spawns fixtures where it lives. */
export class Stagehand extends Actor {
	static readonly kind = 'stagehand';
	static readonly supervision = resume();

	bring(kind: string, options: object): Promise<Outcome> {
		return outcome(() => this.system.spawn(classOf(kind), options as never) as Promise<unknown>);
	}

	build(specs: readonly TreeData[], strategy: Strategy): Promise<Outcome> {
		return outcome(() => this.system.supervise(specs.map(specOf), strategy));
	}
}

/** Gates, journals and tallies of the process where it lives; never busy. */
export class Prompter extends Actor {
	static readonly kind = 'prompter';

	open(gate: string): void {
		openGate(gate);
	}

	openAll(): void {
		openAllGates();
	}

	arrived(gate: string): number {
		return arrivedAt(gate);
	}

	journal(name: string): readonly string[] {
		return journalOf(name);
	}
}

async function outcome(start: () => Promise<unknown>): Promise<Outcome> {
	try {
		return { ref: (await start()) as AnyRef };
	} catch (error) {
		return { error };
	}
}

function specOf({ kind, options, branch }: TreeData): TreeSpec {
	if (branch) return supervisor(branch.specs.map(specOf), branch.strategy, options);
	return child(classOf(kind), options as never);
}
