/** The dictionary with Troupe: told, with a ref to reply to. */

import { Actor, type ActorRef } from 'troupe';
import {
	CLERKS,
	firstEdition,
	fold,
	type Inventory,
	type Operation,
	operate,
	dictionary as problem,
	scripts,
	totalOf,
} from '../problems/dictionary.ts';
import { Answering } from './answering.ts';
import { driverOf } from './driver.ts';

class Dictionary extends Actor {
	static readonly kind = 'dictionary';
	readonly #entries = firstEdition();

	read(key: number, clerk: ActorRef<Clerk>): void {
		clerk.tell.reply(operate(this.#entries, key, undefined));
	}

	write(key: number, value: number, clerk: ActorRef<Clerk>): void {
		clerk.tell.reply(operate(this.#entries, key, value));
	}

	total(): number {
		return totalOf(this.#entries);
	}
}

class Clerk extends Actor<{ number: number; dictionary: ActorRef<Dictionary>; office: ActorRef<Office> }> {
	static readonly kind = 'clerk';
	readonly #script = scripts[this.args.number] as readonly Operation[];
	#done = 0;
	#checksum = 0;

	begin(): void {
		this.#next();
	}

	reply(value: number): void {
		this.#checksum = fold(this.#checksum, value);
		this.#done++;
		this.#next();
	}

	#next(): void {
		const { number, dictionary, office } = this.args;
		const operation = this.#script[this.#done];
		if (operation === undefined) office.tell.done(number, this.#checksum);
		else if (operation.value === undefined) dictionary.tell.read(operation.key, this.self);
		else dictionary.tell.write(operation.key, operation.value, this.self);
	}
}

class Office extends Answering<Inventory> {
	static readonly kind = 'office';
	readonly #dictionary = this.spawn(Dictionary);
	readonly #clerks = Array.from({ length: CLERKS }, (_, number) =>
		this.spawn(Clerk, { args: { number, dictionary: this.#dictionary, office: this.self } }),
	);
	readonly #checksums: number[] = [];
	#left = CLERKS;

	open(): void {
		for (const clerk of this.#clerks) clerk.tell.begin();
	}

	async done(clerk: number, checksum: number): Promise<void> {
		this.#checksums[clerk] = checksum;
		if (--this.#left > 0) return;
		this._settle({ checksums: this.#checksums, total: await this.#dictionary.ask.total() });
	}
}

export const dictionary = driverOf(problem, async (system) => {
	const office = await system.spawn(Office);
	return {
		play() {
			office.tell.open();
			return office.ask.answer();
		},
		close: () => office.stop(),
	};
});
