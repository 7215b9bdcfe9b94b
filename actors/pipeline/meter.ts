/** What a stage has done so far, and what it has in hand. */

/** Figures of a stage. All counts are of elements, since the run began. */
export interface StageStats {
	/** Its name, as `describe()` has it. */
	readonly stage: string;
	readonly in: number;
	readonly out: number;
	/** With its workers now. */
	readonly inFlight: number;
	/** Waiting for a worker now. */
	readonly queue: number;
	readonly workers: number;
	/** The part of the time that its workers worked, from 0 to 1. */
	readonly busy: number;
	readonly retries: number;
	/** Elements that could not be worked on. */
	readonly failures: number;
	/** Elements that were given to another worker because theirs had gone; with at-most-once, those that were lost. */
	readonly redone: number;
	readonly lost: number;
	/** For how long the oldest element that waits has waited, in ms. */
	readonly lag: number;
}

/** Counts for a stage. */
export class Meter {
	readonly stage: string;
	readonly #now: () => number;
	readonly #begun: number;
	in = 0;
	out = 0;
	retries = 0;
	failures = 0;
	redone = 0;
	lost = 0;
	/** Time that workers have worked, in ms. */
	spent = 0;
	/** What only the stage knows now. */
	present: () => Pick<StageStats, 'inFlight' | 'queue' | 'workers' | 'lag'> = () => ({
		inFlight: 0,
		queue: 0,
		workers: 1,
		lag: 0,
	});

	constructor(stage: string, now: () => number) {
		this.stage = stage;
		this.#now = now;
		this.#begun = now();
	}

	stats(): StageStats {
		const present = this.present();
		const time = Math.max(1, (this.#now() - this.#begun) * Math.max(1, present.workers));
		const { stage, in: taken, out, retries, failures, redone, lost, spent } = this;
		const busy = Math.min(1, Math.round((spent / time) * 100) / 100);
		return { stage, in: taken, out, ...present, busy, retries, failures, redone, lost };
	}
}
