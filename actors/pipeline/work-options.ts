/** What may be said of the work of a stage, checked. */

import { TroupeError } from '../../runtime/core/errors.ts';
import type { Placement } from '../../runtime/spawn.ts';
import { type BackoffOptions, backoffOf } from '../../supervisor/backoff.ts';
import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';
import { type Duration, milliseconds } from '../../supervisor/duration.ts';
import type { WorkStage } from './plan.ts';
import type { Retry, Rules } from './work.ts';

/** How often, and after what pauses, an element is tried again. */
export interface RetryOptions {
	/** Attempts in all, the first one among them. Default 3. */
	readonly attempts?: number;
	/** Pauses between them: growing, with jitter. Default as for restarts: 100 ms, doubling to 10 s, jitter 0.2. */
	readonly backoff?: BackoffOptions;
}

/** How the work of a stage is done. */
export interface WorkOptions {
	/** Its name in `describe()` and `stats()`. */
	readonly name?: string;
	/** Workers that share it: actors, each with one element at a time. Default: none, the run does it itself. */
	readonly workers?: number;
	/** As many workers as there is work for, within these bounds. */
	readonly elastic?: { readonly min?: number; readonly max: number };
	/** Where its workers live: nodes whose program declares the same pipeline. */
	readonly on?: Placement;
	/** Several workers may let elements overtake each other. Default: what comes out is in order. */
	readonly unordered?: boolean;
	/** What fails is tried again. */
	readonly retry?: RetryOptions;
	/** How long it may take for one element; longer is a failure, `ERR_STAGE_TIMEOUT`. */
	readonly timeout?: Duration;
}

/** How elements get into the sink. */
export interface SinkOptions<T> extends WorkOptions {
	/** An element's identity: one whose key was among the last ones is not written again. */
	readonly key?: (element: T) => unknown;
	/** How many keys are remembered. Default 100,000. */
	readonly window?: number;
}

const WORK_OPTIONS: ReadonlySet<string> = new Set<keyof SinkOptions<unknown>>([
	'name',
	'workers',
	'elastic',
	'on',
	'unordered',
	'retry',
	'timeout',
	'key',
	'window',
]);
/** Workers of one stage, at most. */
const MOST_WORKERS = 1_024;

/** Throws `ERR_BAD_OPTION` for an option that is none. */
export function checkOptions<O extends WorkOptions>(options: O): O {
	for (const key of Object.keys(optionGroup(options, 'options')))
		if (!WORK_OPTIONS.has(key))
			throw new BadOption(key, options[key as keyof O], `one of ${[...WORK_OPTIONS].join(', ')}`);
	return options;
}

/** What they say of single elements. */
export function rulesOf(options: WorkOptions | undefined): Rules {
	const { retry, timeout } = options ?? {};
	return {
		retry: retry === undefined ? undefined : retryOf(retry),
		timeout: timeout === undefined ? undefined : milliseconds(timeout, 'timeout'),
	};
}

function retryOf(options: RetryOptions): Retry {
	const { attempts = 3, backoff = {} } = optionGroup(options, 'retry');
	return { attempts: wholeNumber(attempts, 'retry.attempts', 1), backoff: backoffOf(backoff, 'retry.backoff') };
}

/** How an element that fails is tried again; the same as the object that it is given. */
export function retry(options: RetryOptions = {}): RetryOptions {
	retryOf(options);
	return options;
}

/** What they say of workers. */
export function workersOf(workers: number | undefined, elastic: WorkOptions['elastic']): WorkStage['workers'] {
	if (workers !== undefined && elastic !== undefined)
		throw new TroupeError('ERR_BAD_OPTION', "options 'workers' and 'elastic' exclude each other");
	if (elastic === undefined) {
		const number = wholeNumber(workers ?? 1, 'workers', 1, MOST_WORKERS);
		return { min: number, max: number };
	}
	const min = wholeNumber(elastic.min ?? 1, 'elastic.min', 1, MOST_WORKERS);
	return { min, max: wholeNumber(elastic.max, 'elastic.max', min, MOST_WORKERS) };
}
