/** Dining philosophers with Troupe: they are the arbiter's children. */

import { Actor, type ActorRef } from 'troupe';
import { MEALS, type Meals, PHILOSOPHERS, philosophers as problem, Table } from '../problems/philosophers.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

class Philosopher extends Actor<{ seat: number; arbiter: ActorRef<Arbiter> }> {
	static readonly kind = 'philosopher';
	#meals = 0;

	think(): void {
		this.args.arbiter.tell.hungry(this.args.seat);
	}

	eat(): void {
		const { arbiter, seat } = this.args;
		arbiter.tell.done(seat);
		if (++this.#meals < MEALS) this.think();
		else arbiter.tell.sated(seat, this.#meals);
	}
}

class Arbiter extends Answering<Meals> {
	static readonly kind = 'arbiter';
	readonly #table = new Table();
	readonly #philosophers = Array.from({ length: PHILOSOPHERS }, (_, seat) =>
		this.spawn(Philosopher, { args: { seat, arbiter: this.self } }),
	);
	readonly #meals: number[] = [];
	#left = PHILOSOPHERS;

	open(): void {
		for (const philosopher of this.#philosophers) philosopher.tell.think();
	}

	hungry(seat: number): void {
		this.#table.wait(seat);
		this.#serve(seat);
	}

	done(seat: number): void {
		this.#table.clear(seat);
		this.#serve(Table.leftOf(seat));
		this.#serve(Table.rightOf(seat));
	}

	sated(seat: number, meals: number): void {
		this.#meals[seat] = meals;
		if (--this.#left === 0) this._settle(this.#meals);
	}

	#serve(seat: number): void {
		if (this.#table.serve(seat)) this.#philosophers[seat]?.tell.eat();
	}
}

export const philosophers = driverOf(problem, async (system) => {
	const arbiter = await system.spawn(Arbiter);
	return {
		play() {
			arbiter.tell.open();
			return arbiter.ask.answer();
		},
		close: () => arbiter.stop(),
	};
});
