/**
 * Which actor is running, so that what it sends has a sender. A synchronous handler is known by a variable that costs
 * nothing; only native async functions, which go on after an `await`, run inside an async context.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cell } from './cell.ts';
import { type Handler, isAsync, type Method } from './handler.ts';

/** Properties of a constant are found sooner than variables of a module. */
const stage: { running: Cell | undefined; contexts: AsyncLocalStorage<Cell | undefined> | undefined } = {
	running: undefined,
	contexts: undefined,
};

/** The actor whose handler is on the stack, or was when the present async function began. */
export function currentCell(): Cell | undefined {
	return stage.running ?? resumed();
}

/** The one whose asynchronous handler goes on. Rare, and in a function of its own, so that the other is small. */
function resumed(): Cell | undefined {
	return stage.contexts?.getStore();
}

/** Makes `cell` the current one until {@link leave}; returns which one was. */
export function enter(cell: Cell): Cell | undefined {
	const before = stage.running;
	stage.running = cell;
	return before;
}

/** Makes the cell that {@link enter} returned the current one again. */
export function leave(before: Cell | undefined): void {
	stage.running = before;
}

/**
 * Calls an asynchronous handler so that the cell is the current one for what follows its awaits, too. Handlers run
 * {@link outside} of all contexts, so there is none to come back to.
 */
export function callAsync(cell: Cell, handler: Handler, payload: unknown): unknown {
	stage.contexts ??= new AsyncLocalStorage();
	stage.contexts.enterWith(cell);
	try {
		return handler.call(cell.instance as object, payload);
	} finally {
		stage.contexts.enterWith(undefined);
	}
}

/** Calls a hook, timer or behaviour. It never runs in an async context that some other actor has left behind. */
export function runHook(cell: Cell, hook: Method | undefined, args: readonly unknown[]): unknown {
	return hook === undefined ? undefined : run(cell, hook, args);
}

/** In a function of its own, because its closure would cost something for every hook that is not there, too. */
function run(cell: Cell, hook: Method, args: readonly unknown[]): unknown {
	const call = (): unknown => {
		const before = enter(cell);
		try {
			return hook.apply(cell.instance, args as never[]);
		} finally {
			leave(before);
		}
	};
	if (!isAsync(hook)) return outside(call);
	stage.contexts ??= new AsyncLocalStorage();
	return stage.contexts.run(cell, call);
}

/** Runs in no actor's async context, whoever's it was called in. (`exit` would switch the engine's hooks off and on.) */
export function outside<T>(run: () => T): T {
	return stage.contexts === undefined ? run() : stage.contexts.run(undefined, run);
}

let constructing: Cell | undefined;

/** Constructs the cell's instance; its base class finds the cell with {@link takeConstructing}. */
export function construct(cell: Cell): object {
	const before = stage.running;
	stage.running = cell;
	constructing = cell;
	try {
		return new cell.definition.actor();
	} finally {
		constructing = undefined;
		stage.running = before;
	}
}

/** The cell under construction, once: an instance made inside a constructor does not get its creator's cell. */
export function takeConstructing(): Cell | undefined {
	const cell = constructing;
	constructing = undefined;
	return cell;
}
