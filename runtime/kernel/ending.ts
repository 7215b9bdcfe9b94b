/**
 * How a life comes to rest and ends. A cell that is not READY handles nothing, so it is first brought to rest (`HELD`);
 * then its instance leaves, with all that is the instance's; and if it does not come back, the books are closed.
 */

import { TroupeError } from '../core/errors.ts';
import type { Cell } from './cell.ts';
import { BUSY, HELD, READY, STARTING, STOPPED, STOPPING } from './cell-state.ts';
import type { Termination } from './control.ts';
import type { Envelope } from './envelope.ts';
import { runHook } from './running.ts';
import { promiseOf } from './thenable.ts';

/** Between looks at what a retiring actor still holds, in ms. */
const LOOK_AGAIN = 5;

interface Hooks {
	onStop?(): unknown;
}

/** The cell's asynchronous section has ended well: it goes on, unless somebody is waiting for it to rest. */
export function settled(cell: Cell): void {
	if (cell.state >= STOPPING) return;
	cell.state = READY;
	if (!rested(cell)) cell.wake();
}

export function rested(cell: Cell): boolean {
	const waiting = cell.backstage?.onQuiet?.splice(0);
	if (!waiting?.length) return false;
	cell.state = HELD;
	for (const resume of waiting) resume();
	return true;
}

/** Brings the cell to rest; the promise, when there is one, resolves once no handler or hook of it runs. */
export function rest(cell: Cell): Promise<void> | undefined {
	if (cell.state === READY && cell.inTurn) cell.state = BUSY;
	if (cell.state === BUSY || cell.state === STARTING) {
		const backstage = cell.kernel.backstageOf(cell);
		backstage.onQuiet ??= [];
		const { onQuiet } = backstage;
		return new Promise((resolve) => onQuiet.push(resolve));
	}
	if (cell.state === READY) cell.state = HELD;
	return undefined;
}

/**
 * The instance goes, with all that is its own: signal, timers, watches, children, behaviour; its stash goes back. The
 * promise, when there is one, is that of its children and its onStop.
 */
export function leave(cell: Cell): Promise<void> | undefined {
	const { backstage, instance } = cell;
	// Before onStop is awaited: a stop that comes meanwhile must not run it again.
	cell.instance = undefined;
	cell.behavior = undefined;
	cell.dropSignals();
	if (!backstage) return farewell(cell, instance);
	backstage.abort?.abort(stopping(cell));
	backstage.abort = undefined;
	backstage.timers?.close();
	backstage.timers = undefined;
	for (const watch of backstage.watching?.values() ?? []) watch.cancel();
	backstage.watching = undefined;
	cell.unstash();
	return backstage.children?.size ? leaveChildren(cell, instance, backstage.children) : farewell(cell, instance);
}

/** The signal of an instance. It is aborted for good once the instance is to go, whenever it is asked for. */
export function signalOf(cell: Cell, instance: object): AbortSignal {
	if (cell.over(instance)) return AbortSignal.abort(stopping(cell));
	const backstage = cell.kernel.backstageOf(cell);
	if (backstage.abort === undefined) {
		backstage.abort = new AbortController();
		if (backstage.stopped) backstage.abort.abort(stopping(cell));
	}
	return backstage.abort.signal;
}

function stopping(cell: Cell): TroupeError {
	return new TroupeError('ERR_STOPPED', `${cell.id} is restarting or stopping`, { actor: cell.id });
}

async function leaveChildren(
	cell: Cell,
	instance: Hooks | undefined,
	children: ReadonlyMap<string, Cell>,
): Promise<void> {
	for (const child of [...children.values()].reverse()) await shutDown(child);
	await farewell(cell, instance);
}

function farewell(cell: Cell, instance: Hooks | undefined): Promise<void> | undefined {
	try {
		const leaving = promiseOf(runHook(cell, instance?.onStop?.bind(instance), []));
		return leaving && farewellOf(cell, leaving);
	} catch (error) {
		onStopFailed(cell, error);
		return undefined;
	}
}

async function farewellOf(cell: Cell, leaving: Promise<unknown>): Promise<void> {
	try {
		await leaving;
	} catch (error) {
		onStopFailed(cell, error);
	}
}

function onStopFailed(cell: Cell, error: unknown): void {
	cell.kernel.warn('ON_STOP_FAILED', `onStop of ${cell.id} failed; what it did not release stays`, {
		actor: cell.id,
		error,
	});
}

/** Stops an actor by order of its supervisor or the system: no restart type brings it back. */
export function shutDown(cell: Cell): Promise<void> {
	return stopFor(cell, { reason: 'stopped' });
}

/**
 * Stops an actor that another goes on for. It handles what it holds for as long as `patience` ms; the rest, if there is
 * one, goes to `handOn`. Nothing may come in any more by its ID.
 */
export async function retire(cell: Cell, patience: number, handOn: (envelope: Envelope) => void): Promise<void> {
	const { clock, stopGrace, post } = cell.kernel;
	post?.pause(cell);
	const end = clock.now() + patience;
	while (cell.pending > 0 && cell.state < STOPPING && clock.now() < end)
		await new Promise<void>((resolve) => clock.after(LOOK_AGAIN, resolve));
	const resting = rest(cell);
	if (resting) await within(stopGrace, resting, cell, 'finish its message');
	if (cell.state < STOPPING) {
		cell.unstash();
		cell.empty(handOn);
	}
	await shutDown(cell);
}

/** Ends an actor that may not act any more, at once: nothing it holds is handled. */
export async function expel(cell: Cell): Promise<void> {
	// A handler on the stack closes the books on its message itself, when it returns; the turn goes no further. One that
	// is asynchronous is given up at once, so nobody waits for the rest itself.
	if (cell.inTurn && rest(cell)) await undefined;
	cell.state = STOPPING;
	cell.drain('fenced');
	await stopFor(cell, { reason: 'node-down' });
}

export function stopFor(cell: Cell, why: Termination): Promise<void> {
	if (cell.state === STOPPED) return Promise.resolve();
	const backstage = cell.kernel.backstageOf(cell);
	backstage.stopped ??= stop(cell, why);
	return backstage.stopped;
}

async function stop(cell: Cell, why: Termination): Promise<void> {
	const { kernel } = cell;
	const backstage = kernel.backstageOf(cell);
	backstage.abort?.abort(stopping(cell));
	backstage.hurry?.();
	const resting = rest(cell);
	if (resting) await within(kernel.stopGrace, resting, cell, 'finish its message');
	// It never started: its ID was another's.
	if (cell.state === STOPPED) return;
	cell.state = STOPPING;
	const leaving = leave(cell);
	if (leaving) await within(kernel.stopGrace, leaving, cell, 'run its onStop');
	const released = end(cell, why);
	if (released) await released;
}

/** Waits for `step`, but not longer than the grace: a stuck actor must not keep a node from stopping. */
export async function within(grace: number, step: Promise<void>, cell: Cell, what: string): Promise<void> {
	await new Promise<void>((resolve) => {
		const cancel = cell.kernel.clock.after(grace, () => {
			cell.kernel.warn('STOP_GRACE_OVER', `${cell.id} did not ${what} within the grace and was stopped without it`, {
				actor: cell.id,
			});
			resolve();
		});
		step.then(() => {
			cancel();
			resolve();
		});
	});
}

/** The last of it: books closed, watchers told, parent informed. The promise, when there is one, is that its ID is free again. */
export function end(cell: Cell, why: Termination): Promise<void> | undefined {
	const { kernel, parent, backstage } = cell;
	if (cell.state === STOPPED) return undefined;
	cell.state = STOPPED;
	cell.drain('stopped');
	cell.bury();
	const about = kernel.events.heard('actorStopped') && !cell.definition.quiet ? kernel.about(cell) : undefined;
	const released = kernel.forget(cell);
	for (const watcher of backstage?.watchers ?? []) watcher.replied(why);
	backstage?.neverStarted?.(
		new TroupeError('ERR_STOPPED', `'${cell.id}' was stopped before it started`, { actor: cell.id }),
	);
	if (backstage) backstage.watchers = undefined;
	parent?.backstage?.children?.delete(cell.id);
	const reason = why.reason === 'no-such-actor' ? 'stopped' : why.reason;
	if (about) kernel.events.emit('actorStopped', { ...about, reason, ...('error' in why ? { error: why.error } : {}) });
	return released;
}
