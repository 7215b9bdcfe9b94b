/**
 * How a driver learns that its messages have been handled, and that none was lost or handled twice: whoever handles one
 * counts it here. Costs each contender the same addition and comparison.
 */

/** Counts, and opens at a number. */
export class Latch {
	#total = 0;
	#at = Number.NaN;
	#open = (): void => {};

	/** What has been counted. */
	get total(): number {
		return this.#total;
	}

	/** Called by handlers. */
	count(by: number): void {
		this.#total += by;
		if (this.#total === this.#at) this.#open();
	}

	/** Resolves when `more` have been counted from now on. */
	after(more: number): Promise<void> {
		this.#at = this.#total + more;
		return new Promise((resolve) => {
			this.#open = resolve;
		});
	}
}
