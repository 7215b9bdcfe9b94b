/** How a life begins: construction, then the hooks, in a cell whose mailbox is open already. */

import { messageOf, TroupeError } from '../core/errors.ts';
import type { Cell } from './cell.ts';
import { STARTING, STOPPED, STOPPING } from './cell-state.ts';
import { end, leave, rested, settled } from './ending.ts';
import { construct, runHook } from './running.ts';
import { promiseOf } from './thenable.ts';

interface Hooks {
	onStart?(): unknown;
	onRestart?(error: unknown): unknown;
}

/**
 * Constructs the instance and runs its hooks. The constructor runs before this returns, and what it throws is thrown;
 * the promise, when there is one, is that of an asynchronous hook.
 */
export function enter(cell: Cell, crash?: { readonly error: unknown }): Promise<unknown> | undefined {
	cell.state = STARTING;
	const instance: Hooks & object = construct(cell);
	cell.instance = instance;
	return crash ? again(cell, instance, crash.error) : begin(cell, instance);
}

function again(cell: Cell, instance: Hooks, error: unknown): Promise<unknown> | undefined {
	const restarted = promiseOf(runHook(cell, instance.onRestart, [error]));
	return restarted ? restarted.then(() => begin(cell, instance)) : begin(cell, instance);
}

function begin(cell: Cell, { onStart }: Hooks): Promise<unknown> | undefined {
	return promiseOf(runHook(cell, onStart, []));
}

/**
 * Starts a new cell; the promise, when there is one, is that of an asynchronous hook or of a failure. When the
 * constructor or a hook fails, it rejects with `ERR_START_FAILED`, and by then the actor has ended and its ID is free.
 */
export function start(cell: Cell): Promise<void> | undefined {
	try {
		const hooks = enter(cell);
		if (hooks) return startWhen(hooks, cell);
	} catch (error) {
		return failed(cell, error);
	}
	entered(cell);
	return undefined;
}

/** In a function of its own, so that a start without asynchronous hooks makes no closures. */
async function startWhen(hooks: Promise<unknown>, cell: Cell): Promise<void> {
	const backstage = cell.kernel.backstageOf(cell);
	const ended = new Promise<never>((_, reject) => {
		backstage.neverStarted = reject;
	});
	try {
		await Promise.race([hooks, ended]);
	} catch (error) {
		// A hook that takes longer than the grace may never end, and what has stopped does not start.
		if (cell.state === STOPPED) throw error;
		return failed(cell, error);
	}
	backstage.neverStarted = undefined;
	entered(cell);
}

async function failed(cell: Cell, error: unknown): Promise<never> {
	await abandon(cell, error);
	throw startFailed(cell, error);
}

/** What never started is not asked to stop (OTP does not call terminate after a failed init); its children are. */
export async function abandon(cell: Cell, error: unknown): Promise<void> {
	rested(cell);
	cell.state = STOPPING;
	cell.instance = undefined;
	await leave(cell);
	await end(cell, { reason: 'crashed', error });
}

export function startFailed(cell: Cell, error: unknown): TroupeError {
	return new TroupeError('ERR_START_FAILED', `${cell.id} (${cell.kind}) did not start: ${messageOf(error)}`, {
		cause: error,
		actor: cell.id,
	});
}

export function entered(cell: Cell): void {
	const { kernel } = cell;
	if (kernel.events.heard('actorStarted') && !cell.definition.quiet)
		kernel.events.emit('actorStarted', kernel.about(cell));
	settled(cell);
	if (cell.policies.mailbox.durable) kernel.post?.attend(cell);
}
