/** Messages that nobody will handle: counted, announced, and answered, so that no loss is silent and no ask hangs. */

import type { ErrorCode } from '../core/errors.ts';
import { messageOf, TroupeError } from '../core/errors.ts';
import type { DeadLetterReason } from '../core/events.ts';
import type { AnyRef } from '../core/protocol.ts';
import { isControl, STOP } from './control.ts';
import { type Envelope, messageIn } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import type { Target } from './ref.ts';

const ANSWERS: Readonly<Record<DeadLetterReason, readonly [ErrorCode, string]>> = {
	'no-such-actor': ['ERR_NO_SUCH_ACTOR', 'no actor is there; spawn it, or check the ID with system.whereis(id)'],
	'no-member': ['ERR_NO_MEMBER', "no member is there; let actors join, or use the option empty: 'wait'"],
	stopped: ['ERR_STOPPED', 'it stopped before it took the message'],
	'mailbox-full': [
		'ERR_MAILBOX_FULL',
		'its mailbox is full; use send to wait for room, slow down, or raise its capacity',
	],
	'dropped-oldest': ['ERR_MAILBOX_FULL', 'the message was dropped from its full mailbox for a later one'],
	'dropped-newest': ['ERR_MAILBOX_FULL', 'its mailbox is full and drops what comes'],
	crashed: ['ERR_ACTOR_CRASHED', 'it crashed while it handled the message'],
	'not-a-message': ['ERR_NOT_A_MESSAGE', 'its class has no such message; messages are the public methods of the class'],
	'invalid-message': ['ERR_INVALID_MESSAGE', 'the arguments did not pass the schema'],
	'node-down': ['ERR_NODE_DOWN', 'its node was declared dead; the message may or may not have been handled'],
	'outbox-full': [
		'ERR_OUTBOX_FULL',
		'too much is waiting for its node; use send or ask and await them, so as not to outrun it',
	],
	'not-stored': ['ERR_NOT_STORED', 'its durable mailbox could not take the message'],
	withdrawn: ['ERR_SEND_TIMEOUT', 'the message was withdrawn before the mailbox took it'],
	malformed: ['ERR_MALFORMED', 'the bytes that arrived are not a message'],
	fenced: ['ERR_STALE_EPOCH', 'its node may no longer act as its owner'],
	'system-stopped': ['ERR_SYSTEM_STOPPED', 'the system has been stopped'],
};

/** Closes the books on a message: counts it, announces it and tells whoever waits for its outcome. */
export function bury(
	kernel: Kernel,
	envelope: Envelope,
	target: Target,
	reason: DeadLetterReason,
	error?: unknown,
): void {
	const { handler, sender, replyTo } = envelope;
	if (isControl(handler)) {
		// Who is not there has stopped.
		if (handler === STOP && (reason === 'no-such-actor' || reason === 'stopped')) replyTo?.replied(undefined);
		else replyTo?.failed(answer(envelope, target, reason, error));
		return;
	}
	kernel.ledger.bury(reason);
	if (kernel.events.heard('deadLetter')) {
		kernel.events.emit('deadLetter', {
			reason,
			target: kernel.refTo(target) as unknown as AnyRef,
			message: messageIn(envelope),
			sender: sender as unknown as AnyRef | undefined,
			node: kernel.node,
			count: 1,
			...(error === undefined ? {} : { error }),
		});
	}
	replyTo?.failed(answer(envelope, target, reason, error));
}

function answer({ handler }: Envelope, target: Target, reason: DeadLetterReason, error: unknown): TroupeError {
	if (reason === 'invalid-message' && error instanceof TroupeError) return error;
	return errorOf(reason, `'${handler.name}' to ${target.id || 'an actor'}`, target.id, error);
}

/** The error that tells a caller why `what` came to nothing. */
export function errorOf(reason: DeadLetterReason, what: string, actor: string, cause?: unknown): TroupeError {
	const [code, why] = ANSWERS[reason];
	const said = reason === 'crashed' || reason === 'not-stored' ? `: ${messageOf(cause)}` : '';
	return new TroupeError(code, `${what}: ${why}${said}`, { ...(cause === undefined ? {} : { cause }), actor });
}
