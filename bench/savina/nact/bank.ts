/** The bank with nact: a query from inside an actor whose function is async, which is when nact handles nothing else. */

import { dispatch, query, type Ref, spawn } from 'nact';
import { ACCOUNTS, type Balances, OPENING_BALANCE, bank as problem, transfers } from '../problems/bank.ts';
import { driverOf, type Stage } from './driver.ts';

type ToAccount =
	| { readonly type: 'pay'; readonly amount: number; readonly to: Ref<ToAccount>; readonly teller: Ref<ToTeller> }
	| { readonly type: 'take'; readonly amount: number; readonly reply: Ref<undefined> }
	| { readonly type: 'balance'; readonly reply: Ref<number> };

type ToTeller = 'open' | 'paid';

/** As long as an ask of Troupe's may take. */
const TIMEOUT = 5_000;

function account(balance: number, message: ToAccount): number | Promise<number> {
	switch (message.type) {
		case 'pay':
			return pay(balance, message.amount, message.to, message.teller);
		case 'take':
			dispatch(message.reply, undefined);
			return balance + message.amount;
		case 'balance':
			dispatch(message.reply, balance);
			return balance;
	}
}

async function pay(balance: number, amount: number, to: Ref<ToAccount>, teller: Ref<ToTeller>): Promise<number> {
	await query(to, (reply: Ref<undefined>) => ({ type: 'take', amount, reply }) as const, TIMEOUT);
	dispatch(teller, 'paid');
	return balance - amount;
}

function balanceOf(account: Ref<ToAccount>): Promise<number> {
	return query(account, (reply: Ref<number>) => ({ type: 'balance', reply }) as const, TIMEOUT);
}

function spawnTeller(stage: Stage, settle: (balances: Balances) => void): Ref<ToTeller> {
	const accounts = Array.from({ length: ACCOUNTS }, () =>
		spawn(stage, account, undefined, { initialState: OPENING_BALANCE }),
	);
	let left = transfers.length;
	return spawn(stage, async (_: undefined, message: ToTeller, { self }: { readonly self: Ref<ToTeller> }) => {
		if (message === 'open') {
			for (const { from, to, amount } of transfers)
				dispatch(accounts[from] as Ref<ToAccount>, {
					type: 'pay',
					amount,
					to: accounts[to] as Ref<ToAccount>,
					teller: self,
				});
		} else if (--left === 0) settle(await Promise.all(accounts.map(balanceOf)));
	});
}

export const bank = driverOf<Balances>(problem, (stage, settle) => {
	const teller = spawnTeller(stage, settle);
	return () => dispatch(teller, 'open');
});
