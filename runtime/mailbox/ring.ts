/** A double-ended queue on a ring that grows by doubling and gives its memory back when it runs empty. */

const SMALLEST = 8;
const WORTH_FREEING = 1_024;

/** First in, first out, at a few nanoseconds each however long it gets (`Array.shift` is linear). */
export class Ring<T> {
	#slots: (T | undefined)[] = [];
	#mask = -1;
	#head = 0;
	#length = 0;

	get length(): number {
		return this.#length;
	}

	/** Adds at the back. */
	push(item: T): void {
		if (this.#length > this.#mask) this.#grow();
		this.#slots[(this.#head + this.#length++) & this.#mask] = item;
	}

	/** Adds at the front. */
	unshift(item: T): void {
		if (this.#length > this.#mask) this.#grow();
		this.#head = (this.#head - 1) & this.#mask;
		this.#slots[this.#head] = item;
		this.#length++;
	}

	/** Takes from the front. */
	shift(): T | undefined {
		if (this.#length === 0) return undefined;
		const item = this.#slots[this.#head];
		this.#slots[this.#head] = undefined;
		this.#head = (this.#head + 1) & this.#mask;
		if (--this.#length === 0 && this.#mask >= WORTH_FREEING) this.#free();
		return item;
	}

	/** The item `index` places behind the front. */
	at(index: number): T | undefined {
		return index < this.#length ? this.#slots[(this.#head + index) & this.#mask] : undefined;
	}

	*[Symbol.iterator](): IterableIterator<T> {
		for (let i = 0; i < this.#length; i++) yield this.#slots[(this.#head + i) & this.#mask] as T;
	}

	#grow(): void {
		const bigger: (T | undefined)[] = new Array(Math.max(SMALLEST, this.#slots.length * 2)).fill(undefined);
		for (let i = 0; i < this.#length; i++) bigger[i] = this.#slots[(this.#head + i) & this.#mask];
		this.#slots = bigger;
		this.#mask = bigger.length - 1;
		this.#head = 0;
	}

	#free(): void {
		this.#slots = [];
		this.#mask = -1;
		this.#head = 0;
	}
}
