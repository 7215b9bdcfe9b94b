/**
 * What a mailbox is and what it does when it is full. A mailbox never holds more than its capacity; what its policy
 * turns away is handed back to the caller, who accounts for it.
 */

import { BadOption, wholeNumber } from '../../supervisor/bad-option.ts';
import { MAILBOX_CAPACITY } from '../core/config.ts';
import type { Message } from '../core/events.ts';
import { Fifo } from './fifo.ts';
import { Heap } from './heap.ts';

/** Who loses when a mailbox is full: the new message, with word to its sender; the oldest; or the new one, quietly. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest';

/** A class's or an actor's choice of mailbox, made by {@link bounded} or {@link priority}. */
export interface MailboxSpec {
	readonly capacity: number;
	readonly overflow: Overflow;
	/** Higher is handled first; equal is first in, first out. */
	readonly urgency?: (message: Message) => number;
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
	const { capacity = MAILBOX_CAPACITY, overflow = 'reject' } = options;
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
		throw new BadOption(option, value, 'bounded() or priority()');
	const { urgency, ...options } = value as MailboxSpec;
	return urgency === undefined ? bounded(options) : priority(urgency, options);
}

/** A queue of messages in the order in which they will be handled. */
export interface Queue<T> {
	readonly length: number;
	push(item: T): void;
	/** Takes what is handled next. */
	shift(): T | undefined;
	/** Puts back what was taken, to be handled before everything else. */
	unshift(item: T): void;
	/** Takes what a `drop-oldest` policy gives up. */
	drop(): T | undefined;
}

/** The queue that a spec asks for. */
export function queueOf<T>(spec: MailboxSpec, messageOf: (item: T) => Message): Queue<T> {
	const { urgency } = spec;
	return urgency ? new Heap<T>((item) => urgency(messageOf(item))) : new Fifo<T>();
}
