/** What `ActorSystem.start` takes, checked: a bad option is refused by its name before anything is started. */

import { BadOption, wholeNumber } from '../supervisor/bad-option.ts';
import { type Duration, milliseconds } from '../supervisor/duration.ts';
import { checkSystemName } from './core/address.ts';
import { type Clock, systemClock } from './core/clock.ts';
import { ASK_TIMEOUT, CONNECT_TIMEOUT, HEARTBEAT, LEASE, STOP_GRACE } from './core/config.ts';
import type { ActorClass } from './kernel/definition.ts';
import { type Log, quietLog } from './kernel/log.ts';

/** Options of `ActorSystem.start`. All have defaults; durations are milliseconds or `'500ms'`, `'10s'`, `'1m'`. */
export interface SystemOptions {
	/** The cluster's name: systems of one name on one NATS are one cluster. Default `'troupe'`. */
	readonly name?: string | undefined;
	/**
	 * Where to meet the other nodes: NATS URLs, in a list or with commas between; `'memory://lab'` for systems of this process; `'embedded'` for a private
	 * nats-server of this process. Without it the system is local and needs nothing.
	 */
	readonly servers?: string | readonly string[] | undefined;
	/** A name for this node, for people. Default: the host's name and the process's number. */
	readonly node?: string | undefined;
	/** What this node is for; others may ask for a role. Default none. */
	readonly roles?: readonly string[] | undefined;
	/** Classes that other nodes may spawn here, and whose refs this node understands from the start. */
	readonly hosts?: readonly ActorClass[] | undefined;
	/** `'strict'` sends local messages through the codec too, as if they were remote. Default `'none'`. */
	readonly checks?: 'none' | 'strict' | undefined;
	/** An ask's longest wait. Default 5 s. */
	readonly askTimeout?: Duration | undefined;
	/** Longest wait for NATS at start. Default 10 s. */
	readonly connectTimeout?: Duration | undefined;
	/** How long this node owns its IDs without renewing. Default 10 s. */
	readonly lease?: Duration | undefined;
	/** Between heartbeats. Default 1 s. */
	readonly heartbeat?: Duration | undefined;
	/** How long an actor may take to finish when it is told to stop. Default 10 s. */
	readonly stopGrace?: Duration | undefined;
	/** Copies of the registry in a cluster of NATS servers. Default 3, or as many servers as there are. */
	readonly replicas?: number | undefined;
	/** NATS credentials and TLS, as nats.js takes them. */
	readonly nats?: NatsAccess | undefined;
	/** Error classes that should arrive as themselves in replies from other nodes; others arrive as `Error` with their name. */
	readonly errors?: readonly (new (...args: never[]) => Error)[] | undefined;
	/** Where log lines go. Default: warnings and errors to standard error. */
	readonly log?: Log | undefined;
	/** Where time and chance come from; for specs and simulations. Default: the machine. */
	readonly clock?: Clock | undefined;
}

/** How to be let in by NATS. */
export interface NatsAccess {
	readonly user?: string | undefined;
	readonly pass?: string | undefined;
	readonly token?: string | undefined;
	/** An authenticator of nats.js, such as `credsAuthenticator(bytes)` or `nkeyAuthenticator(seed)`. */
	readonly authenticator?: unknown | undefined;
	readonly tls?: Readonly<Record<string, unknown>> | null | undefined;
	/** Prefix of reply subjects, where permissions ask for one of the system's own. */
	readonly inboxPrefix?: string | undefined;
}

/** Options, checked and complete. */
export interface Settings {
	readonly name: string;
	readonly servers: readonly string[];
	readonly node: string | undefined;
	readonly roles: readonly string[];
	readonly hosts: readonly ActorClass[];
	readonly strict: boolean;
	readonly askTimeout: number;
	readonly connectTimeout: number;
	readonly lease: number;
	readonly heartbeat: number;
	readonly stopGrace: number;
	readonly replicas: number;
	readonly nats: NatsAccess;
	readonly errors: readonly (new (...args: never[]) => Error)[];
	readonly log: Log;
	readonly clock: Clock;
}

const KNOWN: ReadonlySet<string> = new Set<keyof SystemOptions>([
	'name',
	'servers',
	'node',
	'roles',
	'hosts',
	'checks',
	'askTimeout',
	'connectTimeout',
	'lease',
	'heartbeat',
	'stopGrace',
	'replicas',
	'nats',
	'errors',
	'log',
	'clock',
]);

/** The settings behind the options; `ERR_BAD_OPTION`, naming the option, for what cannot be used. */
export function settingsOf(options: SystemOptions): Settings {
	if (typeof options !== 'object' || options === null) throw new BadOption('options', options, 'an object');
	for (const key of Object.keys(options)) {
		if (!KNOWN.has(key))
			throw new BadOption(key, (options as Record<string, unknown>)[key], `one of ${[...KNOWN].join(', ')}`);
	}
	const lease = positive(options.lease ?? LEASE, 'lease');
	const heartbeat = positive(options.heartbeat ?? HEARTBEAT, 'heartbeat');
	if (heartbeat * 3 > lease)
		throw new BadOption('heartbeat', options.heartbeat, `at most a third of the lease (${lease} ms)`);
	return {
		name: checkSystemName(options.name ?? 'troupe'),
		servers: serversOf(options.servers),
		node: options.node === undefined ? undefined : text(options.node, 'node'),
		roles: list(options.roles, 'roles', (role) => text(role, 'roles')),
		hosts: list(options.hosts, 'hosts', (actor) => actor as ActorClass),
		strict: oneOf(options.checks ?? 'none', 'checks', ['none', 'strict']) === 'strict',
		askTimeout: positive(options.askTimeout ?? ASK_TIMEOUT, 'askTimeout'),
		connectTimeout: positive(options.connectTimeout ?? CONNECT_TIMEOUT, 'connectTimeout'),
		lease,
		heartbeat,
		stopGrace: milliseconds(options.stopGrace ?? STOP_GRACE, 'stopGrace'),
		replicas: wholeNumber(options.replicas ?? 3, 'replicas', 1, 5),
		nats: group(options.nats ?? {}, 'nats'),
		errors: list(options.errors, 'errors', (error) => error as new (...args: never[]) => Error),
		log: group(options.log ?? quietLog, 'log'),
		clock: group(options.clock ?? systemClock, 'clock'),
	};
}

function serversOf(servers: unknown): readonly string[] {
	if (servers === undefined) return [];
	const all = Array.isArray(servers) ? servers : [servers];
	if (all.length === 0) throw new BadOption('servers', servers, 'at least one URL, or nothing for a local system');
	return all.flatMap((one) => text(one, 'servers').split(',')).map((one) => one.trim());
}

function text(value: unknown, option: string): string {
	if (typeof value === 'string' && value !== '' && value.length <= 256) return value;
	throw new BadOption(option, value, 'a non-empty string of at most 256 characters');
}

function list<T>(value: unknown, option: string, each: (item: unknown) => T): readonly T[] {
	if (value === undefined) return [];
	if (!Array.isArray(value)) throw new BadOption(option, value, 'an array');
	return value.map(each);
}

function oneOf<T extends string>(value: unknown, option: string, allowed: readonly T[]): T {
	if ((allowed as readonly unknown[]).includes(value)) return value as T;
	throw new BadOption(option, value, allowed.map((one) => `'${one}'`).join(' or '));
}

function positive(value: Duration, option: string): number {
	const span = milliseconds(value, option);
	if (span > 0) return span;
	throw new BadOption(option, value, 'a duration longer than 0');
}

function group<T extends object>(value: T, option: string): T {
	if (typeof value === 'object' && value !== null) return value;
	throw new BadOption(option, value, 'an object');
}
