/** Quicksort with Troupe: children of children, which report to their parent and end with it. */

import { Actor, type ActorRef } from 'troupe';
import { divide, input, quicksort as problem, type Side, sorted } from '../problems/quicksort.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

/** Whoever has given a list away. */
interface Giver {
	sorted(side: Side, numbers: readonly number[]): void;
}

class Sorter extends Actor<{ giver: ActorRef<Giver>; side: Side }> {
	static readonly kind = 'sorter';
	#less: readonly number[] | undefined;
	#equal: readonly number[] = [];
	#more: readonly number[] | undefined;

	sort(numbers: readonly number[]): void {
		const small = sorted(numbers);
		if (small) return this.args.giver.tell.sorted(this.args.side, small);
		const { less, equal, more } = divide(numbers);
		this.#equal = equal;
		this.spawn(Sorter, { args: { giver: this.self, side: 'less' } }).tell.sort(less);
		this.spawn(Sorter, { args: { giver: this.self, side: 'more' } }).tell.sort(more);
	}

	sorted(side: Side, numbers: readonly number[]): void {
		if (side === 'less') this.#less = numbers;
		else this.#more = numbers;
		if (this.#less && this.#more)
			this.args.giver.tell.sorted(this.args.side, this.#less.concat(this.#equal, this.#more));
	}
}

class Client extends Answering<readonly number[]> implements Giver {
	static readonly kind = 'client';

	order(): void {
		this.spawn(Sorter, { args: { giver: this.self, side: 'less' } }).tell.sort(input);
	}

	sorted(_side: Side, numbers: readonly number[]): void {
		this._settle(numbers);
	}
}

export const quicksort = driverOf(problem, async (system) => {
	const client = await system.spawn(Client);
	return {
		play() {
			client.tell.order();
			return client.ask.answer();
		},
		close: () => client.stop(),
	};
});
