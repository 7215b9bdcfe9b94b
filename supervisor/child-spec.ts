/**
 * What a supervisor knows of a child: which class, under which ID, with which arguments, and whether it comes back
 * after it has ended. The last is a table, as in OTP's supervisor.
 */

import { BadOption } from './bad-option.ts';

/** When a child that ended is started again: always, only after a crash, or never. */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/**
 * How an actor ended: it stopped by its own will, it crashed, or it was told to stop by its supervisor or because the
 * system stops.
 */
export type ExitReason = 'normal' | 'crash' | 'shutdown';

/** One child of a supervisor. `C` is the actor class, which lives in the rooms above this one. */
export interface ChildSpec<C = unknown> {
	readonly actor: C;
	/** The child's ID; made up by the runtime when absent. */
	readonly id?: string | undefined;
	readonly args?: unknown;
	/** Default: {@link SPEC_RESTART_TYPE} in a list of specs, {@link SPAWN_RESTART_TYPE} for a plain spawn. */
	readonly restart?: RestartType | undefined;
}

/** For `system.supervise([...])`: a tree is written down to be there, so whatever ends in it comes back (OTP's default). */
export const SPEC_RESTART_TYPE: RestartType = 'permanent';

/** For a plain spawn: an actor that stops itself has done its work, and only a crash is worth a second start. */
export const SPAWN_RESTART_TYPE: RestartType = 'transient';

/**
 * OTP's `do_restart/3`, with one difference: there a permanent child that exits with `shutdown` by itself comes back;
 * here `shutdown` is always an order from above, which nobody may undo.
 */
const COMES_BACK = {
	permanent: { normal: true, crash: true, shutdown: false },
	transient: { normal: false, crash: true, shutdown: false },
	temporary: { normal: false, crash: false, shutdown: false },
} as const satisfies Record<RestartType, Record<ExitReason, boolean>>;

/** Whether a child of this type is started again after it ended in this way. */
export function comesBack(type: RestartType, exit: ExitReason): boolean {
	return COMES_BACK[type][exit];
}

/**
 * Whether a child that is stopped because a sibling failed (all-for-one, rest-for-one) is started again with it. All
 * but temporary ones are: this stop is half of a restart, not the `shutdown` of the table (OTP, `terminate_children/2`).
 */
export function restartsWithSiblings(type: RestartType): boolean {
	return type !== 'temporary';
}

/** The restart type; `ERR_BAD_OPTION`, naming `option`, for anything else. */
export function checkRestartType(value: unknown, option: string): RestartType {
	if (typeof value === 'string' && Object.hasOwn(COMES_BACK, value)) return value as RestartType;
	throw new BadOption(option, value, "'permanent', 'transient' or 'temporary'");
}
