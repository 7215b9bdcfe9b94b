/** The right to act under an ID, granted for a time; see `cluster/own-lease.ts`. */

import type { Cell } from './cell.ts';

export interface Tenure {
	/** Whether the right holds at this instant. Checked before every message. */
	holds(): boolean;
	/** Calls the cell's `wake` when the right holds again. */
	park(cell: Cell): void;
}
