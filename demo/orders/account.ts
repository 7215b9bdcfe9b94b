/** An account that books orders. What has been booked is a line in its file: the effect, and the memory of it, in one write. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Actor, durable } from '../../index.ts';

/** An order of a customer. */
export interface Order {
	readonly number: number;
	readonly cents: number;
}

/** Books orders, each once: one whose node died while it did so gets the order again, and finds it in the file. */
export class Account extends Actor<{ folder: string }> {
	static readonly kind = 'account';
	static readonly mailbox = durable({ maxDeliver: 20 });
	readonly #file = fileOf(this.args.folder, this.self.id);
	readonly #booked = new Set(
		existsSync(this.#file) ? linesOf(this.#file).map((line) => Number(line.split(' ')[0])) : [],
	);

	book({ number, cents }: Order): void {
		if (this.#booked.has(number)) return;
		appendFileSync(this.#file, `${number} ${cents}\n`);
		this.#booked.add(number);
	}
}

/** Where an account keeps what it has booked. */
export function fileOf(folder: string, account: string): string {
	return join(folder, `${account}.booked`);
}

/** The complete lines of a file. */
export function linesOf(file: string): string[] {
	return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

/** The account of an order. */
export function accountOf(number: number, accounts: number): string {
	return `account-${number % accounts}`;
}
