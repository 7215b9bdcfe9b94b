/** The right to act under an ID, granted for a time; see `cluster/own-lease.ts`. */

import type { Cell } from './cell.ts';

export interface Tenure {
	/** Whether the right holds at this instant. Checked before every turn. */
	holds(): boolean;
	/** The same at half the price, for each message of a turn that began when it did: a pause shows on either clock. */
	stillHolds(): boolean;
	/** Calls the cell's `wake` when the right holds again. */
	park(cell: Cell): void;
}
