/** Events and errors: each payload is typed by its name, and what can be listed can be handled exhaustively. */

import {
	type ActorRestarted,
	type ActorStopped,
	type ActorSystem,
	type AnyRef,
	type DeadLetter,
	type DeadLetterReason,
	type ErrorCode,
	isRejection,
	isTroupeError,
	type Message,
	type NodeEvent,
	Rejection,
	type SystemEvents,
	TroupeError,
	type Warning,
} from '../../index.ts';
import { is, type Same } from './same.ts';

declare const system: ActorSystem;

is<
	Same<
		keyof SystemEvents,
		| 'deadLetter'
		| 'actorStarted'
		| 'actorStopped'
		| 'actorRestarted'
		| 'nodeUp'
		| 'nodeSuspect'
		| 'nodeTrusted'
		| 'nodeDown'
		| 'warning'
		| 'metrics'
	>
>();

system.events.on('deadLetter', (event) => {
	is<Same<typeof event, DeadLetter>>();
	is<Same<typeof event.reason, DeadLetterReason>>();
	is<Same<typeof event.target, AnyRef | undefined>>();
	is<Same<typeof event.message, Message | undefined>>();
});
system.events.on('actorStopped', (event) => is<Same<typeof event, ActorStopped>>());
system.events.on('actorRestarted', (event) => is<Same<typeof event, ActorRestarted>>());
system.events.on('nodeDown', (event) => is<Same<typeof event, NodeEvent>>());
system.events.once('warning', (event) => is<Same<typeof event, Warning>>());
is<Same<ReturnType<typeof system.events.on>, () => void>>();

// @ts-expect-error: no such event
system.events.on('deadletter', () => {});
// @ts-expect-error: an event has no such field
system.events.on('nodeUp', ({ id }) => id);
// @ts-expect-error: an event is read-only
system.events.on('nodeUp', (event) => (event.node = ''));
// @ts-expect-error: a listener for another event
system.events.on('nodeUp', (event: DeadLetter) => event);

/** Compiles only while every reason has its case. */
export function severity(reason: DeadLetterReason): number {
	switch (reason) {
		case 'no-such-actor':
		case 'stopped':
		case 'withdrawn':
		case 'no-member':
		case 'system-stopped':
			return 0;
		case 'mailbox-full':
		case 'dropped-oldest':
		case 'dropped-newest':
		case 'outbox-full':
		case 'not-stored':
			return 1;
		case 'crashed':
		case 'not-a-message':
		case 'invalid-message':
		case 'malformed':
			return 2;
		case 'node-down':
		case 'fenced':
			return 3;
	}
}

/** And does not, when one is missing. */
// @ts-expect-error: 'fenced' has no case, so the function may end without a return
export function incomplete(reason: 'node-down' | 'fenced'): number {
	switch (reason) {
		case 'node-down':
			return 3;
	}
}

// --------------------------------------------------------------------------------------------------------------- errors

export function told(error: unknown): string {
	if (isTroupeError(error)) {
		is<Same<typeof error.code, ErrorCode>>();
		// @ts-expect-error: no such code
		if (error.code === 'ERR_TIMEOUT') return 'never';
		return error.code;
	}
	if (isRejection(error)) {
		is<Same<typeof error.code, string>>();
		is<Same<typeof error.data, unknown>>();
	}
	// @ts-expect-error: whatever else it is, it has no code
	return error.code;
}

new Rejection('OUT_OF_STOCK', 'none left', { data: { left: 0 } });
// @ts-expect-error: a rejection needs a code
new Rejection();
new TroupeError('ERR_STOPPED', 'it stopped');
// @ts-expect-error: the runtime's own codes only; an application's go with a Rejection
new TroupeError('OUT_OF_STOCK', 'none left');
