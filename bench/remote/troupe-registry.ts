/** What an ID costs: to claim it, and to find who has it. */

import { ActorSystem } from 'troupe';
import type { Driver } from '../workload.ts';
import { ALL_TIMES, rateAbreast } from './abreast.ts';
import { across, briefOf, runName } from './crossing.ts';
import { payloads } from './payloads.ts';
import { Sink, sinkId } from './troupe-sink.ts';
import { setting } from './troupe-stage.ts';

/** Spawns of actors with IDs, on one node. */
export const claims: Driver = async ({ servers }) => {
	await using system = await ActorSystem.start({ name: runName(), servers });
	const args = { take() {}, count() {} };
	return await rateAbreast((n) => system.spawn(Sink, { id: sinkId(n), args }));
};

/** The first ask of each of many IDs: found in the registry, and answered. */
export const lookups: Driver = (surroundings) =>
	across(setting, briefOf(surroundings, { role: 'sinks', count: ALL_TIMES }), ({ near }) =>
		rateAbreast(async (n) => {
			const answer = await near.ref(Sink, sinkId(n)).ask.answer(payloads.reading.make(n));
			if (answer !== n) throw new Error(`${sinkId(n)} answered ${answer}`);
		}),
	);
