/** The far side of a driver: reads its brief, counts what it takes, and tells the driver now and then. */

import type { Brief, Report } from './far.ts';
import { check, type Payload, payloads, type Value } from './payloads.ts';

/** Tells the driver. */
function report(what: Report): void {
	process.send?.(what, () => {});
}

/** Counts messages, each of which must be the next of its stream. */
export class Tally {
	readonly brief: Brief;
	readonly payload: Payload;
	#taken = 0;
	#due: number;

	constructor(brief: Brief) {
		this.brief = brief;
		this.payload = payloads[brief.payload];
		this.#due = brief.every;
		process.on('message', () => report({ taken: this.#taken }));
	}

	/** A message has come. */
	take(value: Value): void {
		check(this.payload, value, this.#taken);
		this.count();
	}

	/** A message has come that nobody looks into. */
	count(): void {
		if (++this.#taken < this.#due) return;
		this.#due += this.brief.every;
		report({ taken: this.#taken });
	}
}

/** Makes this process a far one: `play` sets up what the brief asks for. It ends with the driver's interest in it. */
export function beFar(play: (tally: Tally) => Promise<unknown>): void {
	process.on('disconnect', () => process.exit(0));
	process.on('uncaughtException', (error) => report({ failed: String(error.stack) }));
	const tally = new Tally(JSON.parse(process.argv[2] as string) as Brief);
	play(tally).then(
		() => report({ taken: 0 }),
		(error: Error) => report({ failed: String(error.stack) }),
	);
}
