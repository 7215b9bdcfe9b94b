/** Answers a problem in one local system, and sees to it that no message was lost on the way to the right answer. */

import { deepStrictEqual } from 'node:assert';
import { ActorSystem } from 'troupe';
import type { Driver } from '../../workload.ts';
import { measure } from '../measure.ts';
import type { Problem } from '../problem.ts';
import type { Scene } from '../scene.ts';

/** A driver that raises its scenes in a system of its own. */
export function driverOf<Answer>(
	problem: Problem<Answer>,
	raise: (system: ActorSystem) => Promise<Scene<Answer>>,
): Driver {
	return async () => {
		const system = await ActorSystem.start();
		const figures = await measure(problem, () => raise(system));
		deepStrictEqual(system.stats().deadLetters, {}, 'messages became dead letters');
		await system.stop();
		return figures;
	};
}
