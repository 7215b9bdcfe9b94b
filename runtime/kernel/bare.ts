/** The base of the runtime's own actors, which live below the layer of `Actor`. */

import type { Cell } from './cell.ts';
import { BASE, QUIET } from './definition.ts';
import { takeConstructing } from './running.ts';

/** An actor class with nothing but its cell. */
export abstract class Bare {
	protected readonly cell: Cell;

	constructor() {
		this.cell = takeConstructing() as Cell;
	}

	static {
		Object.defineProperty(Bare.prototype, BASE, { value: true });
	}
}

/** One that nobody is told of: it serves the runtime, not the user's program. */
export abstract class Servant extends Bare {
	static readonly [QUIET] = true;
}
