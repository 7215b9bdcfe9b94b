/** What a pipeline is, before it runs: its stages, as data and functions; and the pipelines that this program has declared. */

import type { Placement } from '../../runtime/spawn.ts';
import type { Shape } from './shapes/shape.ts';
import type { Source } from './source.ts';
import type { Operation } from './work.ts';

/** Which worker of a stage gets an element: whichever has room (`shuffle`), one for each key, all of them, or the only one. */
export type Grouping =
	| { readonly kind: 'shuffle' | 'all' | 'global' }
	| { readonly kind: 'fields'; readonly key: (element: unknown) => unknown };

/** Work on single elements, by the run itself or by workers. */
export interface WorkStage {
	readonly type: 'work';
	readonly name: string;
	readonly operations: readonly Operation[];
	/** How many workers, at least and at most. */
	readonly workers: { readonly min: number; readonly max: number };
	/** Whether somebody has asked for workers, or a place. */
	readonly apart: boolean;
	readonly on: Placement | undefined;
	readonly grouping: Grouping | undefined;
	/** Whether what comes out is in the order of what went in. */
	readonly ordered: boolean;
}

/** A change of the flow, by the run itself. */
export interface ShapeStage {
	readonly type: 'shape';
	readonly name: string;
	readonly make: Shape;
	/** Other flows that come in here. */
	readonly others: readonly Plan[];
}

/** A place where the flow parts. Nothing follows it. */
export interface ForkStage {
	readonly type: 'fork';
	readonly name: string;
	readonly mode: 'broadcast' | 'balance';
	readonly branches: readonly Plan[];
}

export type Stage = WorkStage | ShapeStage | ForkStage;

/** A source and what follows it. A branch has no source of its own. */
export interface Plan {
	readonly source: Source<unknown> | undefined;
	readonly stages: readonly Stage[];
}

/** A pipeline as a node knows it. */
export interface Declared {
	/** All stages of work, in the order of their description: their numbers between nodes. */
	readonly works: readonly WorkStage[];
	/** What has to be the same on nodes that share its work. */
	readonly shape: string;
}

const pipelines = new Map<string, Declared>();

/** From now on, a pipeline of that name is that one in this process. */
export function declare(name: string, plan: Plan): Declared {
	const works = worksIn(plan);
	const shape = shapeOf(plan);
	const declaration = { works, shape };
	pipelines.set(name, declaration);
	return declaration;
}

/** The pipeline of that name, if this process has declared one. Anything may come from the wire. */
export function declared(name: unknown): Declared | undefined {
	return pipelines.get(name as string);
}

function worksIn({ stages }: Plan): WorkStage[] {
	return stages.flatMap((stage) => {
		if (stage.type === 'work') return [stage];
		return (stage.type === 'shape' ? stage.others : stage.branches).flatMap(worksIn);
	});
}

function shapeOf({ stages }: Plan): string {
	const parts = stages.map((stage) => {
		if (stage.type === 'work') return stage.operations.map(({ kind }) => kind).join('+');
		const inner = stage.type === 'shape' ? stage.others : stage.branches;
		return `${stage.name.replace(/-\d+$/, '')}(${inner.map(shapeOf).join('|')})`;
	});
	return parts.join('>');
}
