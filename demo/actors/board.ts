/** Where ushers report to: the latest word from each node, and how fast it works. */

import { Actor } from '../../index.ts';
import type { NodeReport } from './usher.ts';

/** The ID of the board; there is one in a cluster, or none. */
export const BOARD = 'demo/board';

/** A node's row. */
export interface Row extends NodeReport {
	/** Messages handled per second, between the last two reports. */
	readonly rate: number;
	/** When it reported, in the board's milliseconds. */
	readonly at: number;
	/** It has taken leave, and these are its books. */
	readonly left: boolean;
}

/** The stage seen from the house. */
export class Board extends Actor {
	static readonly kind = 'demo.board';
	readonly #rows = new Map<string, Row>();

	/** The last report of a node that leaves. */
	farewell(report: NodeReport): void {
		this.#rows.set(report.node, { ...report, at: performance.now(), rate: 0, left: true });
	}

	report(report: NodeReport): void {
		const last = this.#rows.get(report.node);
		const at = performance.now();
		const rate = last ? ((report.stats.handled - last.stats.handled) * 1_000) / Math.max(1, at - last.at) : 0;
		this.#rows.set(report.node, { ...report, at, rate, left: false });
	}

	/** All nodes that ever reported, the living and the dead, in the order in which they came. */
	rows(): readonly Row[] {
		return [...this.#rows.values()];
	}
}
