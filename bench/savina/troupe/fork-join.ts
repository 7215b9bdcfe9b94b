/** Fork-join with Troupe: told from outside of any actor, as the problem wants it. */

import { Actor, type ActorRef } from 'troupe';
import { MESSAGES, forkJoin as problem, type Sums, WORKERS } from '../problems/fork-join.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

class Worker extends Actor<{ number: number; join: ActorRef<Join> }> {
	static readonly kind = 'worker';
	#left = MESSAGES;
	#sum = 0;

	work(number: number) {
		this.#sum += number;
		if (--this.#left === 0) this.args.join.tell.joined(this.args.number, this.#sum);
	}
}

class Join extends Answering<Sums> {
	static readonly kind = 'join';
	readonly #sums: number[] = [];
	#left = WORKERS;

	joined(worker: number, sum: number) {
		this.#sums[worker] = sum;
		if (--this.#left === 0) this._settle(this.#sums);
	}
}

export const forkJoin = driverOf(problem, async (system) => {
	const join = await system.spawn(Join);
	const workers: ActorRef<Worker>[] = [];
	for (let number = 0; number < WORKERS; number++) workers.push(await system.spawn(Worker, { args: { number, join } }));
	return {
		play() {
			for (let number = 0; number < MESSAGES; number++) {
				for (const worker of workers) worker.tell.work(number);
			}
			return join.ask.answer();
		},
		async close() {
			await Promise.all([join, ...workers].map((actor) => actor.stop()));
		},
	};
});
