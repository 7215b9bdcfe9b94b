/** Answers a problem without anything to start or to stop: the garbage collector clears the cast away. */

import type { Driver } from '../../workload.ts';
import { measure } from '../measure.ts';
import type { Problem } from '../problem.ts';
import { type Raise, sceneOf } from '../scene.ts';

/** A driver of hand-written casts. */
export function driverOf<Answer>(problem: Problem<Answer>, raise: Raise<Answer>): Driver {
	return () => measure(problem, () => sceneOf(raise));
}
