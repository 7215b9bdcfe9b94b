/** Quicksort by hand: a child is an object. */

import { FloorActor } from '../../local/floor-actor.ts';
import { divide, input, quicksort as problem, type Side, sorted } from '../problems/quicksort.ts';
import { driverOf } from './driver.ts';

type Numbers = readonly number[];

type ToSorter =
	| { readonly type: 'sort'; readonly numbers: Numbers }
	| { readonly type: 'sorted'; readonly side: Side; readonly numbers: Numbers };

class Sorter extends FloorActor<ToSorter> {
	readonly #giver: FloorActor<ToSorter>;
	readonly #side: Side;
	#less: Numbers | undefined;
	#equal: Numbers = [];
	#more: Numbers | undefined;

	constructor(giver: FloorActor<ToSorter>, side: Side) {
		super();
		this.#giver = giver;
		this.#side = side;
	}

	protected receive(message: ToSorter): void {
		if (message.type === 'sort') this.#sort(message.numbers);
		else this.#sorted(message.side, message.numbers);
	}

	#sort(numbers: Numbers): void {
		const small = sorted(numbers);
		if (small) return this.#giver.tell({ type: 'sorted', side: this.#side, numbers: small });
		const { less, equal, more } = divide(numbers);
		this.#equal = equal;
		new Sorter(this, 'less').tell({ type: 'sort', numbers: less });
		new Sorter(this, 'more').tell({ type: 'sort', numbers: more });
	}

	#sorted(side: Side, numbers: Numbers): void {
		if (side === 'less') this.#less = numbers;
		else this.#more = numbers;
		if (!this.#less || !this.#more) return;
		this.#giver.tell({ type: 'sorted', side: this.#side, numbers: this.#less.concat(this.#equal, this.#more) });
	}
}

class Client extends FloorActor<ToSorter> {
	readonly #settle: (numbers: Numbers) => void;

	constructor(settle: (numbers: Numbers) => void) {
		super();
		this.#settle = settle;
	}

	protected receive(message: ToSorter): void {
		if (message.type === 'sort') new Sorter(this, 'less').tell(message);
		else this.#settle(message.numbers);
	}
}

export const quicksort = driverOf<Numbers>(problem, (settle) => {
	const client = new Client(settle);
	return () => client.tell({ type: 'sort', numbers: input });
});
