/**
 * How a mailbox is ordered and bounded, and who loses when it is full. A mailbox never holds more than its capacity;
 * what its policy turns away is accounted for.
 */

import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';
import { MAILBOX_CAPACITY } from '../core/config.ts';
import type { Message } from '../core/events.ts';

/** Who loses when a mailbox is full: the new message, with word to its sender; the oldest; or the new one, quietly. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest';

/** A class's or an actor's choice of mailbox, made by {@link bounded}, {@link priority} or `durable`. */
export interface MailboxSpec {
	readonly capacity: number;
	readonly overflow: Overflow;
	/** Higher is handled first; equal is first in, first out. */
	readonly urgency?: (message: Message) => number;
	/** It is kept by JetStream; made by `durable()`. */
	readonly durable?: DurableTerms;
}

/** How a durable mailbox goes about messages that fail; see `DurableOptions`. Durations are in milliseconds. */
export interface DurableTerms {
	readonly maxDeliver: number;
	readonly ackWait: number;
	readonly backoff: readonly number[];
	readonly deadLetters: boolean;
}

/** How a mailbox is bounded. */
export interface MailboxOptions {
	/** Messages it holds. Default 65,536. */
	readonly capacity?: number;
	/** What happens to a message that finds it full. Default `'reject'`. */
	readonly overflow?: Overflow;
}

const OVERFLOWS: readonly string[] = ['reject', 'drop-oldest', 'drop-newest'] satisfies Overflow[];

/**
 * A mailbox that is first in, first out. When it is full: `'reject'` fails an ask with `ERR_MAILBOX_FULL` and makes a
 * tell a dead letter; `'drop-oldest'` makes room by dropping the message at the front; `'drop-newest'` drops the new
 * one. A `send` waits for room instead, except under `'drop-oldest'`, where there always is some.
 */
export function bounded(options: MailboxOptions = {}): MailboxSpec {
	const { capacity = MAILBOX_CAPACITY, overflow = 'reject' } = optionGroup(options, 'mailbox', [
		'capacity',
		'overflow',
	]);
	if (!OVERFLOWS.includes(overflow)) throw new BadOption('mailbox.overflow', overflow, OVERFLOWS.join(', '));
	return { capacity: wholeNumber(capacity, 'mailbox.capacity', 1), overflow };
}

/**
 * A mailbox that hands out the message with the highest number first, and equal ones in the order sent. `urgency` must
 * be quick and depend on the message alone; where it throws or gives no number, the message has urgency 0. Under `'drop-oldest'` the least urgent message makes room.
 */
export function priority(urgency: (message: Message) => number, options: MailboxOptions = {}): MailboxSpec {
	if (typeof urgency !== 'function') throw new BadOption('mailbox.priority', urgency, 'a function of the message');
	return { ...bounded(options), urgency };
}

/** The mailbox, checked by shape; `ERR_BAD_OPTION`, naming `option`, for anything else, such as a forgotten call. */
export function checkMailbox(value: unknown, option: string): MailboxSpec {
	if (typeof value !== 'object' || value === null || !('capacity' in value))
		throw new BadOption(option, value, 'bounded(), priority() or durable()');
	const { urgency, durable, ...options } = value as MailboxSpec;
	if (durable !== undefined) return { ...bounded(options), durable };
	return urgency === undefined ? bounded(options) : priority(urgency, options);
}
