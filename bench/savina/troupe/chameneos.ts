/** Chameneos with Troupe: the creatures are the mall's children, and introduce themselves with `this.self`. */

import { Actor, type ActorRef } from 'troupe';
import {
	type Color,
	CREATURES,
	colorOf,
	complement,
	MEETINGS,
	chameneos as problem,
	type Tally,
} from '../problems/chameneos.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

class Creature extends Actor<{ mall: ActorRef<Mall>; color: Color }> {
	static readonly kind = 'creature';
	#color = this.args.color;
	#meetings = 0;

	enter(): void {
		this.args.mall.tell.meet(this.#color, this.self);
	}

	meet(color: Color, other: ActorRef<Creature>): void {
		this.change(complement(this.#color, color));
		other.tell.change(this.#color);
	}

	change(color: Color): void {
		this.#color = color;
		this.#meetings++;
		this.enter();
	}

	fade(): void {
		this.args.mall.tell.faded(this.#meetings);
	}
}

class Mall extends Answering<Tally> {
	static readonly kind = 'mall';
	readonly #creatures = Array.from({ length: CREATURES }, (_, number) =>
		this.spawn(Creature, { args: { mall: this.self, color: colorOf(number) } }),
	);
	#left = MEETINGS;
	#waiting: ActorRef<Creature> | undefined;
	#faded = 0;
	#meetings = 0;

	open(): void {
		for (const creature of this.#creatures) creature.tell.enter();
	}

	meet(color: Color, creature: ActorRef<Creature>): void {
		if (this.#left === 0) creature.tell.fade();
		else if (this.#waiting === undefined) this.#waiting = creature;
		else {
			this.#left--;
			this.#waiting.tell.meet(color, creature);
			this.#waiting = undefined;
		}
	}

	faded(meetings: number): void {
		this.#meetings += meetings;
		if (++this.#faded === CREATURES) this._settle({ creatures: CREATURES, meetings: this.#meetings });
	}
}

export const chameneos = driverOf(problem, async (system) => {
	const mall = await system.spawn(Mall);
	return {
		play() {
			mall.tell.open();
			return mall.ask.answer();
		},
		close: () => mall.stop(),
	};
});
