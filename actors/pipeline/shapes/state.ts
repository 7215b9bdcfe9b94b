/** Stages that remember what has passed. */

import { type Shape, streamOf } from './shape.ts';

/** What has become of all elements so far, after each of them. */
export function scan(step: (state: unknown, element: unknown) => unknown, initial: () => unknown): Shape {
	return ([upstream]) => {
		let state = initial();
		return streamOf([upstream as never], async () => {
			const batch = await upstream?.next();
			if (!batch) return undefined;
			const values: unknown[] = [];
			for (const element of batch.values) {
				const next = step(state, element);
				state = next instanceof Promise ? await next : next;
				values.push(state);
			}
			return { ...batch, values };
		});
	};
}

/** Elements whose key was not among the last `size` ones. */
export function distinct(keyOf: (element: unknown) => unknown, size: number): Shape {
	return ([upstream]) => {
		// Two generations: the older one is forgotten whole, so that nothing has to be moved.
		let [young, old] = [new Set<unknown>(), new Set<unknown>()];
		const isNew = (element: unknown): boolean => {
			const key = keyOf(element);
			const known = young.has(key) || old.has(key);
			young.add(key);
			if (young.size >= size) [young, old] = [new Set(), young];
			return !known;
		};
		return streamOf([upstream as never], async () => {
			const batch = await upstream?.next();
			return batch && { ...batch, values: batch.values.filter(isNew) };
		});
	};
}
