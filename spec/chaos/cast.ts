/** The actors of the chaos specs. */

import { Actor, bounded, restart } from '../../index.ts';

/** Counts what it gets, and notices what is out of order. */
export class Sink extends Actor {
	static readonly kind = 'sink';
	static readonly supervision = restart({
		maxRestarts: 10_000,
		within: '1m',
		backoff: { initial: 1, max: 1, jitter: 0 },
	});
	#count = 0;
	#next = 0;
	#disorder = 0;

	put(value: number): void {
		if (value < this.#next) this.#disorder++;
		this.#next = value + 1;
		this.#count++;
	}

	crashOn100(value: number): void {
		if (value % 100 === 99) throw new Error(`number ${value}`);
	}

	report(): { readonly count: number; readonly disorder: number } {
		return { count: this.#count, disorder: this.#disorder };
	}

	books(): unknown {
		return this.system.stats();
	}
}

/** Takes its time, and has little room. */
export class Slow extends Actor {
	static readonly kind = 'slow';
	static readonly mailbox = bounded({ capacity: 50 });

	async put(_value: number): Promise<void> {
		await new Promise((resolve) => setImmediate(resolve));
	}
}
