/** Dining philosophers with nact. */

import { dispatch, type Ref, spawn } from 'nact';
import { MEALS, type Meals, PHILOSOPHERS, philosophers as problem, Table } from '../problems/philosophers.ts';
import { driverOf, type Stage } from './driver.ts';

type ToArbiter =
	| { readonly type: 'open'; readonly philosophers: readonly Ref<ToPhilosopher>[] }
	| { readonly type: 'hungry'; readonly seat: number }
	| { readonly type: 'done'; readonly seat: number }
	| { readonly type: 'sated'; readonly seat: number; readonly meals: number };

interface ToPhilosopher {
	readonly type: 'think' | 'eat';
}

function spawnPhilosopher(stage: Stage, seat: number, arbiter: Ref<ToArbiter>): Ref<ToPhilosopher> {
	function live(meals: number, { type }: ToPhilosopher): number {
		if (type === 'think') {
			dispatch(arbiter, { type: 'hungry', seat });
			return meals;
		}
		dispatch(arbiter, { type: 'done', seat });
		if (meals + 1 < MEALS) dispatch(arbiter, { type: 'hungry', seat });
		else dispatch(arbiter, { type: 'sated', seat, meals: meals + 1 });
		return meals + 1;
	}
	return spawn(stage, live, undefined, { initialState: 0 });
}

function spawnArbiter(stage: Stage, settle: (meals: Meals) => void): Ref<ToArbiter> {
	const table = new Table();
	const meals: number[] = [];
	let philosophers: readonly Ref<ToPhilosopher>[] = [];
	let left = PHILOSOPHERS;
	function serve(seat: number): void {
		if (table.serve(seat)) dispatch(philosophers[seat] as Ref<ToPhilosopher>, { type: 'eat' });
	}
	return spawn(stage, (_: undefined, message: ToArbiter): void => {
		switch (message.type) {
			case 'open':
				philosophers = message.philosophers;
				for (const philosopher of philosophers) dispatch(philosopher, { type: 'think' });
				return;
			case 'hungry':
				table.wait(message.seat);
				return serve(message.seat);
			case 'done':
				table.clear(message.seat);
				serve(Table.leftOf(message.seat));
				return serve(Table.rightOf(message.seat));
			case 'sated':
				meals[message.seat] = message.meals;
				if (--left === 0) settle(meals);
		}
	});
}

export const philosophers = driverOf<Meals>(problem, (stage, settle) => {
	const arbiter = spawnArbiter(stage, settle);
	const guests = Array.from({ length: PHILOSOPHERS }, (_, seat) => spawnPhilosopher(stage, seat, arbiter));
	return () => dispatch(arbiter, { type: 'open', philosophers: guests });
});
