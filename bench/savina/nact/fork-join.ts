/** Fork-join with nact. */

import { dispatch, type Ref, spawn } from 'nact';
import { MESSAGES, forkJoin as problem, type Sums, WORKERS } from '../problems/fork-join.ts';
import { driverOf, type Stage } from './driver.ts';

interface Joined {
	readonly worker: number;
	readonly sum: number;
}

interface Progress {
	readonly left: number;
	readonly sum: number;
}

function spawnWorker(stage: Stage, worker: number, join: Ref<Joined>): Ref<number> {
	const initialState: Progress = { left: MESSAGES, sum: 0 };
	function work(before: Progress, number: number): Progress {
		const { left, sum } = { left: before.left - 1, sum: before.sum + number };
		if (left === 0) dispatch(join, { worker, sum });
		return { left, sum };
	}
	return spawn(stage, work, undefined, { initialState });
}

export const forkJoin = driverOf<Sums>(problem, (stage, settle) => {
	const sums: number[] = [];
	let left = WORKERS;
	const join = spawn(stage, (_: undefined, { worker, sum }: Joined) => {
		sums[worker] = sum;
		if (--left === 0) settle(sums);
	});
	const workers = Array.from({ length: WORKERS }, (_, worker) => spawnWorker(stage, worker, join));
	return () => {
		for (let number = 0; number < MESSAGES; number++) {
			for (const worker of workers) dispatch(worker, number);
		}
	};
});
