/**
 * First in, first out, in a chain of chunks: what comes goes into the last one, what goes is read from the first.
 * However long it gets, nothing is ever moved, and what has been read is free; a short queue lives in one small chunk.
 */

const SMALLEST = 8;
const LARGEST = 1_024;

interface Chunk<T> {
	readonly slots: (T | undefined)[];
	next: Chunk<T> | undefined;
}

/** The chunk of all queues that have none; it is full from the beginning. */
const NONE: Chunk<never> = { slots: [], next: undefined };

/** A queue in the order of arrival. */
export class Fifo<T> {
	#first: Chunk<T> = NONE;
	#last: Chunk<T> = NONE;
	/** Where the front is in the first chunk. */
	#from = 0;
	/** Where the next one goes in the last chunk. */
	#to = 0;
	#length = 0;

	get length(): number {
		return this.#length;
	}

	/** Adds at the back. */
	push(item: T): void {
		if (this.#to === this.#last.slots.length) this.#extend();
		this.#last.slots[this.#to++] = item;
		this.#length++;
	}

	/** Takes from the front. */
	shift(): T | undefined {
		if (this.#length === 0) return undefined;
		if (this.#from === this.#first.slots.length) this.#advance();
		const { slots } = this.#first;
		const item = slots[this.#from];
		slots[this.#from++] = undefined;
		// An empty queue begins again where its chunk does, which is still in the processor's cache.
		if (--this.#length === 0) this.#from = this.#to = 0;
		return item;
	}

	/** The item `index` places behind the front. */
	at(index: number): T | undefined {
		if (index >= this.#length) return undefined;
		let place = this.#from + index;
		let at = this.#first;
		for (; place >= at.slots.length; at = at.next as Chunk<T>) place -= at.slots.length;
		return at.slots[place];
	}

	*[Symbol.iterator](): IterableIterator<T> {
		let from = this.#from;
		for (let at: Chunk<T> | undefined = this.#first; at; at = at.next, from = 0) {
			const to = at === this.#last ? this.#to : at.slots.length;
			for (let i = from; i < to; i++) yield at.slots[i] as T;
		}
	}

	#extend(): void {
		const { length } = this.#last.slots;
		const last = chunk<T>(Math.min(Math.max(SMALLEST, 2 * length), LARGEST));
		if (this.#last === NONE) this.#first = last;
		else this.#last.next = last;
		this.#last = last;
		this.#to = 0;
	}

	#advance(): void {
		const { next } = this.#first;
		// A chunk that the collector has grown fond of must not pass that on to all that came after it.
		this.#first.next = undefined;
		this.#first = next as Chunk<T>;
		this.#from = 0;
	}
}

function chunk<T>(size: number): Chunk<T> {
	return { slots: new Array<T | undefined>(size).fill(undefined), next: undefined };
}
