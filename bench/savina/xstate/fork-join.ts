/** Fork-join with XState. */

import { MESSAGES, forkJoin as problem, type Sums, WORKERS } from '../problems/fork-join.ts';
import { startCallback, startReducer, type Target } from './cast.ts';
import { driverOf } from './driver.ts';

interface Work {
	readonly type: 'work';
	readonly number: number;
}

interface Joined {
	readonly type: 'joined';
	readonly worker: number;
	readonly sum: number;
}

function startWorker(worker: number, join: Target<Joined>): Target<Work> {
	return startReducer({ left: MESSAGES, sum: 0 }, (before, { number }: Work) => {
		const { left, sum } = { left: before.left - 1, sum: before.sum + number };
		if (left === 0) join.send({ type: 'joined', worker, sum });
		return { left, sum };
	});
}

export const forkJoin = driverOf<Sums>(problem, (settle) => {
	const sums: number[] = [];
	let left = WORKERS;
	const join = startCallback<Joined>(({ worker, sum }) => {
		sums[worker] = sum;
		if (--left === 0) settle(sums);
	});
	const workers = Array.from({ length: WORKERS }, (_, worker) => startWorker(worker, join));
	return () => {
		for (let number = 0; number < MESSAGES; number++) {
			for (const worker of workers) worker.send({ type: 'work', number });
		}
	};
});
