/**
 * A queue that anybody may leave from the middle, at no cost that depends on its length: those who wait at a channel may
 * be withdrawn at any time.
 */

/** What stands in a {@link Line}: in one at a time. */
export interface Standing<Self extends Standing<Self>> {
	line: Line<Self> | undefined;
	before: Self | undefined;
	after: Self | undefined;
}

/** First in, first out. */
export class Line<E extends Standing<E>> {
	#first: E | undefined;
	#last: E | undefined;
	#length = 0;

	get first(): E | undefined {
		return this.#first;
	}

	get length(): number {
		return this.#length;
	}

	/** Adds at the end. */
	add(entry: E): void {
		entry.before = this.#last;
		if (this.#last) this.#last.after = entry;
		else this.#first = entry;
		this.#last = entry;
		this.#joined(entry);
	}

	/** Adds at the front: what was first comes back. */
	addFirst(entry: E): void {
		entry.after = this.#first;
		if (this.#first) this.#first.before = entry;
		else this.#last = entry;
		this.#first = entry;
		this.#joined(entry);
	}

	/** Takes out an entry that stands here. */
	remove(entry: E): void {
		const { before, after } = entry;
		if (before) before.after = after;
		else this.#first = after;
		if (after) after.before = before;
		else this.#last = before;
		entry.before = entry.after = entry.line = undefined;
		this.#length--;
	}

	*[Symbol.iterator](): Iterator<E> {
		for (let entry = this.#first, after: E | undefined; entry; entry = after) {
			after = entry.after;
			yield entry;
		}
	}

	#joined(entry: E): void {
		entry.line = this;
		this.#length++;
	}
}
