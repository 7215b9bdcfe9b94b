/** Quicksort with XState. */

import { divide, input, quicksort as problem, type Side, sorted } from '../problems/quicksort.ts';
import { startCallback, type Target } from './cast.ts';
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

function startSorter(giver: Target<Sorted>, side: Side): Target<ToSorter> {
	let less: Numbers | undefined;
	let equal: Numbers = [];
	let more: Numbers | undefined;
	function sort(numbers: Numbers, self: Target<ToSorter>): void {
		const small = sorted(numbers);
		if (small) return giver.send({ type: 'sorted', side, numbers: small });
		const parts = divide(numbers);
		equal = parts.equal;
		startSorter(self, 'less').send({ type: 'sort', numbers: parts.less });
		startSorter(self, 'more').send({ type: 'sort', numbers: parts.more });
	}
	return startCallback<ToSorter>((message, self) => {
		if (message.type === 'sort') return sort(message.numbers, self);
		if (message.side === 'less') less = message.numbers;
		else more = message.numbers;
		if (less && more) giver.send({ type: 'sorted', side, numbers: less.concat(equal, more) });
	});
}

export const quicksort = driverOf<Numbers>(problem, (settle) => {
	const client = startCallback<Sorted>(({ numbers }) => settle(numbers));
	const sorter = startSorter(client, 'less');
	return () => sorter.send({ type: 'sort', numbers: input });
});
