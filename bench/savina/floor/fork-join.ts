/** Fork-join by hand. */

import { FloorActor } from '../../local/floor-actor.ts';
import { MESSAGES, forkJoin as problem, type Sums, WORKERS } from '../problems/fork-join.ts';
import { driverOf } from './driver.ts';

interface Work {
	readonly number: number;
}

interface Joined {
	readonly worker: number;
	readonly sum: number;
}

class Worker extends FloorActor<Work> {
	readonly #number: number;
	readonly #join: Join;
	#left = MESSAGES;
	#sum = 0;

	constructor(number: number, join: Join) {
		super();
		this.#number = number;
		this.#join = join;
	}

	protected receive({ number }: Work): void {
		this.#sum += number;
		if (--this.#left === 0) this.#join.tell({ worker: this.#number, sum: this.#sum });
	}
}

class Join extends FloorActor<Joined> {
	readonly #settle: (sums: Sums) => void;
	readonly #sums: number[] = [];
	#left = WORKERS;

	constructor(settle: (sums: Sums) => void) {
		super();
		this.#settle = settle;
	}

	protected receive({ worker, sum }: Joined): void {
		this.#sums[worker] = sum;
		if (--this.#left === 0) this.#settle(this.#sums);
	}
}

export const forkJoin = driverOf<Sums>(problem, (settle) => {
	const join = new Join(settle);
	const workers = Array.from({ length: WORKERS }, (_, number) => new Worker(number, join));
	return () => {
		for (let number = 0; number < MESSAGES; number++) {
			for (const worker of workers) worker.tell({ number });
		}
	};
});
