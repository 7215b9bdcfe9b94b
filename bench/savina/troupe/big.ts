/** Big with Troupe: a ping says who it is from by number, as in the original. */

import { Actor, type ActorRef } from 'troupe';
import { PINGERS, PINGS, type Pongs, big as problem } from '../problems/big.ts';
import { Random } from '../random.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

class Pinger extends Actor<{ number: number; sink: ActorRef<Sink> }> {
	static readonly kind = 'pinger';
	readonly #random = new Random(this.args.number);
	#neighbours: readonly ActorRef<Pinger>[] = [];
	#target = -1;
	#pongs = 0;
	#strays = 0;

	meet(neighbours: readonly ActorRef<Pinger>[]): void {
		this.#neighbours = neighbours;
	}

	start(): void {
		this.#target = this.#random.below(PINGERS);
		this.#neighbour(this.#target).tell.ping(this.args.number);
	}

	ping(from: number): void {
		this.#neighbour(from).tell.pong(this.args.number);
	}

	pong(from: number): void {
		if (from !== this.#target) this.#strays++;
		if (++this.#pongs < PINGS) this.start();
		else this.args.sink.tell.done(this.#pongs, this.#strays);
	}

	#neighbour(number: number): ActorRef<Pinger> {
		return this.#neighbours[number] as ActorRef<Pinger>;
	}
}

class Sink extends Answering<Pongs> {
	static readonly kind = 'sink';
	#left = PINGERS;
	#pongs = 0;
	#strays = 0;

	done(pongs: number, strays: number): void {
		this.#pongs += pongs;
		this.#strays += strays;
		if (--this.#left === 0) this._settle({ pongs: this.#pongs, strays: this.#strays });
	}
}

export const big = driverOf(problem, async (system) => {
	const sink = await system.spawn(Sink);
	const pingers: ActorRef<Pinger>[] = [];
	for (let number = 0; number < PINGERS; number++) pingers.push(await system.spawn(Pinger, { args: { number, sink } }));
	return {
		play() {
			for (const pinger of pingers) pinger.tell.meet(pingers);
			for (const pinger of pingers) pinger.tell.start();
			return sink.ask.answer();
		},
		async close() {
			await Promise.all([sink, ...pingers].map((actor) => actor.stop()));
		},
	};
});
