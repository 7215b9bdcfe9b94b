/**
 * The resident through which others have stages worked on here. A function does not travel: a node knows its own from the
 * pipelines that its program has declared, and works on no others.
 */

import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import { QUIET } from '../../runtime/kernel/definition.ts';
import { resume } from '../../supervisor/directive.ts';
import { Actor } from '../actor.ts';
import type { PipelineCrew } from './crew.ts';
import { declared } from './plan.ts';
import { PipelineWorker } from './worker.ts';

/** A worker, or why there is none. */
export type Hired = { readonly worker: AnyRef } | { readonly refused: string };

/** The host of a node's workers. */
export class PipelineHost extends Actor {
	static readonly kind = 'troupe.pipeline.host';
	static readonly supervision = resume();
	static readonly [QUIET] = true;

	/** A new worker for the stage of that number, if the pipeline here is what it is there. */
	hire(
		name: string,
		shape: string,
		stage: number,
		number: number,
		crew: ActorRef<PipelineCrew>,
		setsAside: boolean,
		far: boolean,
	): Hired {
		const node = this.system.node.name;
		const plan = declared(name);
		if (!plan)
			return {
				refused: `node ${node} has no pipeline '${name}': import the module that declares it in that node's program`,
			};
		const work = plan.works[stage];
		if (plan.shape !== shape || !work)
			return {
				refused: `node ${node} has another pipeline '${name}' than this one: run the same version of it on all nodes`,
			};
		return {
			worker: this.spawn(PipelineWorker, { args: { stage: work, crew, number, setsAside, far } }) as unknown as AnyRef,
		};
	}
}
