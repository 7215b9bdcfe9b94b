import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Cell } from '../../../runtime/kernel/cell.ts';
import { Roster } from '../../../runtime/kernel/roster.ts';

/** As much of a cell as a roster knows. */
const cellOf = (uid: number): Cell => ({ uid, before: undefined, after: undefined }) as Cell;

const steps = fc.array(
	fc.record({ op: fc.constantFrom('add' as const, 'remove' as const, 'introduce' as const), which: fc.nat(99) }),
	{
		maxLength: 100,
		size: 'max',
	},
);

/** A roster, and what it should have. */
class Pair {
	readonly #roster = new Roster();
	readonly #live = new Map<number, Cell>();
	readonly #known = new Set<number>();
	readonly #ever: Cell[] = [];

	add(): void {
		const cell = cellOf(this.#ever.length);
		this.#ever.push(cell);
		this.#roster.add(cell);
		this.#live.set(cell.uid, cell);
	}

	remove(which: number): void {
		const cell = this.#pick(which);
		this.#roster.remove(cell);
		this.#live.delete(cell.uid);
		this.#known.delete(cell.uid);
	}

	introduce(which: number): void {
		const cell = this.#pick(which);
		this.#roster.introduce(cell);
		if (this.#live.has(cell.uid)) this.#known.add(cell.uid);
	}

	compare(): void {
		expect([...this.#roster].map(({ uid }) => uid)).to.deep.equal([...this.#live.keys()]);
		const found = this.#ever.filter(({ uid }) => this.#roster.known(uid) !== undefined);
		expect(new Set(found.map(({ uid }) => uid))).to.deep.equal(this.#known);
	}

	#pick(which: number): Cell {
		if (this.#ever.length === 0) this.add();
		return this.#ever[which % this.#ever.length] as Cell;
	}
}

describe('a roster', () => {
	it('has every cell that was added and not removed, in that order, and finds those that were introduced', () => {
		fc.assert(
			fc.property(steps, (script) => {
				const pair = new Pair();
				for (const { op, which } of script) {
					pair[op](which);
					pair.compare();
				}
			}),
		);
	});
});
