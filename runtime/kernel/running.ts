/**
 * Which actor is running, so that what it sends has a sender. A synchronous handler is known by a variable that costs
 * nothing; only native async functions, which go on after an `await`, run inside an async context.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cell } from './cell.ts';
import type { Envelope } from './envelope.ts';
import { isAsync, type Method } from './handler.ts';

let running: Cell | undefined;
let contexts: AsyncLocalStorage<Cell | undefined> | undefined;

/** The actor whose handler is on the stack, or was when the present async function began. */
export function currentCell(): Cell | undefined {
	return running ?? contexts?.getStore();
}

/** Makes `cell` the current one until {@link leave}; returns which one was. */
export function enter(cell: Cell): Cell | undefined {
	const before = running;
	running = cell;
	return before;
}

/** Makes the cell that {@link enter} returned the current one again. */
export function leave(before: Cell | undefined): void {
	running = before;
}

/** Calls an asynchronous handler so that the cell is the current one for what follows its awaits, too. */
export function callAsync(cell: Cell, envelope: Envelope, method: Method): unknown {
	return inContext(cell, () => envelope.call(method, cell.instance as object));
}

function inContext(cell: Cell, run: () => unknown): unknown {
	contexts ??= new AsyncLocalStorage();
	return contexts.run(cell, run);
}

/** Calls a hook, timer or behaviour. It never runs in an async context that some other actor has left behind. */
export function runHook(cell: Cell, hook: Method | undefined, args: readonly unknown[]): unknown {
	if (hook === undefined) return undefined;
	const run = (): unknown => {
		const before = enter(cell);
		try {
			return hook.apply(cell.instance, args as never[]);
		} finally {
			leave(before);
		}
	};
	return isAsync(hook) ? inContext(cell, run) : outside(run);
}

/** Runs in no actor's async context, whoever's it was called in. (`exit` would switch the engine's hooks off and on.) */
export function outside<T>(run: () => T): T {
	return contexts === undefined ? run() : contexts.run(undefined, run);
}

let constructing: Cell | undefined;

/** Constructs the cell's instance; its base class finds the cell with {@link takeConstructing}. */
export function construct(cell: Cell): object {
	const before = running;
	running = cell;
	constructing = cell;
	try {
		return new cell.definition.actor();
	} finally {
		constructing = undefined;
		running = before;
	}
}

/** The cell under construction, once: an instance made inside a constructor does not get its creator's cell. */
export function takeConstructing(): Cell | undefined {
	const cell = constructing;
	constructing = undefined;
	return cell;
}
