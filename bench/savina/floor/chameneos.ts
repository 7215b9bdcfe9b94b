/** Chameneos by hand. */

import { FloorActor } from '../../local/floor-actor.ts';
import {
	type Color,
	CREATURES,
	colorOf,
	complement,
	MEETINGS,
	chameneos as problem,
	type Tally,
} from '../problems/chameneos.ts';
import { driverOf } from './driver.ts';

type ToCreature =
	| { readonly type: 'enter' }
	| { readonly type: 'meet'; readonly color: Color; readonly other: Creature }
	| { readonly type: 'change'; readonly color: Color }
	| { readonly type: 'fade' };

type ToMall =
	| { readonly type: 'meet'; readonly color: Color; readonly creature: Creature }
	| { readonly type: 'faded'; readonly meetings: number };

class Creature extends FloorActor<ToCreature> {
	readonly #mall: Mall;
	#color: Color;
	#meetings = 0;

	constructor(mall: Mall, color: Color) {
		super();
		this.#mall = mall;
		this.#color = color;
	}

	protected receive(message: ToCreature): void {
		switch (message.type) {
			case 'enter':
				return this.#enter();
			case 'meet':
				this.#change(complement(this.#color, message.color));
				return message.other.tell({ type: 'change', color: this.#color });
			case 'change':
				return this.#change(message.color);
			case 'fade':
				return this.#mall.tell({ type: 'faded', meetings: this.#meetings });
		}
	}

	#enter(): void {
		this.#mall.tell({ type: 'meet', color: this.#color, creature: this });
	}

	#change(color: Color): void {
		this.#color = color;
		this.#meetings++;
		this.#enter();
	}
}

class Mall extends FloorActor<ToMall> {
	readonly #settle: (tally: Tally) => void;
	#left = MEETINGS;
	#waiting: Creature | undefined;
	#faded = 0;
	#meetings = 0;

	constructor(settle: (tally: Tally) => void) {
		super();
		this.#settle = settle;
	}

	protected receive(message: ToMall): void {
		if (message.type === 'meet') this.#meet(message.color, message.creature);
		else {
			this.#meetings += message.meetings;
			if (++this.#faded === CREATURES) this.#settle({ creatures: CREATURES, meetings: this.#meetings });
		}
	}

	#meet(color: Color, creature: Creature): void {
		if (this.#left === 0) creature.tell({ type: 'fade' });
		else if (this.#waiting === undefined) this.#waiting = creature;
		else {
			this.#left--;
			this.#waiting.tell({ type: 'meet', color, other: creature });
			this.#waiting = undefined;
		}
	}
}

export const chameneos = driverOf<Tally>(problem, (settle) => {
	const mall = new Mall(settle);
	const creatures = Array.from({ length: CREATURES }, (_, number) => new Creature(mall, colorOf(number)));
	return () => {
		for (const creature of creatures) creature.tell({ type: 'enter' });
	};
});
