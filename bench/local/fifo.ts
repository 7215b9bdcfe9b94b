/** The queue that everybody writes once they have measured `Array.shift`: an array and where its front is. */

const WORTH_MOVING = 1_024;

/** First in, first out; gives back the room of what has left. */
export class Fifo<T> {
	#items: (T | undefined)[] = [];
	#front = 0;

	get length(): number {
		return this.#items.length - this.#front;
	}

	push(item: T): void {
		this.#items.push(item);
	}

	shift(): T | undefined {
		if (this.#front === this.#items.length) return undefined;
		const item = this.#items[this.#front];
		this.#items[this.#front++] = undefined;
		if (this.#front >= WORTH_MOVING && this.#front * 2 >= this.#items.length) {
			this.#items = this.#items.slice(this.#front);
			this.#front = 0;
		}
		return item;
	}
}
