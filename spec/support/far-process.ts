/**
 * The other process of the third stage: one node at a time, started and stopped on order. It is never left behind: it
 * ends when its channel to the spec closes, however that came about.
 */

import type { ActorSystem, Stats } from '../../index.ts';
import { bringCrew, type Note, type SideOptions, startSide } from './far-side.ts';

/** What the spec wants of it. */
export type Order =
	| { readonly number: number; readonly order: 'open'; readonly options: SideOptions }
	| { readonly number: number; readonly order: 'stats' | 'close' };

/** What it says: answers, and notes of its own accord. */
export type Report =
	| { readonly number: number; readonly node?: string; readonly stats?: Stats; readonly failed?: string }
	| { readonly note: Note };

let system: ActorSystem | undefined;

function report(what: Report): void {
	process.send?.(what, () => {});
}

async function obey(order: Order): Promise<Omit<Extract<Report, { number: number }>, 'number'>> {
	if (order.order === 'open') {
		system = await startSide(order.options, undefined, (note) => report({ note }));
		await bringCrew(system);
		return { node: system.node.id };
	}
	if (order.order === 'stats') return system ? { stats: system.stats() } : { failed: 'no system' };
	await system?.stop();
	const stats = system?.stats();
	system = undefined;
	return stats ? { stats } : {};
}

process.on('message', (order: Order) => {
	obey(order).then(
		(answer) => report({ number: order.number, ...answer }),
		(error) => report({ number: order.number, failed: String(error?.stack ?? error) }),
	);
});
process.on('disconnect', () => process.exit(0));
