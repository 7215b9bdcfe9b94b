/** How a process is, when it rests: what is left after full collections, and what keeps it alive. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ActorSystem, Stats } from 'troupe';
import type { Tally } from './tally.ts';

/** One process at one time. Sizes in bytes. */
export interface Sample {
	/** `heapUsed`. */
	readonly heap: number;
	/** Memory outside of the heap that objects of the heap hold; array buffers are a part of it. */
	readonly external: number;
	readonly arrayBuffers: number;
	/** What the operating system has given to the process. */
	readonly rss: number;
	/** Active handles, requests and timers, by sort. */
	readonly handles: Readonly<Record<string, number>>;
	/** Living actors. */
	readonly actors: number;
	/** The runtime's books. */
	readonly books: Stats;
	/** The soak's own. */
	readonly tally: Tally;
}

/** One collection finds what is garbage, its finalizers let go of more, and the next one finds that. */
const COLLECTIONS = 4;

// The function belongs to the context that is made after the flag is set.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects, and looks. */
export async function sampleOf(system: ActorSystem, tally: Tally): Promise<Sample> {
	for (let n = 0; n < COLLECTIONS; n++) {
		collect();
		await nextTurn();
	}
	const { heapUsed: heap, external, arrayBuffers, rss } = process.memoryUsage();
	const handles: Record<string, number> = {};
	for (const sort of process.getActiveResourcesInfo()) handles[sort] = (handles[sort] ?? 0) + 1;
	const [actors, books] = [system.mailboxes().length, system.stats()];
	return { heap, external, arrayBuffers, rss, handles, actors, books, tally };
}

/** All handles of a sample. */
export function handlesOf({ handles }: Sample): number {
	return Object.values(handles).reduce((one, other) => one + other, 0);
}
