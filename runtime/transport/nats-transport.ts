/**
 * The transport on NATS. It keeps trying for as long as it lives, notices a silent server within about three seconds,
 * and drops what is published while it is away: the client library forgets it anyway, so links own delivery.
 */

import type { Msg, MsgHdrs, NatsConnection, Status } from 'nats';
import type { Clock } from '../core/clock.ts';
import { asError, Listeners } from './listeners.ts';
import { internalsOf, publishAtOnce } from './nats-internals.ts';
import { NO_DATA, NoAnswer, Requests } from './nats-requests.ts';
import { checkPayload } from './payload.ts';
import type { ProbeResult, Receive, Transport, TransportState } from './transport.ts';

/** How long closing waits for the server to take what is buffered, in ms: a live server takes it in a round trip. */
const CLOSE_GRACE = 1_000;

/** A connection to NATS; made by `connectNats`. */
export class NatsTransport implements Transport {
	/** The client library's connection, for what the port does not cover. Its life is this transport's. */
	readonly connection: NatsConnection;
	readonly clock: Clock;
	readonly byIo = true;
	/** Where its reply subjects begin. */
	readonly inboxPrefix: string;
	readonly #requests: Requests;
	readonly #states = new Listeners<TransportState>();
	readonly #problems = new Listeners<Error>();
	#state: TransportState = 'connected';
	#address: string;
	#maxPayload = 0;
	#closing: Promise<void> | undefined;

	/** Takes over a fresh connection. */
	constructor(connection: NatsConnection, clock: Clock, inboxPrefix: string) {
		this.connection = connection;
		this.clock = clock;
		this.inboxPrefix = inboxPrefix;
		this.#address = `nats://${connection.getServer()}`;
		this.#requests = new Requests(connection, clock, inboxPrefix);
		this.#follow().catch((error) => this.#report(error));
	}

	get state(): TransportState {
		return this.#state;
	}

	get address(): string {
		return this.#address;
	}

	get maxPayload(): number {
		this.#maxPayload = this.connection.info?.max_payload ?? this.#maxPayload;
		return this.#maxPayload;
	}

	/** @throws TroupeError `ERR_TOO_LARGE` when `data` is larger than {@link NatsTransport.maxPayload}. */
	publish(subject: string, data: Uint8Array): void {
		if (!this.#open) return;
		checkPayload(data, this);
		try {
			if (!publishAtOnce(this.connection, subject, data)) this.connection.publish(subject, data);
		} catch (error) {
			this.#report(error);
		}
	}

	together(publishes: () => void): void {
		const socket = internalsOf(this.connection)?.socket;
		socket?.cork();
		try {
			publishes();
		} finally {
			socket?.uncork();
		}
	}

	subscribe(subject: string, receive: Receive): () => void {
		if (this.#state === 'closed' || this.#closing) return () => {};
		// The library makes a text of a message's subject each time it is asked; without a wildcard, it is this one.
		const only = /[*>]/.test(subject) ? undefined : subject;
		const subscription = this.connection.subscribe(subject, {
			callback: (error, message) => {
				if (error || this.#closing) return; // a permission violation, which the status tells as well
				try {
					receive(message.data, only ?? message.subject, this.#replyTo(message));
				} catch (thrown) {
					this.#report(thrown);
				}
			},
		});
		return () => subscription.unsubscribe();
	}

	async probe(subject: string, timeout: number): Promise<ProbeResult> {
		try {
			await this.request(subject, NO_DATA, timeout);
			return 'answered';
		} catch (error) {
			return error instanceof NoAnswer && error.why === 'no-responders' ? 'no-responders' : 'silent';
		}
	}

	/**
	 * Publishes `data` and resolves to the first answer. Rejects with {@link NoAnswer}: at once when nobody listens or
	 * the connection is down or goes down, and otherwise after `timeout` milliseconds.
	 */
	request(subject: string, data: Uint8Array, timeout: number, headers?: MsgHdrs): Promise<Msg> {
		// Who asks again at once must not keep the event loop from what alone can bring the connection back.
		if (!this.#open)
			return new Promise((_, reject) => setImmediate(() => reject(new NoAnswer('disconnected', subject))));
		return this.#requests.ask(subject, data, timeout, headers);
	}

	onState(changed: (state: TransportState) => void): () => void {
		return this.#states.add(changed);
	}

	onProblem(problem: (error: Error) => void): () => void {
		return this.#problems.add(problem);
	}

	flush(): Promise<void> {
		if (this.#state !== 'connected') return Promise.resolve();
		return new Promise((resolve) => {
			const done = () => {
				stopWatching();
				resolve();
			};
			const stopWatching = this.onState(done); // a server that went away answers nothing
			this.connection.flush().then(done, done);
		});
	}

	/** Takes at most about a second, whatever the server does. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	get #open(): boolean {
		return this.#state === 'connected' && !this.#closing && !this.connection.isClosed();
	}

	async #close(): Promise<void> {
		await new Promise<void>((resolve) => {
			const cancel = this.clock.after(CLOSE_GRACE, resolve);
			void this.flush().then(() => {
				cancel();
				resolve();
			});
		});
		this.#become('closed');
		await this.connection.close();
		internalsOf(this.connection)?.discard?.(); // closed in the middle of a dial, the library goes on with it
	}

	/** Follows the client library's life until its end. */
	async #follow(): Promise<void> {
		void this.connection.closed().then((error) => {
			if (error) this.#report(error);
			this.#become('closed');
		});
		for await (const status of this.connection.status()) this.#note(status);
	}

	#note(status: Status): void {
		if (status.type === 'disconnect') this.#become('disconnected');
		else if (status.type === 'reconnect') {
			this.#address = `nats://${this.connection.getServer()}`;
			this.#become('connected');
		} else if (status.type === 'error') this.#report(status.error);
		// The library hangs up only after its last byte is written, which a server that stands still never lets happen.
		else if (status.type === 'staleConnection') internalsOf(this.connection)?.socket?.destroy();
	}

	#become(state: TransportState): void {
		if (this.#state === state || this.#state === 'closed') return;
		this.#state = state;
		if (state !== 'connected') this.#requests.abandon();
		this.#states.tell(state, (thrown) => this.#report(thrown));
	}

	#report(thrown: unknown): void {
		this.#problems.tell(asError(thrown));
	}

	/** Only an inbox of this system: whoever answers must not be led to publish elsewhere with its own permissions. */
	#replyTo({ reply }: Msg): string | undefined {
		return reply?.startsWith(`${this.inboxPrefix}.`) && !/[*>]/.test(reply) ? reply : undefined;
	}
}
