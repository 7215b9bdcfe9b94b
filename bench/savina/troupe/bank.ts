/** The bank with Troupe: a payment is an ask, for whose reply the paying account waits, as async handlers do. */

import { Actor, type ActorRef } from 'troupe';
import { ACCOUNTS, type Balances, OPENING_BALANCE, bank as problem, transfers } from '../problems/bank.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

class Account extends Actor {
	static readonly kind = 'account';
	#balance = OPENING_BALANCE;

	async pay(amount: number, to: ActorRef<Account>, teller: ActorRef<Teller>): Promise<void> {
		this.#balance -= amount;
		await to.ask.take(amount);
		teller.tell.paid();
	}

	take(amount: number): void {
		this.#balance += amount;
	}

	balance(): number {
		return this.#balance;
	}
}

class Teller extends Answering<Balances> {
	static readonly kind = 'teller';
	readonly #accounts = Array.from({ length: ACCOUNTS }, () => this.spawn(Account));
	#left = transfers.length;

	open(): void {
		for (const { from, to, amount } of transfers) this.#account(from).tell.pay(amount, this.#account(to), this.self);
	}

	async paid(): Promise<void> {
		if (--this.#left > 0) return;
		this._settle(await Promise.all(this.#accounts.map((account) => account.ask.balance())));
	}

	#account(number: number): ActorRef<Account> {
		return this.#accounts[number] as ActorRef<Account>;
	}
}

export const bank = driverOf(problem, async (system) => {
	const teller = await system.spawn(Teller);
	return {
		play() {
			teller.tell.open();
			return teller.ask.answer();
		},
		close: () => teller.stop(),
	};
});
