/**
 * The whole decision about one crash: directive, restart type, intensity and backoff together, in one function that
 * the cell calls. It knows no clock and no chance but what it is given.
 */

import { delayOf } from './backoff.ts';
import { comesBack, type RestartType } from './child-spec.ts';
import type { Directive } from './directive.ts';
import type { Intensity } from './intensity.ts';

/** Everything the decision depends on. */
export interface Crash {
	/** What the supervision says to this error: the answer of `decide(supervision, error)`. */
	readonly directive: Directive;
	/** The actor's restart type: one that does not come back after a crash is stopped instead of restarted. */
	readonly type: RestartType;
	/** The actor's restarts so far. A restart is recorded here, and nothing else is. */
	readonly restarts: Intensity;
	/** Milliseconds on the monotonic clock. */
	readonly now: number;
	/** A random number in [0, 1), for the jitter. */
	readonly random: number;
	/** How many times the message that failed had already been tried again. Default 0. */
	readonly retried?: number;
}

/** What the cell does next. */
export type Verdict =
	/** Go on with the next message, in the same instance. */
	| { readonly action: 'resume' }
	/** Start a new instance in `delay` milliseconds; then `retry` the message that failed (if one did) or drop it. */
	| { readonly action: 'restart'; readonly delay: number; readonly retry: boolean }
	/** Stop for good. */
	| { readonly action: 'stop' }
	/** Fail the parent: the supervision said so, or there were more restarts than the limit allows. */
	| { readonly action: 'escalate'; readonly because: 'directive' | 'intensity' };

/**
 * The verdict on a crash. The attempt that sets the delay is the number of restarts in the window, this one included:
 * an actor that has been well for that long starts over with the shortest delay. A permanent child that ended
 * normally is judged in the same way, under its `restart` directive.
 */
export function judge({ directive, type, restarts, now, random, retried = 0 }: Crash): Verdict {
	switch (directive.kind) {
		case 'resume':
			return { action: 'resume' };
		case 'stop':
			return { action: 'stop' };
		case 'escalate':
			return { action: 'escalate', because: 'directive' };
		case 'restart': {
			if (!comesBack(type, 'crash')) return { action: 'stop' };
			if (!restarts.record(now, directive)) return { action: 'escalate', because: 'intensity' };
			const delay = delayOf(directive.backoff, restarts.recent(now, directive.within), random);
			return { action: 'restart', delay, retry: retried < directive.retries };
		}
	}
}
