/**
 * How long a link waits for an acknowledgement before it asks again, ever more seldom, and since when its peer has been
 * silent. The states `late` and `silent` of the table in link.ts are counted here.
 */

import type { Cancel, Clock } from '../core/clock.ts';
import { ACK_TIMEOUT } from '../core/config.ts';

/** Longest wait between two questions, in ms: a peer that has been paused or cut off answers so soon after its return. */
const LONGEST = 2_000;
/** Questions that are left unanswered by a peer that gets nothing else any more. The first may be lost, or early. */
const SILENT = 2;

/** Waits for one peer's acknowledgements. */
export class Patience {
	readonly #clock: Clock;
	readonly #over: () => void;
	#unanswered = 0;
	#timer: Cancel | undefined;

	/** `over` is called when a wait has ended; it is for the owner to say whether in vain. */
	constructor(clock: Clock, over: () => void) {
		this.#clock = clock;
		this.#over = () => {
			this.#timer = undefined;
			over();
		};
	}

	/** Whether a wait was in vain, and no answer has come since. */
	get late(): boolean {
		return this.#unanswered > 0;
	}

	/** Whether two in a row were. */
	get silent(): boolean {
		return this.#unanswered >= SILENT;
	}

	get waiting(): boolean {
		return this.#timer !== undefined;
	}

	/** Waits, longer after each wait that was in vain. */
	wait(): void {
		this.#timer = this.#clock.after(Math.min(ACK_TIMEOUT * 2 ** this.#unanswered, LONGEST), this.#over);
	}

	/** This wait was in vain. */
	lose(): void {
		this.#unanswered++;
	}

	/** As if there had been no wait. */
	renew(): void {
		this.#unanswered = 0;
		this.end();
	}

	/** Waits no more. */
	end(): void {
		this.#timer?.();
		this.#timer = undefined;
	}
}
