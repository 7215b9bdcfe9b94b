/**
 * How many workers a stage should have. One more when pieces have waited though all were busy, one less when the last has had
 * nothing to do for much longer: what comes in bursts would have them come and go otherwise.
 */

/** How long pieces have to wait before another worker is hired, and a worker before it is dismissed, in ms. */
export const GROW_AFTER = 100;
const SHRINK_AFTER = 2_000;

/** A number of workers that follows the work. */
export class Elastic {
	readonly #min: number;
	readonly #max: number;
	#wanted: number;
	/** Since when pieces wait. */
	#pressed = Number.POSITIVE_INFINITY;

	constructor({ min, max }: { readonly min: number; readonly max: number }) {
		this.#min = min;
		this.#max = max;
		this.#wanted = min;
	}

	/** How many there should be. */
	get wanted(): number {
		return this.#wanted;
	}

	/** Whether that can be another number than it is. */
	get isFixed(): boolean {
		return this.#min === this.#max;
	}

	/** Whether there are more than there have to be. */
	get hasGrown(): boolean {
		return this.#wanted > this.#min;
	}

	/** Whether there should be one more. `waits`: pieces do, though nobody has room for them. */
	isShort(now: number, waits: boolean): boolean {
		if (!waits) this.#pressed = Number.POSITIVE_INFINITY;
		else if (this.#pressed === Number.POSITIVE_INFINITY) this.#pressed = now;
		return now - this.#pressed >= GROW_AFTER && this.#wanted < this.#max;
	}

	/** One more. */
	grow(now: number): void {
		this.#pressed = now;
		this.#wanted++;
	}

	/** Whether there should be one less; then there should. The last one has had nothing to do since then. */
	shrinks(now: number, idleSince: number): boolean {
		if (!this.hasGrown || now - idleSince < SHRINK_AFTER) return false;
		this.#wanted--;
		return true;
	}
}
