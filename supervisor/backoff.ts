/**
 * How long to wait before a restart: exponential growth, a cap, and jitter so that actors which crashed together do
 * not come back together. Pure: the attempt and the random number come from the caller.
 */

import { BadOption, optionGroup } from './bad-option.ts';
import { type Duration, milliseconds } from './duration.ts';

/** A checked backoff; spans are milliseconds. {@link delayOf} says what the numbers do. */
export interface Backoff {
	/** The delay before the first attempt. */
	readonly initial: number;
	/** What each further attempt multiplies the delay by. */
	readonly factor: number;
	/** Where the growth ends, before jitter. */
	readonly max: number;
	/** The fraction of the delay by which it may fall short or exceed, from 0 (none) to 1. */
	readonly jitter: number;
}

/** A backoff as a user writes it. What is left out comes from {@link DEFAULT_BACKOFF}. */
export interface BackoffOptions {
	readonly initial?: Duration;
	readonly factor?: number;
	/** Never below `initial`; when only `initial` is given and exceeds the default, `max` is `initial`. */
	readonly max?: Duration;
	readonly jitter?: number;
}

/** The backoff of a restart when none is given. */
export const DEFAULT_BACKOFF: Backoff = Object.freeze({
	// Too short for a person to notice a single crash, long enough that a crash loop does not take a core.
	initial: 100,
	// Ten seconds are reached at the eighth attempt: early enough to spare a dependency that is down.
	factor: 2,
	// A dependency that returns is used again within ten seconds, without anyone's help.
	max: 10_000,
	// gRPC's value for the same problem: a herd at the cap is spread over four seconds.
	jitter: 0.2,
});

/** Node's longest timer, in milliseconds (24.8 days): a longer one would fire at once, and turn patience into a loop. */
const LONGEST_DELAY = 2_147_483_647;

const PARTS: readonly string[] = Object.keys(DEFAULT_BACKOFF);

/** The checked backoff; `ERR_BAD_OPTION`, naming `option` and the part of it, for one that cannot be used. */
export function backoffOf(options: BackoffOptions, option: string): Backoff {
	const { initial = DEFAULT_BACKOFF.initial, factor = DEFAULT_BACKOFF.factor } = optionGroup(options, option, PARTS);
	const first = milliseconds(initial, `${option}.initial`);
	const { max = Math.max(first, DEFAULT_BACKOFF.max), jitter = DEFAULT_BACKOFF.jitter } = options;
	const cap = milliseconds(max, `${option}.max`);
	if (cap < first) throw new BadOption(`${option}.max`, max, `at least ${option}.initial, which is ${first} ms`);
	if (!(Number.isFinite(factor) && factor >= 1))
		throw new BadOption(`${option}.factor`, factor, 'a number of at least 1');
	if (!(typeof jitter === 'number' && jitter >= 0 && jitter <= 1))
		throw new BadOption(`${option}.jitter`, jitter, 'a fraction from 0 to 1');
	return Object.freeze({ initial: first, factor, max: cap, jitter });
}

/**
 * The delay before `attempt` (1 is the first), in milliseconds: `initial × factor^(attempt - 1)`, at most `max`, then
 * moved by up to ± `jitter` of itself. Jitter comes after the cap, as in gRPC's connection backoff and Pekko's
 * supervisor: the other way round, half of a herd at the cap would come back at the same instant.
 *
 * @param random01 a random number in [0, 1); 0 gives the shortest delay.
 */
export function delayOf(backoff: Backoff, attempt: number, random01: number): number {
	// The power overflows at a few hundred attempts: kept finite, or an initial delay of 0 would give 0 times infinity.
	const growth = Math.min(backoff.factor ** (Math.max(attempt, 1) - 1), Number.MAX_VALUE);
	const delay = Math.min(backoff.initial * growth, backoff.max);
	return Math.min(delay * (1 + backoff.jitter * (2 * random01 - 1)), LONGEST_DELAY);
}
