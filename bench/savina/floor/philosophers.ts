/** Dining philosophers by hand. */

import { FloorActor } from '../../local/floor-actor.ts';
import { MEALS, type Meals, PHILOSOPHERS, philosophers as problem, Table } from '../problems/philosophers.ts';
import { driverOf } from './driver.ts';

type ToArbiter =
	| { readonly type: 'open' }
	| { readonly type: 'hungry'; readonly seat: number }
	| { readonly type: 'done'; readonly seat: number }
	| { readonly type: 'sated'; readonly seat: number; readonly meals: number };

interface ToPhilosopher {
	readonly type: 'think' | 'eat';
}

class Philosopher extends FloorActor<ToPhilosopher> {
	readonly #seat: number;
	readonly #arbiter: Arbiter;
	#meals = 0;

	constructor(seat: number, arbiter: Arbiter) {
		super();
		this.#seat = seat;
		this.#arbiter = arbiter;
	}

	protected receive({ type }: ToPhilosopher): void {
		if (type === 'think') return this.#think();
		this.#arbiter.tell({ type: 'done', seat: this.#seat });
		if (++this.#meals < MEALS) this.#think();
		else this.#arbiter.tell({ type: 'sated', seat: this.#seat, meals: this.#meals });
	}

	#think(): void {
		this.#arbiter.tell({ type: 'hungry', seat: this.#seat });
	}
}

class Arbiter extends FloorActor<ToArbiter> {
	readonly #settle: (meals: Meals) => void;
	readonly #table = new Table();
	readonly #philosophers = Array.from({ length: PHILOSOPHERS }, (_, seat) => new Philosopher(seat, this));
	readonly #meals: number[] = [];
	#left = PHILOSOPHERS;

	constructor(settle: (meals: Meals) => void) {
		super();
		this.#settle = settle;
	}

	protected receive(message: ToArbiter): void {
		switch (message.type) {
			case 'open':
				for (const philosopher of this.#philosophers) philosopher.tell({ type: 'think' });
				return;
			case 'hungry':
				this.#table.wait(message.seat);
				return this.#serve(message.seat);
			case 'done':
				this.#table.clear(message.seat);
				this.#serve(Table.leftOf(message.seat));
				return this.#serve(Table.rightOf(message.seat));
			case 'sated':
				this.#meals[message.seat] = message.meals;
				if (--this.#left === 0) this.#settle(this.#meals);
		}
	}

	#serve(seat: number): void {
		if (this.#table.serve(seat)) this.#philosophers[seat]?.tell({ type: 'eat' });
	}
}

export const philosophers = driverOf<Meals>(problem, (settle) => {
	const arbiter = new Arbiter(settle);
	return () => arbiter.tell({ type: 'open' });
});
