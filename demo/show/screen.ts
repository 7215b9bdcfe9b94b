/**
 * Where the show is seen. On a terminal the live part is drawn over itself and what is said stays above it; anywhere
 * else there is no cursor to move, and the live part is one plain line now and then.
 */

import { createLogUpdate } from 'log-update';

/** Between two plain lines, in ms. */
const PLAIN = 2_000;

export class Screen {
	readonly #live = createLogUpdate(process.stdout);
	readonly #terminal: boolean;
	#said = 0;

	constructor(plain: boolean) {
		this.#terminal = process.stdout.isTTY === true && process.stdout.columns > 0 && !plain;
	}

	/** A line that stays. */
	say(line: string): void {
		this.#live.clear();
		console.log(line);
	}

	/** The live part: one line, and for terminals something richer. */
	show(line: string, picture: () => string): void {
		if (this.#terminal) this.#live(`${picture()}\n${line}`.trimStart());
		else if (performance.now() - this.#said > PLAIN) {
			this.#said = performance.now();
			console.log(line);
		}
	}

	/** Ends the live part. */
	close(): void {
		if (this.#terminal) this.#live.done();
	}
}
