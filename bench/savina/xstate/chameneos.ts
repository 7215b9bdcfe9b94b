/** Chameneos with XState. */

import {
	type Color,
	CREATURES,
	colorOf,
	complement,
	MEETINGS,
	chameneos as problem,
	type Tally,
} from '../problems/chameneos.ts';
import { startCallback, type Target } from './cast.ts';
import { driverOf } from './driver.ts';

type ToCreature =
	| { readonly type: 'enter' }
	| { readonly type: 'meet'; readonly color: Color; readonly other: Target<ToCreature> }
	| { readonly type: 'change'; readonly color: Color }
	| { readonly type: 'fade' };

type ToMall =
	| { readonly type: 'meet'; readonly color: Color; readonly creature: Target<ToCreature> }
	| { readonly type: 'faded'; readonly meetings: number };

function startCreature(mall: Target<ToMall>, born: Color): Target<ToCreature> {
	let color = born;
	let meetings = 0;
	function change(to: Color, self: Target<ToCreature>): void {
		color = to;
		meetings++;
		mall.send({ type: 'meet', color, creature: self });
	}
	return startCallback<ToCreature>((message, self) => {
		switch (message.type) {
			case 'enter':
				return mall.send({ type: 'meet', color, creature: self });
			case 'meet':
				change(complement(color, message.color), self);
				return message.other.send({ type: 'change', color });
			case 'change':
				return change(message.color, self);
			case 'fade':
				return mall.send({ type: 'faded', meetings });
		}
	});
}

function startMall(settle: (tally: Tally) => void): Target<ToMall> {
	let left = MEETINGS;
	let waiting: Target<ToCreature> | undefined;
	let faded = 0;
	let meetings = 0;
	function meet(color: Color, creature: Target<ToCreature>): void {
		if (left === 0) creature.send({ type: 'fade' });
		else if (waiting === undefined) waiting = creature;
		else {
			left--;
			// It may be back before `send` returns.
			const other = waiting;
			waiting = undefined;
			other.send({ type: 'meet', color, other: creature });
		}
	}
	return startCallback<ToMall>((message) => {
		if (message.type === 'meet') return meet(message.color, message.creature);
		meetings += message.meetings;
		if (++faded === CREATURES) settle({ creatures: CREATURES, meetings });
	});
}

export const chameneos = driverOf<Tally>(problem, (settle) => {
	const mall = startMall(settle);
	const creatures = Array.from({ length: CREATURES }, (_, number) => startCreature(mall, colorOf(number)));
	return () => {
		for (const creature of creatures) creature.send({ type: 'enter' });
	};
});
