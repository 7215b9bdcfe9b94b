/** Two nodes of Troupe in two processes, and refs by ID from this one to the other's sinks. */

import { type ActorRef, ActorSystem } from 'troupe';
import type { Driver, Figures } from '../workload.ts';
import { across, briefOf, type Setting, type Wish } from './crossing.ts';
import type { Far } from './far.ts';
import { Sink, sinkId } from './troupe-sink.ts';

/** What a driver of two nodes works with. */
export interface Stage {
	readonly servers: string;
	readonly system: ActorSystem;
	readonly far: Far;
	/** The far sinks, found and linked. */
	readonly sinks: readonly ActorRef<Sink>[];
	readonly sink: ActorRef<Sink>;
}

export const setting: Setting<ActorSystem> = {
	program: 'troupe-far',
	open: ({ name, servers }) => ActorSystem.start({ name, servers, node: 'near' }),
	close: (system) => system.stop(),
};

/** A driver whose far process is one node with as many sinks as `wish.count` says. */
export function onStage(wish: Wish, measure: (stage: Stage) => Promise<Figures>): Driver {
	return (surroundings) =>
		across(setting, briefOf(surroundings, { role: 'sinks', ...wish }), async ({ near, far, brief }) => {
			const sinks = Array.from({ length: brief.count }, (_, n) => near.ref(Sink, sinkId(n)));
			await Promise.all(sinks.map((sink) => sink.ask.answer('here?')));
			const figures = await measure({ ...surroundings, system: near, far, sinks, sink: sinks[0] as ActorRef<Sink> });
			noneLost(near);
			return figures;
		});
}

/** Throws if this node has buried any message. */
export function noneLost(system: ActorSystem): void {
	const { deadLetters } = system.stats();
	const reasons = Object.keys(deadLetters);
	if (reasons.length > 0) throw new Error(`dead letters: ${JSON.stringify(deadLetters)}`);
}
