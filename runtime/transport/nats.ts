/**
 * Getting a connection to NATS: tried again until it works or `connectTimeout` is over, refused at once when no
 * retrying can help, and leaving nothing behind when it fails.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect, errors, type NatsConnection } from 'nats';
import { BadOption, wholeNumber } from '../../supervisor/bad-option.ts';
import type { Clock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import { natsAddresses } from './nats-address.ts';
import { authenticatorOf } from './nats-credentials.ts';
import { NatsTransport } from './nats-transport.ts';

export { NatsTransport } from './nats-transport.ts';

/** How to connect, besides the credentials and TLS options that the NATS client takes. */
export interface NatsOptions extends Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'tls' | 'authenticator'> {
	/** The seed of an nkey: `SU...`. */
	readonly nkey?: string | undefined;
	/** The path of a credentials file, as `nsc` makes it. It is read for each connection, so that it may be replaced. */
	readonly credentials?: string | undefined;
	/** `nats://host:4222`, several of them in a list or with commas between. Credentials may stand in the address. */
	readonly servers: string | readonly string[];
	/** The client's name in the server's monitoring. */
	readonly name: string;
	/** Milliseconds to wait for the first connection. Once connected, it reconnects for as long as it lives. */
	readonly connectTimeout: number;
	/** Where reply subjects begin; the same on all nodes of a system. Default `_INBOX`. */
	readonly inboxPrefix?: string | undefined;
	/** What a person does when NATS denies a subject. */
	readonly remedy?: string | undefined;
	readonly clock: Clock;
}

/** Between dials, in ms, plus as much again at random: an outage ends soon after the server is back, without a stampede. */
const DIAL_AGAIN = 100;

/** A server that accepts the connection must speak within this many ms, or another one is tried. */
const DIAL_TIMEOUT = 2_000;

/** A ping each second, and a server that owes two answers is taken for dead: three seconds. */
const PING = { pingInterval: 1_000, maxPingOut: 2 };

/**
 * Connects to NATS.
 *
 * @throws BadOption when an option can't be used.
 * @throws TroupeError `ERR_CONNECT` when the server refuses the credentials, or none is reached in `connectTimeout`. No
 * message shows a credential.
 */
export async function connectNats(options: NatsOptions): Promise<NatsTransport> {
	const { clock, inboxPrefix = '_INBOX' } = options;
	if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(inboxPrefix))
		throw new BadOption('inboxPrefix', inboxPrefix, 'tokens of letters, digits, - and _ with dots between');
	const { servers, ...settings } = connectionOptions(options, inboxPrefix);
	const where = servers.map((server) => `nats://${server}`).join(', ');
	const within = wholeNumber(options.connectTimeout, 'connectTimeout', 1);
	const deadline = clock.now() + within;
	let answer: unknown;
	for (;;) {
		try {
			const connection = await dial({ ...settings, servers }, clock, deadline - clock.now());
			return new NatsTransport(connection, clock, inboxPrefix, options.remedy ?? 'give its user that permission');
		} catch (error) {
			// An attempt that is cut short says less than the one before it.
			if (!(error instanceof CutShort)) answer = error;
			const cause = answer ?? error;
			const why = cause instanceof Error ? cause.message : String(cause);
			if (refused(cause)) {
				const remedy = "check the credentials in the options 'nats' or 'servers'";
				throw new TroupeError('ERR_CONNECT', `authorization refused by ${where} (${why}): ${remedy}`, { cause });
			}
			if (clock.now() + DIAL_AGAIN >= deadline) {
				const said = `within ${within} ms (${why}): ${remedyFor(cause)}`;
				throw new TroupeError('ERR_CONNECT', `no NATS server at ${where} ${said}`, { cause });
			}
		}
		await new Promise<void>((resolve) => void clock.after(DIAL_AGAIN, resolve));
	}
}

function connectionOptions(options: NatsOptions, inboxPrefix: string): ConnectionOptions & { servers: string[] } {
	const { clock, name, user, pass, token, tls } = options;
	const authenticator = authenticatorOf(options);
	const addresses = natsAddresses(options.servers);
	return {
		...addresses.credentials,
		...(addresses.tls && { tls: {} }),
		...defined({ user, pass, token, tls, authenticator }),
		servers: addresses.servers,
		name,
		inboxPrefix,
		...PING,
		timeout: DIAL_TIMEOUT,
		maxReconnectAttempts: -1,
		reconnectToServer: longestAgo,
		reconnectDelayHandler: () => DIAL_AGAIN * (1 + clock.random()),
		// Credentials may be rotated while the servers restart: that is an outage, not the end.
		ignoreAuthErrorAbort: true,
		noAsyncTraces: true,
	};
}

/**
 * The server that was dialed longest ago is the next, and one that has just been lost the last. Left to itself, the library
 * begins with it, and where it accepts and says nothing, a dial's whole timeout goes by before another server is tried.
 */
export function longestAgo<S extends { readonly lastConnect: number }>(servers: readonly S[]): S | null {
	return servers.reduce<S | null>((first, one) => (first && first.lastConnect <= one.lastConnect ? first : one), null);
}

/** TLS says a word of its own when it fails: another than that nobody is there. */
function remedyFor(cause: unknown): string {
	const { code = '', message = '' } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
	if (/CERT|SSL|TLS|UNABLE_TO_/.test(code) || /tls|certificate/i.test(message))
		return "check 'nats.tls': the CA (caFile), and where the server asks for them certFile and keyFile";
	return "start a server (nats-server -js) or correct the option 'servers'";
}

function defined<T extends object>(options: T): Partial<{ [Name in keyof T]: NonNullable<T[Name]> }> {
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

function refused(error: unknown): boolean {
	return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}

/** There was no more time to wait for an answer. */
class CutShort extends Error {}

/**
 * One round over all servers. The client library leaves the socket to a server that accepts and then says nothing
 * open for ever, which would keep the process alive, so the sockets of this dial are noted, and closed if it fails.
 */
function dial(options: ConnectionOptions, clock: Clock, within: number): Promise<NatsConnection> {
	const scope = new AsyncLocalStorage<true>();
	const sockets = new Set<Socket>();
	let wanted = true;
	const note = (message: unknown) => {
		if (!scope.getStore()) return;
		const { socket } = message as { socket: Socket };
		sockets.add(socket);
		if (!wanted) socket.destroy();
	};
	const giveUp = () => {
		wanted = false;
		for (const socket of sockets) socket.destroy();
	};
	subscribe('net.client.socket', note);
	return new Promise((resolve, reject) => {
		const cancel = clock.after(within, () => {
			giveUp();
			reject(new CutShort('timeout'));
		});
		const won = (connection: NatsConnection) => (wanted ? resolve(connection) : void connection.close());
		const lost = (error: unknown) => {
			giveUp();
			reject(error);
		};
		const end = () => {
			cancel();
			unsubscribe('net.client.socket', note);
			scope.disable(); // it slows every promise of the process
		};
		void scope
			.run(true, () => connect(options))
			.then(won, lost)
			.finally(end);
	});
}
