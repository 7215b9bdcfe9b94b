/** The dictionary with nact. */

import { dispatch, type Ref, spawn } from 'nact';
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
import { driverOf, type Stage } from './driver.ts';

type ToDictionary =
	| { readonly type: 'read'; readonly key: number; readonly clerk: Ref<ToClerk> }
	| { readonly type: 'write'; readonly key: number; readonly value: number; readonly clerk: Ref<ToClerk> }
	| { readonly type: 'total'; readonly reply: Ref<number> };

type ToClerk = { readonly type: 'begin' } | { readonly type: 'reply'; readonly value: number };

interface Done {
	readonly clerk: number;
	readonly checksum: number;
}

function consult(entries: Map<number, number>, message: ToDictionary): Map<number, number> {
	switch (message.type) {
		case 'read':
			dispatch(message.clerk, { type: 'reply', value: operate(entries, message.key, undefined) });
			break;
		case 'write':
			dispatch(message.clerk, { type: 'reply', value: operate(entries, message.key, message.value) });
			break;
		case 'total':
			dispatch(message.reply, totalOf(entries));
	}
	return entries;
}

function spawnClerk(stage: Stage, number: number, entries: Ref<ToDictionary>, office: Ref<Done>): Ref<ToClerk> {
	const script = scripts[number] as readonly Operation[];
	let done = 0;
	let checksum = 0;
	function next(clerk: Ref<ToClerk>): void {
		const operation = script[done];
		if (operation === undefined) return dispatch(office, { clerk: number, checksum });
		const { key, value } = operation;
		if (value === undefined) dispatch(entries, { type: 'read', key, clerk });
		else dispatch(entries, { type: 'write', key, value, clerk });
	}
	return spawn(stage, (_: undefined, message: ToClerk, { self }: { readonly self: Ref<ToClerk> }): void => {
		if (message.type === 'reply') {
			checksum = fold(checksum, message.value);
			done++;
		}
		next(self);
	});
}

export const dictionary = driverOf<Inventory>(problem, (stage, settle) => {
	const checksums: number[] = [];
	let left = CLERKS;
	const entries = spawn(stage, consult, undefined, { initialStateFunc: firstEdition });
	const accountant = spawn(stage, (_: undefined, total: number) => settle({ checksums, total }));
	const office = spawn(stage, (_: undefined, { clerk, checksum }: Done) => {
		checksums[clerk] = checksum;
		if (--left === 0) dispatch(entries, { type: 'total', reply: accountant });
	});
	const clerks = Array.from({ length: CLERKS }, (_, number) => spawnClerk(stage, number, entries, office));
	return () => {
		for (const clerk of clerks) dispatch(clerk, { type: 'begin' });
	};
});
