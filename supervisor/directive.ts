/**
 * What to do about an actor that crashed: restart it, let it resume, stop it, or escalate to its parent. Directives
 * are plain data; {@link decide} always answers with one, whatever the user's function does.
 */

import { type Backoff, type BackoffOptions, backoffOf } from './backoff.ts';
import { BadOption, optionGroup, wholeNumber } from './bad-option.ts';
import { type Limit, type LimitOptions, limitOf } from './intensity.ts';

/** Start a new instance after a delay; escalate once that happens more often than the limit allows. */
export interface Restart extends Limit {
	readonly kind: 'restart';
	/** The delay before each restart. */
	readonly backoff: Backoff;
	/** How many times the message that crashed the actor is tried again after a restart before it is dropped. */
	readonly retries: number;
}

/** Drop the message that failed and go on with the same instance and its state. */
export interface Resume {
	readonly kind: 'resume';
}

/** Stop the actor for good. */
export interface Stop {
	readonly kind: 'stop';
}

/** Let the actor's parent fail with the same error, so that the parent's own supervision decides. */
export interface Escalate {
	readonly kind: 'escalate';
	/** Present when nobody chose to escalate: what {@link decide} found wrong with the supervision itself. */
	readonly fault?: unknown;
}

/** What a supervisor does about one crash. */
export type Directive = Restart | Resume | Stop | Escalate;

/** A directive for every crash, or a function that picks one by the error. The function must be synchronous. */
export type Supervision = Directive | ((error: unknown) => Directive);

/** The options of {@link restart}. A `Restart` is accepted too, to derive one from another. */
export interface RestartOptions extends LimitOptions {
	/** Default: 100 ms, doubling to 10 s, jitter 0.2. */
	readonly backoff?: BackoffOptions;
	/** Default: {@link DEFAULT_RETRIES}. */
	readonly retries?: number;
}

/** A message that crashed an actor once will most likely do it again; whoever knows better says so. */
export const DEFAULT_RETRIES = 0;

/** `kind`, as one may be derived from another. */
const RESTART = ['kind', 'maxRestarts', 'within', 'backoff', 'retries'];

/**
 * Restarts the actor: at most 10 times in 60 s, 100 ms doubling to 10 s apart, unless the options say otherwise; one
 * restart more escalates. The mailbox outlives the restart; the message that failed is dropped, or tried again
 * `retries` times. `ERR_BAD_OPTION`, naming the option (`restart.maxRestarts`), for one that cannot be used.
 */
export function restart(options: RestartOptions = {}): Restart {
	const { backoff = {}, retries = DEFAULT_RETRIES } = optionGroup(options, 'restart', RESTART);
	return Object.freeze({
		kind: 'restart',
		...limitOf(options, 'restart'),
		backoff: backoffOf(backoff, 'restart.backoff'),
		retries: wholeNumber(retries, 'restart.retries'),
	});
}

const RESUME: Resume = Object.freeze({ kind: 'resume' });
const STOP: Stop = Object.freeze({ kind: 'stop' });
const ESCALATE: Escalate = Object.freeze({ kind: 'escalate' });

/** Drops the message that failed and keeps the actor and its state: for errors that cannot have damaged them. */
export function resume(): Resume {
	return RESUME;
}

/** Stops the actor; who watches it is told, and messages for it become dead letters. */
export function stop(): Stop {
	return STOP;
}

/** Hands the failure to the actor's parent, which then fails itself, under its own supervision. */
export function escalate(): Escalate {
	return ESCALATE;
}

/** The supervision, checked and with its defaults filled in; `ERR_BAD_OPTION`, naming `option`, for anything else. */
export function checkSupervision(value: unknown, option: string): Supervision {
	return typeof value === 'function' ? (value as (error: unknown) => Directive) : directiveOf(value, option);
}

/**
 * The directive for `error`. Never throws: a supervision function that throws, or returns what is no directive,
 * escalates, because nobody is left here who knows whether the actor may go on, and a restart by guess could loop. Its
 * parent knows more; `fault` says what was wrong.
 */
export function decide(supervision: Supervision, error: unknown): Directive {
	try {
		const answer: unknown = typeof supervision === 'function' ? supervision(error) : supervision;
		// An async function is no supervision, and its rejection must not end the process as one nobody handled.
		if (answer instanceof Promise) answer.catch(() => {});
		return directiveOf(answer, 'supervision');
	} catch (fault) {
		return { kind: 'escalate', fault };
	}
}

/** Read by shape, not by identity: a second copy of the package makes directives too. */
function directiveOf(value: unknown, option: string): Directive {
	const { kind } = (value ?? {}) as Partial<Directive>;
	if (kind === 'restart') {
		const { maxRestarts, within, backoff, retries } = value as Restart;
		return restart({ maxRestarts, within, backoff, retries });
	}
	if (kind === 'resume' || kind === 'stop' || kind === 'escalate') return value as Directive;
	throw new BadOption(
		option,
		value,
		'restart(), resume(), stop(), escalate(), or a function of the error that picks one',
	);
}
