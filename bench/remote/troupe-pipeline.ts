/** Three stages in three processes: the source here, what is made of its elements there, the sink elsewhere. */

import { ActorSystem, type Pipeline, pipeline } from 'troupe';
import type { Driver } from '../workload.ts';
import { briefOf } from './crossing.ts';
import { Far } from './far.ts';
import { each, flood } from './flood.ts';
import { payloads, type Value } from './payloads.ts';
import { Sink, sinkId } from './troupe-sink.ts';

/** Elements of a run. */
const ELEMENTS = 100_000;

/** The pipeline; the far nodes declare it, too. */
export function readings(count: number): Pipeline {
	const { make } = payloads.reading;
	return pipeline('bench.readings')
		.from(function* () {
			for (let n = 0; n < count; n++) yield make(n);
		})
		.map((value: Value) => value, { on: 'role:map', workers: 1 })
		.to(() => {}, { on: 'role:sink' });
}

/** Elements a second, from the second run on, and tells to the node of the sink. */
export const flow: Driver = async (surroundings) => {
	const brief = briefOf(surroundings, { role: 'stages' });
	const opening = ActorSystem.start({ name: brief.name, servers: brief.servers });
	const [map, sink] = await Promise.all([0, 1].map((count) => Far.start('troupe-far', { ...brief, count })));
	const near = await opening;
	try {
		const ref = near.ref(Sink, sinkId(1));
		await ref.ask.answer('here?');
		const { make } = payloads.reading;
		const { rate: tell } = await flood(
			sink as Far,
			payloads.reading,
			each((n) => ref.tell.take(make(n))),
		);
		await readings(ELEMENTS).run(near);
		const begun = performance.now();
		const run = readings(2 * ELEMENTS).run(near);
		await run;
		const seconds = (performance.now() - begun) / 1_000;
		const taken = run.stats().map(({ in: count }) => count);
		if (taken.some((count) => count !== 2 * ELEMENTS)) throw new Error(`stages have taken ${taken}`);
		return { rate: (2 * ELEMENTS) / seconds, tell };
	} finally {
		await near.stop();
		for (const far of [map, sink]) far?.[Symbol.dispose]();
	}
};
