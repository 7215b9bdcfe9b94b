/** What most drivers begin and end with: a name, a far process, and something on this side to reach it with. */

import { randomUUID } from 'node:crypto';
import type { Surroundings } from '../workload.ts';
import { type Brief, Far } from './far.ts';
import { type PayloadName, payloads } from './payloads.ts';

/** Both sides of a driver. */
export interface Crossing<Near> {
	readonly near: Near;
	readonly far: Far;
	readonly brief: Brief;
}

/** How a contender is set up, on this side and on the other. */
export interface Setting<Near> {
	/** The program of the far process. */
	readonly program: string;
	readonly open: (brief: Brief) => Promise<Near>;
	readonly close: (near: Near) => Promise<unknown>;
}

/** Everything about a far process that has a default. */
export type Wish = Partial<Omit<Brief, 'servers' | 'name'>>;

/** A brief for one far process of a run. */
export function briefOf({ servers }: Surroundings, wish: Wish, name = runName()): Brief {
	const payload: PayloadName = wish.payload ?? 'reading';
	return { role: '', every: payloads[payload].perTurn, count: 1, ...wish, payload, servers, name };
}

/** No two drivers share a name, as they share a server. */
export function runName(): string {
	return `bench-${randomUUID().slice(0, 8)}`;
}

/** Sets up both sides, measures, and takes both down again. */
export async function across<Near, T>(
	setting: Setting<Near>,
	brief: Brief,
	measure: (crossing: Crossing<Near>) => Promise<T>,
): Promise<T> {
	const starting = Far.start(setting.program, brief);
	const opening = setting.open(brief);
	using far = await starting;
	const near = await opening;
	try {
		return await measure({ near, far, brief });
	} finally {
		// While the far side is there to say goodbye to.
		await setting.close(near);
	}
}
