/** The dictionary with XState. */

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
import { startCallback, type Target } from './cast.ts';
import { driverOf } from './driver.ts';

type ToDictionary =
	| { readonly type: 'read'; readonly key: number; readonly clerk: Target<ToClerk> }
	| { readonly type: 'write'; readonly key: number; readonly value: number; readonly clerk: Target<ToClerk> }
	| { readonly type: 'total'; readonly reply: (total: number) => void };

type ToClerk = { readonly type: 'begin' } | { readonly type: 'reply'; readonly value: number };

interface Done {
	readonly type: 'done';
	readonly clerk: number;
	readonly checksum: number;
}

function startDictionary(): Target<ToDictionary> {
	const entries = firstEdition();
	return startCallback<ToDictionary>((message) => {
		switch (message.type) {
			case 'read':
				return message.clerk.send({ type: 'reply', value: operate(entries, message.key, undefined) });
			case 'write':
				return message.clerk.send({ type: 'reply', value: operate(entries, message.key, message.value) });
			case 'total':
				return message.reply(totalOf(entries));
		}
	});
}

function startClerk(number: number, entries: Target<ToDictionary>, office: Target<Done>): Target<ToClerk> {
	const script = scripts[number] as readonly Operation[];
	let done = 0;
	let checksum = 0;
	function next(clerk: Target<ToClerk>): void {
		const operation = script[done];
		if (operation === undefined) return office.send({ type: 'done', clerk: number, checksum });
		const { key, value } = operation;
		if (value === undefined) entries.send({ type: 'read', key, clerk });
		else entries.send({ type: 'write', key, value, clerk });
	}
	return startCallback<ToClerk>((message, self) => {
		if (message.type === 'reply') {
			checksum = fold(checksum, message.value);
			done++;
		}
		next(self);
	});
}

export const dictionary = driverOf<Inventory>(problem, (settle) => {
	const checksums: number[] = [];
	let left = CLERKS;
	const entries = startDictionary();
	const office = startCallback<Done>(({ clerk, checksum }) => {
		checksums[clerk] = checksum;
		if (--left === 0) entries.send({ type: 'total', reply: (total) => settle({ checksums, total }) });
	});
	const clerks = Array.from({ length: CLERKS }, (_, number) => startClerk(number, entries, office));
	return () => {
		for (const clerk of clerks) clerk.send({ type: 'begin' });
	};
});
