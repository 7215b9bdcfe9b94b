/** The dictionary by hand. */

import { FloorActor } from '../../local/floor-actor.ts';
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
import { driverOf } from './driver.ts';

type ToDictionary =
	| { readonly type: 'read'; readonly key: number; readonly clerk: Clerk }
	| { readonly type: 'write'; readonly key: number; readonly value: number; readonly clerk: Clerk }
	| { readonly type: 'total'; readonly reply: (total: number) => void };

type ToClerk = { readonly type: 'begin' } | { readonly type: 'reply'; readonly value: number };

interface Done {
	readonly clerk: number;
	readonly checksum: number;
}

class Dictionary extends FloorActor<ToDictionary> {
	readonly #entries = firstEdition();

	protected receive(message: ToDictionary): void {
		switch (message.type) {
			case 'read':
				return message.clerk.tell({ type: 'reply', value: operate(this.#entries, message.key, undefined) });
			case 'write':
				return message.clerk.tell({ type: 'reply', value: operate(this.#entries, message.key, message.value) });
			case 'total':
				return message.reply(totalOf(this.#entries));
		}
	}
}

class Clerk extends FloorActor<ToClerk> {
	readonly #number: number;
	readonly #dictionary: Dictionary;
	readonly #office: Office;
	readonly #script: readonly Operation[];
	#done = 0;
	#checksum = 0;

	constructor(number: number, dictionary: Dictionary, office: Office) {
		super();
		this.#number = number;
		this.#dictionary = dictionary;
		this.#office = office;
		this.#script = scripts[number] as readonly Operation[];
	}

	protected receive(message: ToClerk): void {
		if (message.type === 'reply') {
			this.#checksum = fold(this.#checksum, message.value);
			this.#done++;
		}
		this.#next();
	}

	#next(): void {
		const operation = this.#script[this.#done];
		if (operation === undefined) return this.#office.tell({ clerk: this.#number, checksum: this.#checksum });
		const { key, value } = operation;
		if (value === undefined) this.#dictionary.tell({ type: 'read', key, clerk: this });
		else this.#dictionary.tell({ type: 'write', key, value, clerk: this });
	}
}

class Office extends FloorActor<Done> {
	readonly #dictionary: Dictionary;
	readonly #settle: (inventory: Inventory) => void;
	readonly #checksums: number[] = [];
	#left = CLERKS;

	constructor(dictionary: Dictionary, settle: (inventory: Inventory) => void) {
		super();
		this.#dictionary = dictionary;
		this.#settle = settle;
	}

	protected receive({ clerk, checksum }: Done): void {
		this.#checksums[clerk] = checksum;
		if (--this.#left > 0) return;
		const reply = (total: number): void => this.#settle({ checksums: this.#checksums, total });
		this.#dictionary.tell({ type: 'total', reply });
	}
}

export const dictionary = driverOf<Inventory>(problem, (settle) => {
	const entries = new Dictionary();
	const office = new Office(entries, settle);
	const clerks = Array.from({ length: CLERKS }, (_, number) => new Clerk(number, entries, office));
	return () => {
		for (const clerk of clerks) clerk.tell({ type: 'begin' });
	};
});
