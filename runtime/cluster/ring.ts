/** Who looks after whom: each member the one whose ID comes after its own, and the last one the first. */

/** The ID among `ids` that comes after `self` in the ring; `undefined` when there is none. */
export function successor(self: string, ids: Iterable<string>): string | undefined {
	let first: string | undefined;
	let next: string | undefined;
	for (const id of ids) {
		if (id === self) continue;
		if (first === undefined || id < first) first = id;
		if (id > self && (next === undefined || id < next)) next = id;
	}
	return next ?? first;
}
