/** Answers a problem with actors that are roots of their own, as `createActor` makes them. */

import type { Driver } from '../../workload.ts';
import { measure } from '../measure.ts';
import type { Problem } from '../problem.ts';
import { type Raise, sceneOf } from '../scene.ts';

/** A driver of XState's casts. They hold nothing that would have to be stopped. */
export function driverOf<Answer>(problem: Problem<Answer>, raise: Raise<Answer>): Driver {
	return () => measure(problem, () => sceneOf(raise));
}
