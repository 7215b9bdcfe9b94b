/** Answers a problem in one system of nact; each cast stands under an actor of its own, whose end is that of all. */

import { type Ref, spawn, start, stop } from 'nact';
import type { Driver } from '../../workload.ts';
import { measure } from '../measure.ts';
import type { Problem } from '../problem.ts';
import { sceneOf } from '../scene.ts';

/** The parent of a cast. */
export type Stage = Ref<never>;

/** A driver of casts that are spawned on a stage. */
export function driverOf<Answer>(
	problem: Problem<Answer>,
	raise: (stage: Stage, settle: (answer: Answer) => void) => () => void,
): Driver {
	return async () => {
		const system = start();
		const figures = await measure(problem, () => {
			const stage: Stage = spawn(system, (state: undefined) => state);
			return sceneOf(
				(settle) => raise(stage, settle),
				() => stop(stage),
			);
		});
		stop(system);
		return figures;
	};
}
