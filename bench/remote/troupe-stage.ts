/** Two nodes of Troupe in two processes, and refs by ID from this one to the other's sinks. */

import { type ActorRef, ActorSystem } from 'troupe';
import type { Driver, Figures } from '../workload.ts';
import { across, briefOf, type Crossing, type Setting, type Wish } from './crossing.ts';
import { Sink, sinkId } from './troupe-sink.ts';

/** What a driver of two nodes works with. */
export interface Stage {
	readonly crossing: Crossing<ActorSystem>;
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
		across(setting, briefOf(surroundings, { role: 'sinks', ...wish }), async (crossing) => {
			const { near, brief } = crossing;
			const sinks = Array.from({ length: brief.count }, (_, n) => near.ref(Sink, sinkId(n)));
			await Promise.all(sinks.map((sink) => sink.ask.answer('here?')));
			const figures = await measure({ crossing, sinks, sink: sinks[0] as ActorRef<Sink> });
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
