/** What the ends of a channel and its home say to each other: the steps that an end takes, and what became of them. */

/** What an end asks for. */
export type StepKind = (typeof Step)[keyof typeof Step];

/** The kinds, as numbers, because a busy end takes many steps in one message. */
export const Step = {
	SEND: 0,
	RECEIVE: 1,
	TRY_SEND: 2,
	TRY_RECEIVE: 3,
	CLOSE: 4,
	ABORT: 5,
	/** Like a receive, and what else is held, up to so many, if nobody waits for it: it stays the channel's until it is taken. */
	RECEIVE_MANY: 6,
} as const;

/** Whether a step of that kind says something. */
export function hasValue(kind: number): boolean {
	return kind === Step.SEND || kind === Step.TRY_SEND || kind === Step.ABORT || kind === Step.RECEIVE_MANY;
}

/** Added to the kind of a step that is one of several of which one is to happen; see `select`. */
export const CHOICE = 8;

/** Steps that an end takes, in the order in which it took them. */
export interface Steps {
	/** Which end, as its home has numbered it. */
	readonly member: number;
	/** The number of the first; the others follow. */
	readonly first: number;
	readonly kinds: readonly number[];
	/** Of those that have one (a send's value, an abort's reason), in the same order. */
	readonly values: readonly unknown[];
	/** The choices that those with {@link CHOICE} belong to, in the same order. */
	readonly choices: readonly string[];
}

/** Why a step comes to nothing. */
export type Refusal =
	/** The channel is closed and drained: a receive ends. */
	| 'ended'
	/** The channel was closed before there was room: a send fails. */
	| 'closed'
	| 'aborted'
	/** A try would have had to wait. */
	| 'not-now'
	/** It was taken back in time. */
	| 'withdrawn';

/** What has become of steps, by their numbers. */
export interface Settled {
	/** Sends whose values the channel has taken, and closes and aborts that are done. */
	readonly accepted: readonly number[];
	/** Receives, and below what they got. One that got many stands here as often. */
	readonly got: readonly number[];
	readonly values: readonly unknown[];
	readonly refused: readonly number[];
	readonly why: readonly Refusal[];
	/** Receives whose values given ahead are wanted back. */
	readonly recalled: readonly number[];
	/** What the channel was aborted with, where that is why. */
	readonly reason?: unknown;
}

/** What a channel says of itself. */
export interface ChannelStat {
	/** Values that it holds before a send has to wait. */
	readonly capacity: number;
	/** Values that nobody has received yet. */
	readonly length: number;
	readonly closed: boolean;
	readonly aborted: boolean;
	/** Values taken from senders since it was made. */
	readonly sent: number;
	/** Values that receivers got. One that was given back is got again, and counts again. */
	readonly received: number;
	/** Values that nobody will get: dropped by an abort, or given ahead to a loop whose node died. */
	readonly lost: number;
	/** Sends that wait for room, and receives that wait for a value, as far as the channel knows of them by now. */
	readonly waiting: { readonly sends: number; readonly receives: number };
}
