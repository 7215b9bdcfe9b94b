/** Whether what everybody inherits is still what it was. */

import { expect } from 'chai';

const SHARED: Readonly<Record<string, object>> = {
	Object,
	'Object.prototype': Object.prototype,
	'Array.prototype': Array.prototype,
	'Function.prototype': Function.prototype,
	'Error.prototype': Error.prototype,
	'Map.prototype': Map.prototype,
	'Set.prototype': Set.prototype,
	'Date.prototype': Date.prototype,
	'Promise.prototype': Promise.prototype,
	'Buffer.prototype': Buffer.prototype,
	'Uint8Array.prototype': Uint8Array.prototype,
	'String.prototype': String.prototype,
};

function portrait(): Map<string, PropertyDescriptor> {
	const all = new Map<string, PropertyDescriptor>();
	for (const [name, object] of Object.entries(SHARED))
		for (const key of Reflect.ownKeys(object))
			all.set(`${name}.${String(key)}`, Reflect.getOwnPropertyDescriptor(object, key) as PropertyDescriptor);
	return all;
}

/** Notes how things are; the function it returns throws when something has been added, taken away or replaced. */
export function sealed(): () => void {
	const before = portrait();
	return () => {
		const now = portrait();
		for (const name of new Set([...before.keys(), ...now.keys()])) {
			const [one, other] = [before.get(name), now.get(name)];
			const same = one && other && one.value === other.value && one.get === other.get && one.set === other.set;
			if (!same) expect.fail(`${name} is not what it was`);
		}
	};
}
