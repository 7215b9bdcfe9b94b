/**
 * Actors that are spawned, messaged, watched from both nodes and stopped, again and again: whatever tables the runtime
 * keeps of actors, routes, refs and watches has to let go of them as fast as they come.
 */

import type { ActorRef, ActorSystem } from 'troupe';
import { GIFTS, type Host, Mayfly } from './mayfly.ts';
import type { Tally } from './tally.ts';
import type { Cycle } from './treadmill.ts';

/** Mayflies without ID that are born together. */
const SWARM = 250;

/** Actors that a link remembers, of each sort (docs/semantics.md, Bounds). Memory grows until there were as many. */
export const REMEMBERED = 65_536;

/** Where mayflies are born and whom they visit. */
export interface Habitat {
	readonly system: ActorSystem;
	readonly home: ActorRef<Host>;
	readonly abroad: ActorRef<Host>;
	readonly tally: Tally;
}

/** A swarm of mayflies that only their refs lead to. */
export function swarm(habitat: Habitat): Cycle {
	return async () => {
		await Promise.all(Array.from({ length: SWARM }, () => life(habitat)));
		habitat.tally.ended.withoutId += SWARM;
	};
}

/** A mayfly with an ID, by turns one that was never there and one that was there before. */
export function named(habitat: Habitat, lane: number): Cycle {
	const { system, tally } = habitat;
	let lives = 0;
	return async () => {
		const id = `${system.node.name}-${lane}-${lives % 2 === 0 ? lives : 'again'}`;
		lives++;
		await life(habitat, id);
		tally.ended.withId++;
	};
}

/** Everything a mayfly does. */
async function life({ system, home, abroad, tally }: Habitat, id?: string): Promise<void> {
	const count = tally.loads['churn of actors'];
	let gifted = (): void => {};
	const gifts = new Promise<void>((resolve) => (gifted = resolve));
	const mayfly = await system.spawn(Mayfly, { id, args: { count, gifted } });
	count.sent += GIFTS;
	await Promise.all([mayfly.ask.visit(abroad), home.ask.welcome(mayfly), gifts]);
	await mayfly.stop();
}
