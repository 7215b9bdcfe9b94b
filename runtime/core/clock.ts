/**
 * Time and chance, as ports. Timers, backoff, leases and timeouts read one injectable clock, so that specs advance
 * time instead of sleeping and a cluster can be replayed from a seed. Nothing else may read a clock.
 */

/** Cancels what a call to {@link Clock.after} scheduled; harmless when it has fired. */
export type Cancel = () => void;

/** Where the runtime gets time and chance from. */
export interface Clock {
	/** Milliseconds on a monotonic scale of the process; the zero has no meaning. */
	now(): number;
	/** Milliseconds since the Unix epoch, as the machine believes it. */
	wall(): number;
	/** Calls `run` once, `delay` milliseconds from now. `background` does not keep the process alive. */
	after(delay: number, run: () => void, background?: boolean): Cancel;
	/** A number in [0, 1), for jitter. Never used for secrets. */
	random(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
	now: () => performance.now(),
	wall: () => Date.now(),
	after(delay, run, background = false) {
		const timer = setTimeout(run, delay);
		if (background) timer.unref();
		return () => clearTimeout(timer);
	},
	random: () => Math.random(),
};

interface Alarm {
	readonly at: number;
	readonly order: number;
	readonly run: () => void;
}

/** A clock that stands still until it is advanced: for specs and simulations. */
export class VirtualClock implements Clock {
	#now = 0;
	#order = 0;
	readonly #alarms: Alarm[] = [];
	#wallOffset: number;
	#seed: number;

	constructor(options: { readonly wall?: number; readonly seed?: number } = {}) {
		this.#wallOffset = options.wall ?? Date.UTC(2026, 0, 1);
		this.#seed = options.seed ?? 1;
	}

	now(): number {
		return this.#now;
	}

	wall(): number {
		return this.#now + this.#wallOffset;
	}

	/** Moves the wall clock alone, as a wrong time server would. */
	skew(milliseconds: number): void {
		this.#wallOffset += milliseconds;
	}

	after(delay: number, run: () => void): Cancel {
		const alarm: Alarm = { at: this.#now + Math.max(0, delay), order: this.#order++, run };
		this.#alarms.push(alarm);
		return () => {
			const index = this.#alarms.indexOf(alarm);
			if (index >= 0) this.#alarms.splice(index, 1);
		};
	}

	/** Alarms that have not fired. */
	get pending(): number {
		return this.#alarms.length;
	}

	/** mulberry32: small, fast, and the same on every machine for the same seed. */
	random(): number {
		this.#seed = (this.#seed + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}

	/** Time passes and nothing runs, as for a process that is paused: what was due meanwhile is late. */
	jump(milliseconds: number): void {
		this.#now += milliseconds;
	}

	/** Lets `milliseconds` pass: due alarms run in order, and what they set in motion settles after each. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.#now + milliseconds;
		await settle();
		for (let next = this.#earliest(end); next; next = this.#earliest(end)) {
			this.#alarms.splice(this.#alarms.indexOf(next), 1);
			this.#now = Math.max(this.#now, next.at);
			next.run();
			await settle();
		}
		// What has run may have jumped further.
		this.#now = Math.max(this.#now, end);
	}

	#earliest(end: number): Alarm | undefined {
		let best: Alarm | undefined;
		for (const alarm of this.#alarms) {
			if (alarm.at <= end && (!best || alarm.at < best.at || (alarm.at === best.at && alarm.order < best.order)))
				best = alarm;
		}
		return best;
	}
}

/** Two turns of the event loop: microtasks, and what they handed to setImmediate, have run. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
