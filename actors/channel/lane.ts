/** Steps of one end of a channel that go one way. */

import type { Operation } from './operation.ts';

/** Steps in one message. */
const BATCH = 512;
/** Steps of each direction that the home knows of and has not answered; others wait here. */
const WINDOW = 4_096;

/** Steps that go one way: in line here, and known to the home. */
export class Lane {
	#fresh: Operation[] = [];
	#next = 0;
	known = 0;

	get length(): number {
		return this.#fresh.length - this.#next;
	}

	/** Nothing is in line, nor known to the home and not answered. */
	get idle(): boolean {
		return this.known === 0 && this.length === 0;
	}

	add(operation: Operation): void {
		operation.inLine = true;
		this.#fresh.push(operation);
	}

	/** Those that may be sent now; the ones that nobody wants any more have left the line with them. */
	take(): Operation[] {
		const most = Math.min(BATCH, WINDOW - this.known);
		const taken: Operation[] = [];
		while (taken.length < most && this.length > 0) {
			const operation = this.#fresh[this.#next++] as Operation;
			operation.inLine = false;
			if (!operation.over && !operation.reserved) taken.push(operation);
		}
		if (this.length === 0) this.clear();
		return taken;
	}

	clear(): Operation[] {
		const rest = this.#fresh.slice(this.#next);
		this.#fresh = [];
		this.#next = 0;
		return rest;
	}
}
