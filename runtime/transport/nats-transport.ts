/**
 * The transport on NATS. It keeps trying for as long as it lives, notices a silent server within about three seconds,
 * and drops what is published while it is away: the client library forgets it anyway, so links own delivery.
 */

import { errors, type Msg, type MsgHdrs, type NatsConnection, type Status, type Subscription } from 'nats';
import type { Clock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import { asError, Listeners } from './listeners.ts';
import { hangUp, internalsOf, publishAtOnce, readAtOnce, serversOf } from './nats-internals.ts';
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
	readonly #remedy: string;
	readonly #requests: Requests;
	/** Subscriptions that NATS has denied, to be made again when permissions may be others. */
	readonly #denied = new Set<() => void>();
	/** Who is given plain messages as they are read, by the number of the subscription. */
	readonly #takers = new Map<number, (data: Buffer) => void>();
	readonly #states = new Listeners<TransportState>();
	readonly #problems = new Listeners<Error>();
	#state: TransportState = 'connected';
	#address: string;
	#maxPayload = 0;
	/** Most servers of a cluster that were ever known at a time. */
	#servers = 0;
	#closing: Promise<void> | undefined;

	/** Takes over a fresh connection. `remedy`: what to do when NATS denies a subject. */
	constructor(connection: NatsConnection, clock: Clock, inboxPrefix: string, remedy: string) {
		this.#remedy = remedy;
		this.connection = connection;
		this.clock = clock;
		this.inboxPrefix = inboxPrefix;
		this.#address = `nats://${connection.getServer()}`;
		this.#countServers();
		this.#requests = new Requests(connection, clock, inboxPrefix);
		setImmediate(readAtOnce, connection, this.#takers);
		this.#follow().catch((error) => this.#report(error));
	}

	get state(): TransportState {
		return this.#state;
	}

	get address(): string {
		return this.#address;
	}

	get whole(): boolean {
		if (this.secretive) return false;
		return this.#countServers() === this.#servers;
	}

	/**
	 * Whether the server is one of a cluster and does not say where the others are: they are missing, or it has been told not
	 * to (`no_advertise`). Nobody knows then whether any of them is lost to it.
	 */
	get secretive(): boolean {
		const { info } = this.connection;
		return info?.cluster !== undefined && !info.connect_urls?.length;
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
		let subscription: Subscription;
		const take = (data: Uint8Array, from: string, replyTo: string | undefined): void => {
			if (this.#closing) return;
			try {
				receive(data, from, replyTo);
			} catch (thrown) {
				this.#report(thrown);
			}
		};
		const callback = (error: Error | null, message: Msg): void => {
			if (error)
				this.#denied.add(begin); // for good, says the library; the status tells of it as well
			else take(message.data, only ?? message.subject, this.#replyTo(message));
		};
		const begin = (): void => {
			subscription = this.connection.subscribe(subject, { callback });
			if (only !== undefined) this.#takers.set(subscription.getID(), (data) => take(data, only, undefined));
		};
		begin();
		return () => {
			this.#denied.delete(begin);
			this.#takers.delete(subscription.getID());
			subscription.unsubscribe();
		};
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
	 * the connection is down or goes down, and otherwise after `timeout` milliseconds. With `again`, asks again each so
	 * many milliseconds, which suits only what may be done twice.
	 */
	request(subject: string, data: Uint8Array, timeout: number, headers?: MsgHdrs, again?: number): Promise<Msg> {
		// Who asks again at once must not keep the event loop from what alone can bring the connection back.
		if (!this.#open)
			return new Promise((_, reject) => setImmediate(() => reject(new NoAnswer('disconnected', subject))));
		return this.#requests.ask(subject, data, timeout, headers, again);
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
				setImmediate(resolve); // what the server has said before its answer is told first
			};
			const stopWatching = this.onState(done); // a server that went away answers nothing
			this.connection.flush().then(done, done);
		});
	}

	forsake(): void {
		if (this.#open && serversOf(this.connection) > 1) hangUp(this.connection);
	}

	/** Takes at most about a second, whatever the server does. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	/** A server tells its clients where it and the others are, and again when one comes or goes. Alone, it tells nothing. */
	#countServers(): number {
		const known = this.connection.info?.connect_urls?.length ?? 0;
		this.#servers = Math.max(this.#servers, known);
		return known;
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
			setImmediate(readAtOnce, this.connection, this.#takers);
			this.#countServers();
			this.#listenAgain();
			this.#become('connected');
		} else if (status.type === 'update') this.#countServers();
		else if (status.type === 'error') this.#complained(status.error);
		else if (status.type === 'staleConnection') hangUp(this.connection);
	}

	/** What NATS denies has a code, a subject and a remedy, and whoever waits for it learns of it now. */
	#complained(error: Error): void {
		if (!(error instanceof errors.PermissionViolationError)) return this.#report(error);
		const { operation, subject } = error;
		const what = operation === 'publish' ? 'publish' : 'subscribe';
		const message = `NATS denies this node to ${what} to "${subject}": ${this.#remedy}`;
		const denial = new TroupeError('ERR_PERMISSION', message, { cause: error });
		if (operation === 'publish') this.#requests.refused(subject, denial);
		else this.#requests.deafened(subject, denial);
		this.#report(denial);
	}

	#listenAgain(): void {
		const denied = [...this.#denied];
		this.#denied.clear();
		for (const begin of denied) begin();
		this.#requests.reconnected();
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
