/**
 * Savina's `banking`: a teller has money moved between accounts. The account that pays asks the other one to take it,
 * and does nothing else until it has. Money only moves up the list of accounts, so that they never wait in a circle.
 */

import { aheadOfPeers, type Problem, rate } from '../problem.ts';
import { Random } from '../random.ts';

export const ACCOUNTS = 100;
export const OPENING_BALANCE = 1_000_000;
const TRANSFERS = 5_000;

export interface Transfer {
	readonly from: number;
	readonly to: number;
	readonly amount: number;
}

/** What each account has, by account. */
export type Balances = readonly number[];

const random = new Random(123_456);

export const transfers: readonly Transfer[] = Array.from({ length: TRANSFERS }, () => {
	const from = random.below(ACCOUNTS - 1);
	return { from, to: from + 1 + random.below(ACCOUNTS - 1 - from), amount: random.below(1_000) };
});

/** The same without actors: a sum that was lost or doubled on its way shows in one balance at least. */
function model(): Balances {
	const balances = Array.from({ length: ACCOUNTS }, () => OPENING_BALANCE);
	for (const { from, to, amount } of transfers) {
		balances[from] = (balances[from] ?? 0) - amount;
		balances[to] = (balances[to] ?? 0) + amount;
	}
	return balances;
}

export const bank: Problem<Balances> = {
	workload: {
		name: 'bank',
		what: `${ACCOUNTS} actors pay each other, each payment an ask, payments/s`,
		figures: rate,
		goals: [aheadOfPeers],
	},
	items: TRANSFERS,
	answer: model(),
};
