/**
 * How many restarts are too many: a sliding window over the times of the latest ones. What it remembers is bounded by
 * the limit, so a crash loop costs no memory. Pure: the caller says what time it is.
 */

import { BadOption, wholeNumber } from './bad-option.ts';
import { type Duration, milliseconds } from './duration.ts';

/** At most `maxRestarts` restarts within any `within` milliseconds. */
export interface Limit {
	readonly maxRestarts: number;
	readonly within: number;
}

/** A limit as a user writes it. */
export interface LimitOptions {
	/** From 0 (never restart) to {@link MOST_RESTARTS}. Default: {@link DEFAULT_MAX_RESTARTS}. */
	readonly maxRestarts?: number;
	/** Longer than 0. Default: {@link DEFAULT_WITHIN}. */
	readonly within?: Duration;
}

/** Ten crashes are a pattern, not bad luck. At the default backoff a crash loop gets there in 43 s, give or take jitter. */
export const DEFAULT_MAX_RESTARTS = 10;

/** A minute, in milliseconds: longer than ten restarts at the default backoff take, or nothing would ever escalate. */
export const DEFAULT_WITHIN = 60_000;

/**
 * Each restart in the window is remembered: this many are 80 kB for one actor. It is also a way to say "for ever":
 * `restart({ maxRestarts: 10_000, within: '1d' })` is more than the default backoff can reach.
 */
export const MOST_RESTARTS = 10_000;

/** The checked limit; `ERR_BAD_OPTION`, naming `option` and the part of it, for one that cannot be used. */
export function limitOf(options: LimitOptions, option: string): Limit {
	const { maxRestarts = DEFAULT_MAX_RESTARTS, within = DEFAULT_WITHIN } = options;
	const period = milliseconds(within, `${option}.within`);
	// OTP refuses a period of 0 too: it would count nothing, so nothing could ever be too much.
	if (period === 0) throw new BadOption(`${option}.within`, within, 'a span longer than 0');
	return { maxRestarts: wholeNumber(maxRestarts, `${option}.maxRestarts`, 0, MOST_RESTARTS), within: period };
}

/**
 * The restarts of one actor, or of one supervisor as a whole. The rule is that of OTP's `supervisor` (`intensity` and
 * `period`, `add_restart/1`): the restart at hand is counted first, then everything in the window, both ends included;
 * more than the limit is too many. `maxRestarts` 0 means never.
 */
export class Intensity {
	readonly #limit: Limit;
	/** Times of restarts, oldest first, the refused ones among them: a crash loop stays refused until it pauses. */
	#times: readonly number[] = [];
	#largest: number;
	#widest: number;

	/** The limit that counts when {@link record} is given none; `within` is milliseconds. */
	constructor(maxRestarts: number = DEFAULT_MAX_RESTARTS, within: number = DEFAULT_WITHIN) {
		this.#limit = { maxRestarts, within };
		this.#largest = maxRestarts;
		this.#widest = within;
	}

	/**
	 * Counts a restart at `now` (milliseconds on a monotonic clock); `false` when it is one too many. A supervision
	 * function may answer with another limit for each error: all restarts count under each of them, whatever caused
	 * them, so the memory is that of the largest limit and the widest window seen.
	 */
	record(now: number, limit: Limit = this.#limit): boolean {
		this.#largest = Math.max(this.#largest, limit.maxRestarts);
		this.#widest = Math.max(this.#widest, limit.within);
		const inView = this.#times.filter((at) => now - at <= this.#widest);
		this.#times = [...inView, now].slice(-(this.#largest + 1));
		return this.recent(now, limit.within) <= limit.maxRestarts;
	}

	/** How many of the recorded restarts lie within the window that ends at `now`; counts no further than limit + 1. */
	recent(now: number, within: number = this.#limit.within): number {
		return this.#times.filter((at) => now - at <= within).length;
	}

	/** Forgets every restart, as for an actor that its supervisor has started afresh. */
	reset(): void {
		this.#times = [];
	}
}
