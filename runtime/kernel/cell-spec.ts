/** What a cell is made with: how its actor differs from its class, and the right under which it acts. */

import type { RestartType } from '../../supervisor/child-spec.ts';
import type { Supervision } from '../../supervisor/directive.ts';
import type { Strategy } from '../../supervisor/strategy.ts';
import type { MailboxSpec } from '../mailbox/mailbox.ts';
import type { Cell } from './cell.ts';

/** The right to act under an ID, granted for a time; see `cluster/lease.ts`. */
export interface Tenure {
	/** Whether the right holds at this instant. Checked before every message. */
	holds(): boolean;
	/** Calls the cell's `wake` when the right holds again. */
	park(cell: Cell): void;
}

/** How one actor differs from its class. */
export interface CellSpec {
	readonly id: string;
	readonly path: string;
	readonly args: unknown;
	readonly mailbox: MailboxSpec;
	readonly supervision: Supervision;
	readonly restartType: RestartType;
	/** How the fates of its children are joined. */
	readonly strategy: Strategy;
	readonly parent: Cell | undefined;
	/** Whether the ID is its address, from any node; otherwise only refs that its creator hands out reach it. */
	readonly registered: boolean;
}
