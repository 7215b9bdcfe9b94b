/**
 * Which actor is running, so that what it sends has a sender. A synchronous handler is known by a variable that costs
 * nothing; only native async functions, which go on after an `await`, run inside an async context.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cell } from './cell.ts';

let running: Cell | undefined;
let contexts: AsyncLocalStorage<Cell | undefined> | undefined;

/** The actor whose handler is on the stack, or was when the present async function began. */
export function currentCell(): Cell | undefined {
	return running ?? contexts?.getStore();
}

/** Calls `method` as the cell's instance, with the cell as the current one while it is on the stack. */
export function runAs(cell: Cell, method: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
	const before = running;
	running = cell;
	try {
		return method.apply(cell.instance, args as never[]);
	} finally {
		running = before;
	}
}

/** Like {@link runAs}, and for what follows its awaits too. */
export function runAsync(cell: Cell, method: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
	contexts ??= new AsyncLocalStorage();
	return contexts.run(cell, runAs, cell, method, args);
}

/** Calls a hook, timer or behaviour. It never runs in an async context that some other actor has left behind. */
export function runHook(
	cell: Cell,
	hook: ((...args: never[]) => unknown) | undefined,
	args: readonly unknown[],
): unknown {
	if (hook === undefined) return undefined;
	return hook.constructor.name === 'AsyncFunction'
		? runAsync(cell, hook, args)
		: outside(() => runAs(cell, hook, args));
}

/** Runs in no actor's async context, whoever's it was called in. */
export function outside<T>(run: () => T): T {
	return contexts === undefined ? run() : contexts.exit(run);
}

let constructing: Cell | undefined;

/** Constructs the cell's instance; its base class finds the cell with {@link takeConstructing}. */
export function construct<T>(cell: Cell, make: () => T): T {
	const before = running;
	running = cell;
	constructing = cell;
	try {
		return make();
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
