/** Dining philosophers with XState. */

import { MEALS, type Meals, PHILOSOPHERS, philosophers as problem, Table } from '../problems/philosophers.ts';
import { startCallback, type Target } from './cast.ts';
import { driverOf } from './driver.ts';

type ToArbiter =
	| { readonly type: 'open'; readonly philosophers: readonly Target<ToPhilosopher>[] }
	| { readonly type: 'hungry'; readonly seat: number }
	| { readonly type: 'done'; readonly seat: number }
	| { readonly type: 'sated'; readonly seat: number; readonly meals: number };

interface ToPhilosopher {
	readonly type: 'think' | 'eat';
}

function startPhilosopher(seat: number, arbiter: Target<ToArbiter>): Target<ToPhilosopher> {
	let meals = 0;
	return startCallback<ToPhilosopher>(({ type }) => {
		if (type === 'think') return arbiter.send({ type: 'hungry', seat });
		arbiter.send({ type: 'done', seat });
		if (++meals < MEALS) arbiter.send({ type: 'hungry', seat });
		else arbiter.send({ type: 'sated', seat, meals });
	});
}

function startArbiter(settle: (meals: Meals) => void): Target<ToArbiter> {
	const table = new Table();
	const meals: number[] = [];
	let philosophers: readonly Target<ToPhilosopher>[] = [];
	let left = PHILOSOPHERS;
	function serve(seat: number): void {
		if (table.serve(seat)) philosophers[seat]?.send({ type: 'eat' });
	}
	return startCallback<ToArbiter>((message) => {
		switch (message.type) {
			case 'open':
				philosophers = message.philosophers;
				for (const philosopher of philosophers) philosopher.send({ type: 'think' });
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

export const philosophers = driverOf<Meals>(problem, (settle) => {
	const arbiter = startArbiter(settle);
	const guests = Array.from({ length: PHILOSOPHERS }, (_, seat) => startPhilosopher(seat, arbiter));
	return () => arbiter.send({ type: 'open', philosophers: guests });
});
