/** A pipeline that is described to its end: it can be run, again and again, and described in words. */

import type { ActorSystem } from '../system.ts';
import { describe } from './describe.ts';
import { type Declared, declare, type Plan } from './plan.ts';
import { PipelineRun, type RunOptions } from './run.ts';

/** A complete pipeline. */
export class Pipeline {
	/** Its name, by which other nodes know it. */
	readonly name: string;
	readonly #plan: Plan;
	readonly #declared: Declared;

	/** Called by `to`, `broadcast` and `balance`. */
	constructor(name: string, plan: Plan) {
		this.name = name;
		this.#plan = plan;
		// A branch is part of what will be declared under the same name.
		this.#declared = declare(name, plan);
	}

	/**
	 * Runs it; source, sink and stages without a place of their own work on this node. Awaited, the run resolves when all
	 * elements are in the sink, and rejects when it fails.
	 */
	run(system: ActorSystem, options: RunOptions = {}): PipelineRun {
		return new PipelineRun(system, this.name, this.#plan, this.#declared, options);
	}

	/** Its stages as text, a line each, and as a Mermaid flowchart; or only one of the two. */
	describe(form?: 'text' | 'mermaid'): string {
		return describe(this.name, this.#plan, form);
	}

	/** For the flows that it is a branch of. */
	static planOf(pipeline: Pipeline): Plan {
		return pipeline.#plan;
	}
}
