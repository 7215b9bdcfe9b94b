/** Quicksort with nact: children of children, which end with the stage. */

import { dispatch, type Ref, spawn } from 'nact';
import { divide, input, quicksort as problem, type Side, sorted } from '../problems/quicksort.ts';
import { driverOf } from './driver.ts';

type Numbers = readonly number[];

interface Sort {
	readonly type: 'sort';
	readonly numbers: Numbers;
}

interface Sorted {
	readonly type: 'sorted';
	readonly side: Side;
	readonly numbers: Numbers;
}

type ToSorter = Sort | Sorted;

interface Self {
	readonly self: Ref<ToSorter>;
}

function spawnSorter(parent: Ref<never>, giver: Ref<Sorted>, side: Side): Ref<ToSorter> {
	let less: Numbers | undefined;
	let equal: Numbers = [];
	let more: Numbers | undefined;
	function sort(numbers: Numbers, self: Ref<ToSorter>): void {
		const small = sorted(numbers);
		if (small) return dispatch(giver, { type: 'sorted', side, numbers: small });
		const parts = divide(numbers);
		equal = parts.equal;
		dispatch(spawnSorter(self, self, 'less'), { type: 'sort', numbers: parts.less });
		dispatch(spawnSorter(self, self, 'more'), { type: 'sort', numbers: parts.more });
	}
	return spawn(parent, (_: undefined, message: ToSorter, { self }: Self): void => {
		if (message.type === 'sort') return sort(message.numbers, self);
		if (message.side === 'less') less = message.numbers;
		else more = message.numbers;
		if (less && more) dispatch(giver, { type: 'sorted', side, numbers: less.concat(equal, more) });
	});
}

export const quicksort = driverOf<Numbers>(problem, (stage, settle) => {
	const client = spawn(stage, (_: undefined, { numbers }: Sorted) => settle(numbers));
	const sorter = spawnSorter(stage, client, 'less');
	return () => dispatch(sorter, { type: 'sort', numbers: input });
});
