/**
 * What happens when an actor crashes: the decision comes from `supervisor/`, and this file carries it out. The mailbox
 * and the ID stay; everything else belongs to the instance and goes with it.
 */

import { comesBack, restartsWithSiblings } from '../../supervisor/child-spec.ts';
import { judge } from '../../supervisor/decide.ts';
import { type Directive, decide, restart as defaultRestart } from '../../supervisor/directive.ts';
import { Intensity } from '../../supervisor/intensity.ts';
import { affected } from '../../supervisor/strategy.ts';
import { TroupeError } from '../core/errors.ts';
import type { Cell } from './cell.ts';
import { BUSY, HELD, STARTING, STOPPING } from './cell-state.ts';
import { leave, rest, rested, settled, stopFor, within } from './ending.ts';
import type { Envelope } from './envelope.ts';
import { currentCell } from './running.ts';
import { abandon, enter, entered, startFailed } from './starting.ts';

/** A child whose onStart fails later has nobody waiting for it: it is a crash like any other. */
export function startChild(cell: Cell): void {
	cell.state = STARTING;
	let entering: Promise<unknown> | undefined;
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
	const backstage = cell.kernel.backstageOf(cell);
	backstage.judged = envelope;
	cell.kernel.log.warn('ACTOR_CRASHED', { actor: cell.id, kind: cell.kind, message: envelope?.handler.name, error });
	const directive = decide(cell.policies.supervision, error);
	if (directive.kind === 'escalate' && 'fault' in directive)
		cell.kernel.warn('SUPERVISION_FAILED', `the supervision of ${cell.id} gave no directive; its parent decides`, {
			actor: cell.id,
			error: directive.fault,
		});
	backstage.judged = undefined;
	// The supervision itself, or whoever heard of the crash, has stopped it.
	if (cell.state !== HELD || backstage.stopped) {
		if (envelope) fail(cell, envelope, error);
		return;
	}
	// Without an instance, because its start failed, there is nothing that could resume.
	const possible = directive.kind === 'resume' && !cell.instance ? defaultRestart() : directive;
	apply(cell, possible, error, envelope);
}

/** The message in hand has taken too long: it is given up, and the actor has crashed. */
export function overdue(cell: Cell, error: unknown): void {
	cell.giveUp('crashed');
	crashed(cell, error);
}

function apply(cell: Cell, directive: Directive, error: unknown, envelope?: Envelope): void {
	const { kernel } = cell;
	const backstage = kernel.backstageOf(cell);
	const retried = envelope && backstage.retry?.envelope === envelope ? backstage.retry.count : 0;
	backstage.restarts ??= new Intensity();
	const verdict = judge({
		directive,
		type: cell.policies.restartType,
		restarts: backstage.restarts,
		now: kernel.clock.now(),
		random: kernel.clock.random(),
		retried,
	});
	backstage.retry = undefined;
	if (verdict.action === 'restart' && verdict.retry && envelope) {
		backstage.retry = { envelope, count: retried + 1 };
		cell.mailbox.putBack(envelope);
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
	const { parent } = cell;
	const { maxRestarts, within } = parent?.policies.strategy ?? {};
	if (!parent || maxRestarts === undefined || within === undefined) return true;
	const backstage = cell.kernel.backstageOf(parent);
	backstage.childRestarts ??= new Intensity();
	return backstage.childRestarts.record(cell.kernel.clock.now(), { maxRestarts, within });
}

/** The failure becomes the parent's. Without a parent it is the end of the actor, and somebody should know. */
function escalate(cell: Cell, error: unknown, because: 'directive' | 'intensity'): void {
	const { parent } = cell;
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

/** Restarts the cell and those whose fate its parent's strategy joins to it, last started first, then in order again. */
async function restart(leader: Cell, error: unknown, delay: number): Promise<void> {
	const { kernel, parent } = leader;
	const token = {};
	const siblings = parent ? [...(parent.backstage?.children?.values() ?? [])] : [leader];
	const group = parent ? affected(parent.policies.strategy, siblings, leader) : siblings;
	for (const cell of group) kernel.backstageOf(cell).restart = token;
	for (const cell of [...group].reverse()) {
		const resting = rest(cell);
		if (resting) await within(kernel.stopGrace, resting, cell, 'finish its message');
		// A handler that is stuck does not hold up the family: its message is given up, and what it returns is ignored.
		if (cell.state === BUSY) giveUp(cell);
		if (cell.state !== HELD) continue;
		if (cell !== leader && !restartsWithSiblings(cell.policies.restartType)) await stopFor(cell, { reason: 'stopped' });
		else await leave(cell);
	}
	if (leader.state === HELD) await pause(leader, delay);
	for (const cell of group) {
		if (cell.state !== HELD || cell.backstage?.restart !== token) continue;
		await reenter(cell, error);
	}
}

function giveUp(cell: Cell): void {
	cell.giveUp('stopped');
	rested(cell);
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
 * Stops the actor on purpose. From inside its own handler this cannot be awaited, so it resolves at once there. A
 * permanent child comes back as a new instance, with its mailbox and ID, as OTP has it.
 */
export function requestStop(cell: Cell): Promise<void> {
	const again = cell.parent && cell.state < STOPPING && comesBack(cell.policies.restartType, 'normal');
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
	const own = decide(cell.policies.supervision, asked);
	apply(cell, own.kind === 'restart' ? own : defaultRestart(), asked);
}
