/** A binary heap: highest urgency first, and first in, first out among equals. */

interface Node<T> {
	readonly item: T;
	readonly urgency: number;
	readonly order: number;
}

/** A queue by urgency; push and shift cost log n, drop is linear (it is the price of a full mailbox only). */
export class Heap<T> {
	readonly #urgencyOf: (item: T) => number;
	readonly #nodes: Node<T>[] = [];
	#next = 0;

	constructor(urgencyOf: (item: T) => number) {
		this.#urgencyOf = urgencyOf;
	}

	get length(): number {
		return this.#nodes.length;
	}

	push(item: T): void {
		this.#insert({ item, urgency: this.#urgency(item), order: this.#next++ });
	}

	shift(): T | undefined {
		return this.#take(0);
	}

	drop(): T | undefined {
		let least = 0;
		for (let i = 1; i < this.#nodes.length; i++) if (before(this.#at(least), this.#at(i))) least = i;
		return this.#take(least);
	}

	/** A function of the user's: one that throws, or returns no number, makes a message of urgency 0. */
	#urgency(item: T): number {
		try {
			const urgency = this.#urgencyOf(item);
			return typeof urgency === 'number' && !Number.isNaN(urgency) ? urgency : 0;
		} catch {
			return 0;
		}
	}

	#insert(node: Node<T>): void {
		this.#nodes.push(node);
		this.#rise(this.#nodes.length - 1);
	}

	#take(index: number): T | undefined {
		const taken = this.#nodes[index];
		const last = this.#nodes.pop();
		if (!taken || !last) return undefined;
		if (taken !== last) {
			this.#nodes[index] = last;
			this.#sink(index);
			this.#rise(index);
		}
		return taken.item;
	}

	#rise(index: number): void {
		const node = this.#at(index);
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if (!before(node, this.#at(parent))) break;
			this.#nodes[index] = this.#at(parent);
			index = parent;
		}
		this.#nodes[index] = node;
	}

	#sink(index: number): void {
		const node = this.#at(index);
		const { length } = this.#nodes;
		for (;;) {
			let child = 2 * index + 1;
			if (child >= length) break;
			if (child + 1 < length && before(this.#at(child + 1), this.#at(child))) child++;
			if (!before(this.#at(child), node)) break;
			this.#nodes[index] = this.#at(child);
			index = child;
		}
		this.#nodes[index] = node;
	}

	#at(index: number): Node<T> {
		return this.#nodes[index] as Node<T>;
	}
}

function before<T>(a: Node<T>, b: Node<T>): boolean {
	return a.urgency > b.urgency || (a.urgency === b.urgency && a.order < b.order);
}
