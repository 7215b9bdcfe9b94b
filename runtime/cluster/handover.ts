/**
 * How a node that takes leave gives its actors with failover to others, so that nothing sent to them is lost:
 *
 * | step | what is sent to the ID |
 * |---|---|
 * | their IDs are looked for elsewhere from now on | comes back to its senders, who hold it and look again |
 * | all members are told, and say when nothing is on its way here any more | waits at its senders |
 * | each actor finishes what it holds, and stops; its ID waits for a successor | waits at its senders |
 * | the first choice among those who may have it is asked to go on with it | goes to the successor |
 * | senders on this node have sent what waited here | |
 */

import type { NodeInfo } from '../core/node-info.ts';
import type { Cell } from '../kernel/cell.ts';
import { retire } from '../kernel/ending.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { adoptAt, movedFrom } from './host.ts';

/** How long a leaving node waits for others, in ms, when its actors have stopped. */
const LAST_CALLS = 2_000;
/** Between looks whether all has been seen to, in ms. */
const LOOK_AGAIN = 5;

/** What is to be handed over. */
export interface Handover {
	readonly kernel: Kernel;
	/** Actors, and the nodes that may go on with them, the first choice first. */
	readonly actors: readonly (readonly [Cell, readonly NodeInfo[]])[];
	/** The other members. */
	readonly others: readonly NodeInfo[];
	/** How long an actor may take to finish what it holds, in ms. */
	readonly patience: number;
}

/** Hands the actors over. Never rejects: who is not taken by anybody now is when this node has left. */
export async function handOver({ kernel, actors, others, patience }: Handover): Promise<void> {
	const { clock } = kernel;
	const moves = actors.map(([cell, successors]) => ({ cell, successors, route: kernel.vacate(cell) }));
	const ids = moves.map(({ cell }) => cell.id);
	let told = others.length === 0;
	void Promise.allSettled(others.map(({ id }) => movedFrom(kernel, id, ids))).then(() => {
		told = true;
	});
	await Promise.all(
		moves.map(async ({ cell, successors, route }) => {
			await retire(cell, patience, (envelope) => kernel.forward(envelope, route));
			await offer(kernel, cell.id, successors);
		}),
	);
	const end = clock.now() + LAST_CALLS;
	while ((!told || moves.some(({ route }) => route.pending > 0)) && clock.now() < end)
		await new Promise<void>((resolve) => clock.after(LOOK_AGAIN, resolve));
}

/** Asks one after the other, until one goes on with it. */
async function offer(kernel: Kernel, id: string, successors: readonly NodeInfo[]): Promise<void> {
	for (const { id: node } of successors) if (await adoptAt(kernel, node, id).catch(() => false)) return;
}
