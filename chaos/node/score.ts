/**
 * What has been handled of one stream of numbered messages: kept by the process and not by the actor, so that it outlives
 * restarts, fences and takeovers, and as ranges, so that millions of numbers in a row cost nothing.
 */

/** Numbers from the first to the last, both included. */
export type Range = readonly [first: number, last: number];

/** As it is told to the driver. */
export interface Score {
	/** The actor that handled them. */
	readonly actor: string;
	readonly stream: string;
	readonly ranges: readonly Range[];
	/** Times that a number was handled here before. */
	readonly doubled: number;
	/** Times that a number was lower than the one before. */
	readonly disorder: number;
	/** When the last was handled, by the clock that processes share. */
	readonly at: number;
}

/** Keeps one {@link Score}. */
export class ScoreKeeper {
	readonly #ranges: [first: number, last: number][] = [];
	#doubled = 0;
	#disorder = 0;
	#last = -1;
	#at = 0;

	/** Notes one that is being handled, and when. */
	take(number: number, at: number): void {
		this.#at = at;
		if (number < this.#last) this.#disorder++;
		this.#last = number;
		const tail = this.#ranges.at(-1);
		if (tail && number === tail[1] + 1) tail[1] = number;
		else this.#insert(number);
	}

	score(actor: string, stream: string): Score {
		return { actor, stream, ranges: this.#ranges, doubled: this.#doubled, disorder: this.#disorder, at: this.#at };
	}

	/** Where it belongs, for one that does not follow the last. Ranges that come to touch are left as they are. */
	#insert(number: number): void {
		let at = this.#ranges.length;
		while (at > 0 && (this.#ranges[at - 1] as Range)[0] > number) at--;
		const before = this.#ranges[at - 1];
		if (before && number <= before[1]) this.#doubled++;
		else if (before && number === before[1] + 1) before[1] = number;
		else this.#ranges.splice(at, 0, [number, number]);
	}
}

/** How many different numbers there are in all these scores, and how many are in more than one. */
export function union(scores: readonly Score[]): { readonly different: number; readonly shared: number } {
	const ranges = scores.flatMap((score) => score.ranges).sort(([one], [other]) => one - other);
	let [different, shared, end] = [0, 0, -1];
	for (const [first, last] of ranges) {
		const overlap = Math.max(Math.min(last, end) - first + 1, 0);
		shared += overlap;
		different += last - first + 1 - overlap;
		end = Math.max(end, last);
	}
	return { different, shared };
}
