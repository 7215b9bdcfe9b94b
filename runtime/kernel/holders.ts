/** Who holds IDs on this node: at most one cell each, and beside it one that finishes what it took before it gave the ID away. */

import type { Cell } from './cell.ts';

/** The cells of a node that others find by their IDs. */
export class Holders {
	readonly #cells = new Map<string, Cell>();
	/** Cells whose IDs go to other nodes while they finish what they hold. */
	readonly #retiring = new Map<string, Cell>();
	/** What was looked for last, and found: streams of messages ask for the same again and again. */
	#soughtId: string | undefined;
	#sought: Cell | undefined;

	/** The cell that holds an ID. */
	get(id: string): Cell | undefined {
		if (id !== this.#soughtId) {
			this.#sought = this.#cells.get(id);
			this.#soughtId = this.#sought?.id ?? id;
		}
		return this.#sought;
	}

	/** The cell that speaks for an ID: its holder, or one that is about to leave it. */
	speaker(id: string): Cell | undefined {
		return this.get(id) ?? this.#retiring.get(id);
	}

	add(cell: Cell): void {
		this.#forgetSought();
		this.#cells.set(cell.id, cell);
	}

	remove(cell: Cell): void {
		this.#forgetSought();
		if (this.#cells.get(cell.id) === cell) this.#cells.delete(cell.id);
		if (this.#retiring.get(cell.id) === cell) this.#retiring.delete(cell.id);
	}

	/** The cell holds its ID no more, and speaks for it until it is removed. */
	retire(cell: Cell): void {
		this.remove(cell);
		this.#retiring.set(cell.id, cell);
	}

	[Symbol.iterator](): IterableIterator<Cell> {
		return this.#cells.values();
	}

	#forgetSought(): void {
		this.#soughtId = undefined;
		this.#sought = undefined;
	}
}
