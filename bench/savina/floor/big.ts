/** Big by hand. */

import { FloorActor } from '../../local/floor-actor.ts';
import { PINGERS, PINGS, type Pongs, big as problem } from '../problems/big.ts';
import { Random } from '../random.ts';
import { driverOf } from './driver.ts';

type ToPinger =
	| { readonly type: 'meet'; readonly neighbours: readonly Pinger[] }
	| { readonly type: 'start' }
	| { readonly type: 'ping'; readonly from: number }
	| { readonly type: 'pong'; readonly from: number };

class Pinger extends FloorActor<ToPinger> {
	readonly #number: number;
	readonly #sink: Sink;
	readonly #random: Random;
	#neighbours: readonly Pinger[] = [];
	#target = -1;
	#pongs = 0;
	#strays = 0;

	constructor(number: number, sink: Sink) {
		super();
		this.#number = number;
		this.#sink = sink;
		this.#random = new Random(number);
	}

	protected receive(message: ToPinger): void {
		switch (message.type) {
			case 'meet':
				this.#neighbours = message.neighbours;
				return;
			case 'start':
				return this.#start();
			case 'ping':
				return this.#neighbour(message.from).tell({ type: 'pong', from: this.#number });
			case 'pong':
				if (message.from !== this.#target) this.#strays++;
				if (++this.#pongs < PINGS) this.#start();
				else this.#sink.tell({ pongs: this.#pongs, strays: this.#strays });
		}
	}

	#start(): void {
		this.#target = this.#random.below(PINGERS);
		this.#neighbour(this.#target).tell({ type: 'ping', from: this.#number });
	}

	#neighbour(number: number): Pinger {
		return this.#neighbours[number] as Pinger;
	}
}

class Sink extends FloorActor<Pongs> {
	readonly #settle: (pongs: Pongs) => void;
	#left = PINGERS;
	#pongs = 0;
	#strays = 0;

	constructor(settle: (pongs: Pongs) => void) {
		super();
		this.#settle = settle;
	}

	protected receive({ pongs, strays }: Pongs): void {
		this.#pongs += pongs;
		this.#strays += strays;
		if (--this.#left === 0) this.#settle({ pongs: this.#pongs, strays: this.#strays });
	}
}

export const big = driverOf<Pongs>(problem, (settle) => {
	const sink = new Sink(settle);
	const neighbours = Array.from({ length: PINGERS }, (_, number) => new Pinger(number, sink));
	return () => {
		for (const pinger of neighbours) pinger.tell({ type: 'meet', neighbours });
		for (const pinger of neighbours) pinger.tell({ type: 'start' });
	};
});
