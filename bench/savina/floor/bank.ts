/** The bank by hand: an ask is a promise and its resolve function in the message. */

import { AsyncFloorActor, FloorActor } from '../../local/floor-actor.ts';
import { ACCOUNTS, type Balances, OPENING_BALANCE, bank as problem, transfers } from '../problems/bank.ts';
import { driverOf } from './driver.ts';

type ToAccount =
	| { readonly type: 'pay'; readonly amount: number; readonly to: Account; readonly teller: Teller }
	| { readonly type: 'take'; readonly amount: number; readonly reply: () => void }
	| { readonly type: 'balance'; readonly reply: (balance: number) => void };

type ToTeller = { readonly type: 'open' } | { readonly type: 'paid' };

function ask<Reply>(tell: (reply: (value: Reply) => void) => void): Promise<Reply> {
	return new Promise(tell);
}

class Account extends AsyncFloorActor<ToAccount> {
	#balance = OPENING_BALANCE;

	protected async receive(message: ToAccount): Promise<void> {
		switch (message.type) {
			case 'pay':
				this.#balance -= message.amount;
				await ask<void>((reply) => message.to.tell({ type: 'take', amount: message.amount, reply }));
				return message.teller.tell({ type: 'paid' });
			case 'take':
				this.#balance += message.amount;
				return message.reply();
			case 'balance':
				return message.reply(this.#balance);
		}
	}
}

class Teller extends FloorActor<ToTeller> {
	readonly #accounts = Array.from({ length: ACCOUNTS }, () => new Account());
	readonly #settle: (balances: Balances) => void;
	#left = transfers.length;

	constructor(settle: (balances: Balances) => void) {
		super();
		this.#settle = settle;
	}

	protected receive({ type }: ToTeller): void {
		if (type === 'open') this.#open();
		else if (--this.#left === 0) void this.#balances().then(this.#settle);
	}

	#open(): void {
		for (const { from, to, amount } of transfers)
			this.#account(from).tell({ type: 'pay', amount, to: this.#account(to), teller: this });
	}

	#balances(): Promise<Balances> {
		return Promise.all(
			this.#accounts.map((account) => ask<number>((reply) => account.tell({ type: 'balance', reply }))),
		);
	}

	#account(number: number): Account {
		return this.#accounts[number] as Account;
	}
}

export const bank = driverOf<Balances>(problem, (settle) => {
	const teller = new Teller(settle);
	return () => teller.tell({ type: 'open' });
});
