/**
 * What the system tells about itself: typed lifecycle events on one stream. A listener that throws harms nobody, and
 * an event nobody listens to costs a map look-up.
 */

import { BadOption } from '../../supervisor/bad-option.ts';
import type { Cancel } from './clock.ts';
import type { AnyRef } from './protocol.ts';

/** Why a message was not handled. Every message sent is handled or becomes a dead letter with one of these. */
export type DeadLetterReason =
	/** Nobody holds the ID, or the actor the ref names has gone. */
	| 'no-such-actor'
	/** A group or pool without members. */
	| 'no-member'
	/** The actor stopped while the message was in its mailbox. */
	| 'stopped'
	/** The mailbox was full and its policy is `reject`. */
	| 'mailbox-full'
	/** Pushed out of a full mailbox by a later message (`drop-oldest`). */
	| 'dropped-oldest'
	/** Turned away from a full mailbox (`drop-newest`). */
	| 'dropped-newest'
	/** Its handler crashed. */
	| 'crashed'
	/** The class has no such message. */
	| 'not-a-message'
	/** The arguments did not pass the class's schema. */
	| 'invalid-message'
	/** The node it was sent to died; it may or may not have been handled there. */
	| 'node-down'
	/** A durable mailbox could not take it: NATS denies it, or keeps nothing. */
	| 'not-stored'
	/** Too much was waiting for a node, or for an ID to be found. */
	| 'outbox-full'
	/** A `send` was withdrawn by its timeout or signal before the mailbox took it. */
	| 'withdrawn'
	/** Bytes from the wire that were not a message. */
	| 'malformed'
	/** The node was declared dead by the others and may not act as owner any more. */
	| 'fenced'
	/** The system was stopped. */
	| 'system-stopped';

/** A message as it appears in events: the method's name and its arguments. */
export interface Message {
	readonly name: string;
	readonly args: readonly unknown[];
}

/** A message that nobody will handle. */
export interface DeadLetter {
	readonly reason: DeadLetterReason;
	/** The addressee, where known. */
	readonly target: AnyRef | undefined;
	/** The message; `undefined` when its content died with the node that held it. */
	readonly message: Message | undefined;
	/** The actor that sent it; `undefined` when it came from outside an actor. */
	readonly sender: AnyRef | undefined;
	/** The node that declared the message dead. */
	readonly node: string;
	/** How many messages this stands for: 1, or more when only their number is known. */
	readonly count: number;
	/** What went wrong, where there was an error. */
	readonly error?: unknown;
}

/** An event about one actor. */
export interface ActorEvent {
	readonly ref: AnyRef;
	readonly id: string;
	readonly path: string;
	readonly kind: string;
	readonly node: string;
}

/** An actor has stopped for good; `error` when a crash was the reason. */
export interface ActorStopped extends ActorEvent {
	readonly reason: 'stopped' | 'crashed' | 'node-down';
	readonly error?: unknown;
}

/** An actor was restarted after `error`. */
export interface ActorRestarted extends ActorEvent {
	readonly error: unknown;
	/** Restarts within its intensity window, this one included. */
	readonly restarts: number;
}

/** An event about one node. */
export interface NodeEvent {
	readonly node: string;
	readonly name: string;
	/** For `nodeDown`: whether it took leave, was evicted by the others, or let its lease run out. */
	readonly reason?: 'left' | 'no-responders' | 'lease-expired';
}

/** Something a person should know, with the remedy in its text. */
export interface Warning {
	readonly code: string;
	readonly message: string;
	readonly actor?: string;
	readonly node?: string;
	readonly error?: unknown;
}

/** What one part of this node has done so far, and what it holds: told each second, as long as somebody listens. */
export interface Metrics {
	/** What sort of part: `'stage'`, `'group'`, `'topic'`, ... */
	readonly kind: string;
	/** Which one. */
	readonly name: string;
	readonly node: string;
	/** Figures by name. Counts only rise; the pages of the parts say what they mean. */
	readonly values: Readonly<Record<string, number>>;
}

/** The events of a system, by name. */
export interface SystemEvents {
	readonly deadLetter: DeadLetter;
	readonly actorStarted: ActorEvent;
	readonly actorStopped: ActorStopped;
	readonly actorRestarted: ActorRestarted;
	readonly nodeUp: NodeEvent;
	readonly nodeSuspect: NodeEvent;
	/** A node that was suspected is there after all. */
	readonly nodeTrusted: NodeEvent;
	readonly nodeDown: NodeEvent;
	readonly warning: Warning;
	readonly metrics: Metrics;
}

type Listener<E> = (event: E) => void;

const NAMES: ReadonlySet<string> = new Set<keyof SystemEvents>([
	'deadLetter',
	'actorStarted',
	'actorStopped',
	'actorRestarted',
	'nodeUp',
	'nodeSuspect',
	'nodeTrusted',
	'nodeDown',
	'warning',
	'metrics',
]);

/** Warnings to keep until somebody listens: a start has few, and what comes later is in the log. */
const KEPT_WARNINGS = 32;

/** The listener, told nothing while it is being told something. */
function deaf<E>(listener: Listener<E>): Listener<E> {
	let told = false;
	return (event) => {
		if (told) return;
		told = true;
		try {
			return listener(event);
		} finally {
			told = false;
		}
	};
}

/** The stream of {@link SystemEvents}. */
export class EventStream {
	readonly #listeners = new Map<string, Set<Listener<never>>>();
	/** Nobody can listen before the start has ended, so the first who does is told what was said by then. */
	#unheard: Warning[] | undefined = [];
	readonly #failed: (event: string, error: unknown) => void;

	/** `failed` is told when a listener throws. */
	constructor(failed: (event: string, error: unknown) => void) {
		this.#failed = failed;
	}

	/**
	 * Calls `listener` for each event of that name, synchronously. Returns a function that ends it. The first to listen for
	 * `warning` is also told, in a moment, of the last 32 warnings before it. Who listens for `deadLetter` is not told of
	 * what the listener itself sends in vain, which would never end; it is counted like any other.
	 */
	on<K extends keyof SystemEvents>(name: K, listener: Listener<SystemEvents[K]>): Cancel {
		if (!NAMES.has(name)) throw new BadOption('event', name, [...NAMES].join(', '));
		if (typeof listener !== 'function') throw new BadOption('listener', listener, 'a function');
		let set = this.#listeners.get(name);
		if (!set) this.#listeners.set(name, (set = new Set()));
		const own: Listener<SystemEvents[K]> = name === 'deadLetter' ? deaf(listener) : (event) => listener(event);
		set.add(own);
		if (name === 'warning' && this.#unheard) this.#catchUp(this.#unheard);
		return () => set.delete(own);
	}

	/** Like {@link EventStream.on}, for the next event only. */
	once<K extends keyof SystemEvents>(name: K, listener: Listener<SystemEvents[K]>): Cancel {
		const off = this.on(name, (event) => {
			off();
			return listener(event);
		});
		return off;
	}

	/** Whether anybody listens, for callers that would have to build the event first. */
	heard(name: keyof SystemEvents): boolean {
		return (this.#listeners.get(name)?.size ?? 0) > 0;
	}

	/** Tells all who listen by now. One that throws, or whose promise rejects, is reported and harms nobody else. */
	emit<K extends keyof SystemEvents>(name: K, event: SystemEvents[K]): void {
		if (name === 'warning' && this.#unheard) {
			if (this.#unheard.length === KEPT_WARNINGS) this.#unheard.shift();
			this.#unheard.push(event as Warning);
		}
		const listeners = this.#listeners.get(name) as Set<Listener<SystemEvents[K]>> | undefined;
		if (listeners === undefined || listeners.size === 0) return;
		for (const listener of [...listeners]) {
			if (!listeners.has(listener)) continue;
			try {
				const outcome: unknown = listener(event);
				if (outcome instanceof Promise) outcome.catch((error) => this.#failed(name, error));
			} catch (error) {
				this.#failed(name, error);
			}
		}
	}

	#catchUp(unheard: readonly Warning[]): void {
		this.#unheard = undefined;
		queueMicrotask(() => {
			for (const warning of unheard) this.emit('warning', warning);
		});
	}
}
