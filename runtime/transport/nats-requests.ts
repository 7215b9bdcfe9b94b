/**
 * Requests over one reply subject. The client library's own cost a timer each and wait out their timeout when the
 * connection is lost; these share one alarm, fail as soon as no answer can come, and are twice as fast.
 */

import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from 'nats';
import type { Cancel, Clock } from '../core/clock.ts';

/** Why no answer came. */
export type Silence = 'no-responders' | 'timeout' | 'disconnected';

/** A request that got no answer. After `timeout` and `disconnected` nobody knows whether it was carried out. */
export class NoAnswer extends Error {
	override readonly name = 'NoAnswer';
	readonly why: Silence;

	constructor(why: Silence, subject: string) {
		super(`${EXPLANATIONS[why]}: ${subject}`);
		this.why = why;
	}
}

const EXPLANATIONS: Record<Silence, string> = {
	'no-responders': 'nobody listens',
	timeout: 'no answer in time',
	disconnected: 'the connection to NATS is down',
};

interface Waiting {
	readonly subject: string;
	readonly deadline: number;
	readonly resolve: (answer: Msg) => void;
	readonly reject: (reason: Error) => void;
}

/** Requests that wait, of which each is worth asking again: a busy server answers as many within a few ms. */
const FEW = 64;

/** A request without content. */
export const NO_DATA: Uint8Array = new Uint8Array();

/** The requests of one connection that wait for an answer. */
export class Requests {
	readonly #connection: NatsConnection;
	readonly #clock: Clock;
	readonly #inbox: string;
	readonly #waiting = new Map<number, Waiting>();
	#last = 0;
	#alarm: { readonly at: number; readonly cancel: Cancel } | undefined;
	/** Why no answer can be heard. */
	#deaf: Error | undefined;

	constructor(connection: NatsConnection, clock: Clock, inboxPrefix: string) {
		this.#connection = connection;
		this.#clock = clock;
		this.#inbox = `${createInbox(inboxPrefix)}.`;
		this.#listen();
	}

	/**
	 * Publishes `data` and resolves to the first answer; rejects with {@link NoAnswer}. With `again`, publishes it once more
	 * each so many milliseconds: where several listen and one of them is out of reach, another may be asked next. Not while
	 * so many wait that whoever is asked will be slow and not silent: the same again would bury him.
	 */
	ask(subject: string, data: Uint8Array, timeout: number, headers?: MsgHdrs, again?: number): Promise<Msg> {
		if (this.#deaf) return Promise.reject(this.#deaf);
		const number = ++this.#last;
		if (again !== undefined && again < timeout) this.#repeat(number, subject, data, again, headers);
		return new Promise((resolve, reject) => {
			const deadline = this.#clock.now() + timeout;
			this.#waiting.set(number, { subject, deadline, resolve, reject });
			this.#wake(deadline);
			const reply = `${this.#inbox}${number}`;
			try {
				this.#connection.publish(subject, data, headers ? { reply, headers } : { reply });
			} catch (error) {
				this.#waiting.delete(number);
				reject(error);
			}
		});
	}

	#repeat(number: number, subject: string, data: Uint8Array, again: number, headers?: MsgHdrs): void {
		const options = { reply: `${this.#inbox}${number}`, ...(headers ? { headers } : {}) };
		const repeat = (): void => {
			if (!this.#waiting.has(number)) return;
			try {
				if (this.#waiting.size <= FEW) this.#connection.publish(subject, data, options);
			} catch {
				// The connection is about to go, and the wait with it.
			}
			this.#clock.after(again, repeat, true);
		};
		this.#clock.after(again, repeat, true);
	}

	/** NATS denies to publish to `subject`: no request to it will be answered. */
	refused(subject: string, why: Error): void {
		for (const [number, waiting] of this.#waiting) {
			if (waiting.subject !== subject) continue;
			this.#waiting.delete(number);
			waiting.reject(why);
		}
	}

	/** NATS denies to subscribe to `subject`. Should it be the inbox, then nothing can be asked until {@link reconnected}. */
	deafened(subject: string, why: Error): void {
		if (subject !== `${this.#inbox}*`) return;
		this.#deaf = why;
		const waiting = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const { reject } of waiting) reject(why);
	}

	/** Permissions may be others now. */
	reconnected(): void {
		if (!this.#deaf) return;
		this.#deaf = undefined;
		this.#listen();
	}

	/** Ends every wait: the connection is gone, and with it every answer under way. */
	abandon(): void {
		const waiting = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const { reject, subject } of waiting) reject(new NoAnswer('disconnected', subject));
	}

	#listen(): void {
		const callback = (error: Error | null, answer: Msg) => {
			if (!error) this.#receive(answer); // a denial, which the status tells as well
		};
		this.#connection.subscribe(`${this.#inbox}*`, { callback });
	}

	#receive(answer: Msg): void {
		const number = Number(answer.subject.slice(this.#inbox.length));
		const waiting = this.#waiting.get(number);
		if (!waiting) return;
		this.#waiting.delete(number);
		if (answer.data.length === 0 && answer.headers?.code === 503)
			waiting.reject(new NoAnswer('no-responders', waiting.subject));
		else waiting.resolve(answer);
	}

	#wake(at: number): void {
		if (this.#alarm && this.#alarm.at <= at) return;
		this.#alarm?.cancel();
		this.#alarm = { at, cancel: this.#clock.after(at - this.#clock.now(), () => this.#expire(), true) };
	}

	#expire(): void {
		this.#alarm = undefined;
		const now = this.#clock.now();
		let next = Number.POSITIVE_INFINITY;
		for (const [number, { deadline, reject, subject }] of this.#waiting) {
			if (deadline > now) next = Math.min(next, deadline);
			else {
				this.#waiting.delete(number);
				reject(new NoAnswer('timeout', subject));
			}
		}
		if (next < Number.POSITIVE_INFINITY) this.#wake(next);
	}
}
