/**
 * Work that is repeated for ever, in so many lanes at once, until it has to hold: then every lane finishes what it has
 * begun, and begins nothing before it may resume. A cycle that fails ends the process.
 */

/** One repetition: whatever it sends has been handled when it resolves. */
export type Cycle = () => Promise<unknown>;

/** All work of one node. */
export class Treadmill {
	/** Resolves when the lanes may go on; `undefined` while they may. */
	#gate: Promise<void> | undefined;
	#open: () => void = () => {};
	#running = 0;
	#rested: (() => void) | undefined;

	/** Repeats `cycle` in `lanes` lanes. */
	run(lanes: number, cycle: Cycle): void {
		for (let lane = 0; lane < lanes; lane++) void this.#repeat(cycle);
	}

	/** Resolves when nothing runs any more. */
	async hold(): Promise<void> {
		this.#gate ??= new Promise((resolve) => (this.#open = resolve));
		if (this.#running > 0) await new Promise<void>((resolve) => (this.#rested = resolve));
	}

	/** Lets all lanes go on. */
	resume(): void {
		this.#gate = undefined;
		this.#open();
	}

	async #repeat(cycle: Cycle): Promise<never> {
		for (;;) {
			while (this.#gate !== undefined) await this.#gate;
			this.#running++;
			await cycle();
			if (--this.#running === 0) this.#rested?.();
		}
	}
}
