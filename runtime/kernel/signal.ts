/** Signals: what the runtime has to say to an actor between two messages. A timer, a termination, a child that failed. */

import type { Cell } from './cell.ts';
import { BUSY } from './cell-state.ts';
import { settled } from './ending.ts';
import { crashed } from './supervising.ts';
import { promiseOf } from './thenable.ts';

/** Meant for one instance, and gone with it. */
export type Signal = (instance: object) => unknown;

/** Carries it out; the cell waits for one that takes its time, as for a message. */
export function obey(cell: Cell, signal: Signal): void {
	const instance = cell.instance as object;
	let promise: Promise<unknown> | undefined;
	try {
		promise = promiseOf(signal(instance));
	} catch (error) {
		crashed(cell, error);
		return;
	}
	if (!promise) {
		if (cell.state === BUSY) settled(cell);
		return;
	}
	cell.state = BUSY;
	const mine = (): boolean => cell.state === BUSY && cell.instance === instance;
	promise.then(
		() => mine() && settled(cell),
		(error) => mine() && crashed(cell, error),
	);
}
