/** Chameneos with nact. */

import { dispatch, type Ref, spawn } from 'nact';
import {
	type Color,
	CREATURES,
	colorOf,
	complement,
	MEETINGS,
	chameneos as problem,
	type Tally,
} from '../problems/chameneos.ts';
import { driverOf, type Stage } from './driver.ts';

type ToCreature =
	| { readonly type: 'enter' }
	| { readonly type: 'meet'; readonly color: Color; readonly other: Ref<ToCreature> }
	| { readonly type: 'change'; readonly color: Color }
	| { readonly type: 'fade' };

type ToMall =
	| { readonly type: 'meet'; readonly color: Color; readonly creature: Ref<ToCreature> }
	| { readonly type: 'faded'; readonly meetings: number };

interface Self {
	readonly self: Ref<ToCreature>;
}

function spawnCreature(stage: Stage, mall: Ref<ToMall>, born: Color): Ref<ToCreature> {
	let color = born;
	let meetings = 0;
	function change(to: Color, self: Ref<ToCreature>): void {
		color = to;
		meetings++;
		dispatch(mall, { type: 'meet', color, creature: self });
	}
	return spawn(stage, (_: undefined, message: ToCreature, { self }: Self): void => {
		switch (message.type) {
			case 'enter':
				return dispatch(mall, { type: 'meet', color, creature: self });
			case 'meet':
				change(complement(color, message.color), self);
				return dispatch(message.other, { type: 'change', color });
			case 'change':
				return change(message.color, self);
			case 'fade':
				return dispatch(mall, { type: 'faded', meetings });
		}
	});
}

function spawnMall(stage: Stage, settle: (tally: Tally) => void): Ref<ToMall> {
	let left = MEETINGS;
	let waiting: Ref<ToCreature> | undefined;
	let faded = 0;
	let meetings = 0;
	function meet(color: Color, creature: Ref<ToCreature>): void {
		if (left === 0) dispatch(creature, { type: 'fade' });
		else if (waiting === undefined) waiting = creature;
		else {
			left--;
			dispatch(waiting, { type: 'meet', color, other: creature });
			waiting = undefined;
		}
	}
	return spawn(stage, (_: undefined, message: ToMall): void => {
		if (message.type === 'meet') return meet(message.color, message.creature);
		meetings += message.meetings;
		if (++faded === CREATURES) settle({ creatures: CREATURES, meetings });
	});
}

export const chameneos = driverOf<Tally>(problem, (stage, settle) => {
	const mall = spawnMall(stage, settle);
	const creatures = Array.from({ length: CREATURES }, (_, number) => spawnCreature(stage, mall, colorOf(number)));
	return () => {
		for (const creature of creatures) dispatch(creature, { type: 'enter' });
	};
});
