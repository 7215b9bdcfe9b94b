/** A mailbox that outlives its actor, its node and NATS: what is in it is kept by JetStream until it has been handled. */

import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';
import { type Duration, milliseconds } from '../../supervisor/duration.ts';
import { bounded, type DurableTerms, type MailboxSpec } from './mailbox-spec.ts';

/** How a durable mailbox goes about messages that fail. */
export interface DurableOptions {
	/** How often a message is handed to the actor before it is given up. Default 5. */
	readonly maxDeliver?: number | undefined;
	/** A handler that takes longer has failed: its actor restarts. Default 30 s. */
	readonly ackWait?: Duration | undefined;
	/**
	 * The waits before the second attempt, the third and so on; the last holds for all that follow. What came after the
	 * message waits with it. Default 100 ms, 1 s, 5 s, 10 s.
	 */
	readonly backoff?: readonly Duration[] | undefined;
	/** Whether what is given up is kept as a dead letter, for `system.deadLetters`. Default true. */
	readonly deadLetters?: boolean | undefined;
}

/** As often as a queue of RabbitMQ or a consumer of JetStream is commonly told to try. */
const MAX_DELIVER = 5;
/** JetStream's own default. */
const ACK_WAIT = 30_000;
/** Short for what a restart mends, and then long enough for a database to come back. */
const BACKOFF: readonly number[] = [100, 1_000, 5_000, 10_000];

const OPTIONS = ['maxDeliver', 'ackWait', 'backoff', 'deadLetters'] as const;

/**
 * A mailbox that JetStream keeps: `tell` and `send` have done their work once the message is stored, whether the actor
 * lives or not. The return of the handler acknowledges the message; a crash puts it back, to be tried again after a
 * wait; a `Rejection` is an answer, and acknowledges it too. Messages of one sender are handled in order, one at a time;
 * each at least once, and one whose node dies while it is handled, again.
 *
 * It is a matter of the class (`static readonly mailbox = durable()`), since senders have to know it. Unless the class says
 * otherwise, the actor is restarted as often as it takes.
 *
 * @throws `ERR_BAD_OPTION`.
 */
export function durable(options: DurableOptions = {}): MailboxSpec {
	const given = optionGroup(options, 'durable', OPTIONS);
	const { maxDeliver = MAX_DELIVER, ackWait = ACK_WAIT, backoff = BACKOFF, deadLetters = true } = given;
	if (!Array.isArray(backoff) || backoff.length === 0)
		throw new BadOption('durable.backoff', backoff, 'a list of durations, with one at least');
	if (typeof deadLetters !== 'boolean') throw new BadOption('durable.deadLetters', deadLetters, 'true or false');
	const terms: DurableTerms = {
		maxDeliver: wholeNumber(maxDeliver, 'durable.maxDeliver', 1),
		ackWait: milliseconds(ackWait, 'durable.ackWait'),
		backoff: backoff.map((wait, n) => milliseconds(wait, `durable.backoff[${n}]`)),
		deadLetters,
	};
	if (terms.ackWait === 0) throw new BadOption('durable.ackWait', ackWait, 'more than 0 ms');
	return { ...bounded(), durable: terms };
}
