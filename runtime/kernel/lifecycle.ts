/**
 * The edges of a life: start, crash, restart, stop. What is decided comes from `supervisor/`; this file carries it out.
 *
 * A cell that is not READY handles nothing, so each step first brings it to rest (`HELD`), then acts, then lets it go
 * on or ends it. Its mailbox and its ID stay; everything else belongs to the instance and goes with it.
 */

import { comesBack, restartsWithSiblings } from '../../supervisor/child-spec.ts';
import { judge } from '../../supervisor/decide.ts';
import { type Directive, decide, restart as defaultRestart } from '../../supervisor/directive.ts';
import { Intensity } from '../../supervisor/intensity.ts';
import { affected } from '../../supervisor/strategy.ts';
import { TroupeError } from '../core/errors.ts';
import type { Cell } from './cell.ts';
import { BUSY, HELD, READY, STARTING, STOPPED, STOPPING } from './cell-state.ts';
import type { Termination } from './control.ts';
import type { Envelope } from './envelope.ts';
import { construct, currentCell, runHook } from './running.ts';

interface Hooks {
	onStart?(): unknown;
	onStop?(): unknown;
	onRestart?(error: unknown): unknown;
}

// ---------------------------------------------------------------------------------------------------------- starting

/**
 * Constructs the instance and runs its hooks. The constructor runs before this returns, and what it throws is thrown;
 * the promise, when there is one, is that of an asynchronous hook.
 */
function enter(cell: Cell, crash?: { readonly error: unknown }): Promise<void> | undefined {
	cell.state = STARTING;
	const instance = construct(cell, () => new cell.definition.actor()) as Hooks & object;
	cell.instance = instance;
	const hooks = [
		...(crash ? [() => runHook(cell, instance.onRestart, [crash.error])] : []),
		() => runHook(cell, instance.onStart, []),
	];
	for (const [index, hook] of hooks.entries()) {
		const result = hook();
		if (result instanceof Promise) {
			return result.then(async () => {
				for (const rest of hooks.slice(index + 1)) await rest();
			});
		}
	}
	return undefined;
}

/**
 * Starts a new cell. When its constructor or hooks fail, the promise rejects with `ERR_START_FAILED`, and by then the
 * actor has ended and its ID is free.
 */
export async function start(cell: Cell): Promise<void> {
	try {
		await enter(cell);
	} catch (error) {
		await abandon(cell, error);
		throw startFailed(cell, error);
	}
	entered(cell);
}

/** What never started is not asked to stop (OTP does not call terminate after a failed init); its children are. */
async function abandon(cell: Cell, error: unknown): Promise<void> {
	rested(cell);
	cell.state = STOPPING;
	cell.instance = undefined;
	await leave(cell);
	await end(cell, { reason: 'crashed', error });
}

function startFailed(cell: Cell, error: unknown): TroupeError {
	const what = error instanceof Error ? error.message : String(error);
	return new TroupeError('ERR_START_FAILED', `${cell.id} (${cell.kind}) did not start: ${what}`, {
		cause: error,
		actor: cell.id,
	});
}

function entered(cell: Cell): void {
	const { kernel } = cell;
	if (kernel.events.heard('actorStarted')) kernel.events.emit('actorStarted', kernel.about(cell));
	settled(cell);
}

/** A child whose onStart fails later has nobody waiting for it: it is a crash like any other. */
export function startChild(cell: Cell): void {
	cell.state = STARTING;
	let entering: Promise<void> | undefined;
	try {
		entering = enter(cell);
	} catch (error) {
		void abandon(cell, error);
		throw startFailed(cell, error);
	}
	if (entering) {
		entering.then(
			() => entered(cell),
			(error) => crashedAtStart(cell, error),
		);
	} else entered(cell);
}

// ----------------------------------------------------------------------------------------------------------- resting

/** The cell's asynchronous section has ended well: it goes on, unless somebody is waiting for it to rest. */
export function settled(cell: Cell): void {
	if (cell.state >= STOPPING) return;
	cell.state = READY;
	if (!rested(cell)) cell.wake();
}

function rested(cell: Cell): boolean {
	const waiting = cell.backstage?.onQuiet?.splice(0);
	if (!waiting?.length) return false;
	cell.state = HELD;
	for (const resume of waiting) resume();
	return true;
}

/** Brings the cell to rest; the promise, when there is one, resolves once no handler or hook of it runs. */
function rest(cell: Cell): Promise<void> | undefined {
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

// ---------------------------------------------------------------------------------------------------------- crashing

/**
 * The cell has crashed, on `envelope` or in a hook, timer or child. The asker is told at once; the message is a dead
 * letter unless it will be tried again; what waits in the mailbox stays.
 */
export function crashed(cell: Cell, error: unknown, envelope?: Envelope): void {
	if (cell.state >= STOPPING || cell.backstage?.stopped) {
		if (envelope) fail(cell, envelope, error);
		if (cell.state < STOPPING) settled(cell);
		return;
	}
	cell.state = HELD;
	// Somebody is about to restart or stop it anyway, and that settles this crash too.
	if (rested(cell)) {
		if (envelope) fail(cell, envelope, error);
		return;
	}
	cell.kernel.log.warn('ACTOR_CRASHED', { actor: cell.id, kind: cell.kind, message: envelope?.handler.name, error });
	const directive = decide(cell.spec.supervision, error);
	if (directive.kind === 'escalate' && 'fault' in directive)
		cell.kernel.warn('SUPERVISION_FAILED', `the supervision of ${cell.id} gave no directive; its parent decides`, {
			actor: cell.id,
			error: directive.fault,
		});
	apply(cell, directive, error, envelope);
}

function apply(cell: Cell, directive: Directive, error: unknown, envelope?: Envelope): void {
	const { kernel } = cell;
	const backstage = kernel.backstageOf(cell);
	const retried = envelope && backstage.retry?.envelope === envelope ? backstage.retry.count : 0;
	backstage.restarts ??= new Intensity();
	const verdict = judge({
		directive,
		type: cell.spec.restartType,
		restarts: backstage.restarts,
		now: kernel.clock.now(),
		random: kernel.clock.random(),
		retried,
	});
	backstage.retry = undefined;
	if (verdict.action === 'restart' && verdict.retry && envelope) {
		backstage.retry = { envelope, count: retried + 1 };
		cell.queue.unshift(envelope);
	} else if (envelope) fail(cell, envelope, error);
	switch (verdict.action) {
		case 'resume':
			settled(cell);
			return;
		case 'stop':
			void stopFor(cell, { reason: 'crashed', error });
			return;
		case 'escalate':
			escalate(cell, error, verdict.because);
			return;
		case 'restart':
			if (withinLimitOfChildren(cell)) void restart(cell, error, verdict.delay);
			else escalate(cell, error, 'intensity');
	}
}

function fail(cell: Cell, envelope: Envelope, error: unknown): void {
	cell.kernel.refuse(envelope, cell, 'crashed', error);
}

/** A strategy may have a limit of its own, over all children together (OTP's intensity of a supervisor). */
function withinLimitOfChildren(cell: Cell): boolean {
	const { parent } = cell.spec;
	const { maxRestarts, within } = parent?.spec.strategy ?? {};
	if (!parent || maxRestarts === undefined || within === undefined) return true;
	const backstage = cell.kernel.backstageOf(parent);
	backstage.childRestarts ??= new Intensity();
	return backstage.childRestarts.record(cell.kernel.clock.now(), { maxRestarts, within });
}

/** The failure becomes the parent's. Without a parent it is the end of the actor, and somebody should know. */
function escalate(cell: Cell, error: unknown, because: 'directive' | 'intensity'): void {
	const { parent } = cell.spec;
	if (!parent || parent.state >= STOPPING) {
		const why =
			because === 'intensity' ? 'it crashed more often than its supervision allows' : 'its supervision escalated';
		cell.kernel.warn('ACTOR_GIVEN_UP', `${cell.id} was stopped: ${why}, and it has no parent to decide`, {
			actor: cell.id,
			error,
		});
		void stopFor(cell, { reason: 'crashed', error });
		return;
	}
	parent.signal(() => {
		// A parent that resumes has decided to go on without the child.
		void stopFor(cell, { reason: 'crashed', error });
		throw error;
	});
}

// --------------------------------------------------------------------------------------------------------- restarting

/** Restarts the cell and those whose fate its parent's strategy joins to it, last started first, then in order again. */
async function restart(leader: Cell, error: unknown, delay: number): Promise<void> {
	const { kernel, spec } = leader;
	const token = {};
	const siblings = spec.parent ? [...(spec.parent.backstage?.children?.values() ?? [])] : [leader];
	const group = spec.parent ? affected(spec.parent.spec.strategy, siblings, leader) : siblings;
	for (const cell of group) kernel.backstageOf(cell).restart = token;
	for (const cell of [...group].reverse()) {
		await rest(cell);
		if (cell.state !== HELD) continue;
		if (cell !== leader && !restartsWithSiblings(cell.spec.restartType)) await stopFor(cell, { reason: 'stopped' });
		else await leave(cell);
	}
	if (leader.state === HELD) await pause(leader, delay);
	for (const cell of group) {
		if (cell.state !== HELD || cell.backstage?.restart !== token) continue;
		await reenter(cell, error);
	}
}

function crashedAtStart(cell: Cell, error: unknown): void {
	cell.instance = undefined;
	crashed(cell, startFailed(cell, error));
}

async function reenter(cell: Cell, error: unknown): Promise<void> {
	const { kernel } = cell;
	try {
		await enter(cell, { error });
	} catch (again) {
		crashedAtStart(cell, again);
		return;
	}
	const restarts = cell.backstage?.restarts?.recent(kernel.clock.now()) ?? 0;
	kernel.events.emit('actorRestarted', { ...kernel.about(cell), error, restarts });
	settled(cell);
}

function pause(cell: Cell, delay: number): Promise<void> {
	return new Promise((resolve) => {
		const backstage = cell.kernel.backstageOf(cell);
		const done = (): void => {
			cancel();
			backstage.hurry = undefined;
			resolve();
		};
		const cancel = cell.kernel.clock.after(delay, done);
		backstage.hurry = done;
	});
}

/**
 * The instance goes, with all that is its own: signal, timers, watches, children, behaviour; its stash goes back. The
 * promise, when there is one, is that of its children and its onStop.
 */
function leave(cell: Cell): Promise<void> | undefined {
	const { backstage, instance } = cell;
	// Before onStop is awaited: a stop that comes meanwhile must not run it again.
	cell.instance = undefined;
	cell.behavior = undefined;
	cell.dropSignals();
	if (!backstage) return farewell(cell, instance);
	backstage.abort?.abort(new TroupeError('ERR_STOPPED', `${cell.id} is restarting or stopping`, { actor: cell.id }));
	backstage.abort = undefined;
	backstage.timers?.clear();
	backstage.timers = undefined;
	for (const watch of backstage.watching?.values() ?? []) watch.cancel();
	backstage.watching = undefined;
	cell.unstash();
	return backstage.children?.size ? leaveChildren(cell, instance, backstage.children) : farewell(cell, instance);
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
	const failed = (error: unknown): void => {
		cell.kernel.warn('ON_STOP_FAILED', `onStop of ${cell.id} failed; what it did not release stays`, {
			actor: cell.id,
			error,
		});
	};
	try {
		const result = runHook(cell, instance?.onStop?.bind(instance), []);
		return result instanceof Promise ? result.catch(failed) : undefined;
	} catch (error) {
		failed(error);
		return undefined;
	}
}

// ----------------------------------------------------------------------------------------------------------- stopping

/**
 * Stops the actor on purpose. From inside its own handler this cannot be awaited, so it resolves at once there. A
 * permanent child comes back as a new instance, with its mailbox and ID, as OTP has it.
 */
export function requestStop(cell: Cell): Promise<void> {
	const again = cell.spec.parent && cell.state < STOPPING && comesBack(cell.spec.restartType, 'normal');
	const stopped = again ? comeBack(cell) : stopFor(cell, { reason: 'stopped' });
	return currentCell() === cell ? Promise.resolve() : stopped;
}

async function comeBack(cell: Cell): Promise<void> {
	await rest(cell);
	if (cell.state !== HELD) return;
	await leave(cell);
	const asked = new TroupeError('ERR_STOPPED', `${cell.id} stopped, and its restart type is permanent`, {
		actor: cell.id,
	});
	const own = decide(cell.spec.supervision, asked);
	apply(cell, own.kind === 'restart' ? own : defaultRestart(), asked);
}

/** Stops an actor by order of its supervisor or the system: no restart type brings it back. */
export function shutDown(cell: Cell): Promise<void> {
	return stopFor(cell, { reason: 'stopped' });
}

/** Ends an actor that may not act any more, at once: nothing it holds is handled. */
export async function expel(cell: Cell): Promise<void> {
	cell.state = STOPPING;
	cell.drain('fenced');
	await stopFor(cell, { reason: 'node-down' });
}

function stopFor(cell: Cell, why: Termination): Promise<void> {
	if (cell.state === STOPPED) return Promise.resolve();
	const backstage = cell.kernel.backstageOf(cell);
	backstage.stopped ??= stop(cell, why);
	return backstage.stopped;
}

async function stop(cell: Cell, why: Termination): Promise<void> {
	const { kernel } = cell;
	const backstage = kernel.backstageOf(cell);
	backstage.abort?.abort(new TroupeError('ERR_STOPPED', `${cell.id} is stopping`, { actor: cell.id }));
	backstage.hurry?.();
	const resting = rest(cell);
	if (resting) await within(kernel.stopGrace, resting, cell, 'finish its message');
	cell.state = STOPPING;
	const leaving = leave(cell);
	if (leaving) await within(kernel.stopGrace, leaving, cell, 'run its onStop');
	await end(cell, why);
}

/** Waits for `step`, but not longer than the grace: a stuck actor must not keep a node from stopping. */
async function within(grace: number, step: Promise<void>, cell: Cell, what: string): Promise<void> {
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

/** The last of it: books closed, watchers told, ID given back, parent informed. */
async function end(cell: Cell, why: Termination): Promise<void> {
	const { kernel, spec, backstage } = cell;
	if (cell.state === STOPPED) return;
	cell.state = STOPPED;
	cell.drain('stopped');
	const released = kernel.forget(cell);
	for (const watcher of backstage?.watchers ?? []) watcher.replied(why);
	if (backstage) backstage.watchers = undefined;
	spec.parent?.backstage?.children?.delete(spec.id);
	const reason = why.reason === 'no-such-actor' ? 'stopped' : why.reason;
	if (!kernel.events.heard('actorStopped')) return released;
	kernel.events.emit('actorStopped', {
		...kernel.about(cell),
		reason,
		...('error' in why ? { error: why.error } : {}),
	});
	await released;
}
