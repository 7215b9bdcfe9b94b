/**
 * Every live cell of a node, parents before their children: a list through the cells themselves, because a table grows
 * by moving everything, and most actors are never looked up in it. Only those that other nodes know are in a table.
 */

import type { Cell } from './cell.ts';

/** The cells of a node. */
export class Roster {
	#first: Cell | undefined;
	#last: Cell | undefined;
	readonly #known = new Map<number, Cell>();

	add(cell: Cell): void {
		cell.before = this.#last;
		if (this.#last) this.#last.after = cell;
		else this.#first = cell;
		this.#last = cell;
	}

	remove(cell: Cell): void {
		const { before, after } = cell;
		if (!before && this.#first !== cell) return;
		if (before) before.after = after;
		else this.#first = after;
		if (after) after.before = before;
		else this.#last = before;
		cell.before = undefined;
		cell.after = undefined;
		this.#known.delete(cell.uid);
	}

	/** Other nodes are about to learn its number. */
	introduce(cell: Cell): void {
		if (cell.before || this.#first === cell) this.#known.set(cell.uid, cell);
	}

	/** The cell of a number that other nodes know. */
	known(uid: number): Cell | undefined {
		return this.#known.get(uid);
	}

	*[Symbol.iterator](): IterableIterator<Cell> {
		for (let cell = this.#first; cell; cell = cell.after) yield cell;
	}
}
