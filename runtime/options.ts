/** What `ActorSystem.start` takes, checked: a bad option is refused by its name before anything is started. */

import { BadOption, SECRET, wholeNumber } from '../supervisor/bad-option.ts';
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
	/**
	 * Programs of the operating system that any node of the cluster may run here, by the name or path that they are asked for
	 * by; `true`: whatever is asked for. Default none.
	 */
	readonly allowPrograms?: readonly string[] | true | undefined;
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

/**
 * How to be let in by NATS: `user` and `pass`, or `token`, or `nkey`, or `credentials`, or an `authenticator`; and TLS.
 * None of it is ever logged, or shown by an error.
 */
export interface NatsAccess {
	readonly user?: string | undefined;
	readonly pass?: string | undefined;
	readonly token?: string | undefined;
	/** The seed of a user's nkey: `SU...`. The server knows its public half, and never sees the seed. */
	readonly nkey?: string | undefined;
	/** The path of a credentials file (`.creds`), as `nsc` makes it. It is read again for each connection. */
	readonly credentials?: string | undefined;
	/** An authenticator of nats.js, such as `jwtAuthenticator(jwt, seed)`, for what the others do not cover. */
	readonly authenticator?: unknown | undefined;
	/** `{}`: TLS is required; with `caFile`, `certFile`, `keyFile` (paths), or `ca`, `cert`, `key` (PEM), as nats.js takes them. `null`: never. */
	readonly tls?: Readonly<Record<string, unknown>> | null | undefined;
	/** Where reply subjects begin. Default `_INBOX_<name of the system>`, which `troupe permissions` allows. */
	readonly inboxPrefix?: string | undefined;
}

const ACCESS: ReadonlySet<string> = new Set<keyof NatsAccess>([
	'user',
	'pass',
	'token',
	'nkey',
	'credentials',
	'authenticator',
	'tls',
	'inboxPrefix',
]);

/** Options, checked and complete. */
export interface Settings {
	readonly name: string;
	readonly servers: readonly string[];
	readonly node: string | undefined;
	readonly roles: readonly string[];
	readonly hosts: readonly ActorClass[];
	readonly allowPrograms: readonly string[] | true;
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
	'allowPrograms',
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
		if (!KNOWN.has(key)) throw new BadOption(key, SECRET, `one of ${[...KNOWN].join(', ')}`);
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
		allowPrograms:
			options.allowPrograms === true
				? true
				: list(options.allowPrograms, 'allowPrograms', (program) => text(program, 'allowPrograms')),
		strict: oneOf(options.checks ?? 'none', 'checks', ['none', 'strict']) === 'strict',
		askTimeout: positive(options.askTimeout ?? ASK_TIMEOUT, 'askTimeout'),
		connectTimeout: positive(options.connectTimeout ?? CONNECT_TIMEOUT, 'connectTimeout'),
		lease,
		heartbeat,
		stopGrace: milliseconds(options.stopGrace ?? STOP_GRACE, 'stopGrace'),
		replicas: wholeNumber(options.replicas ?? 3, 'replicas', 1, 5),
		nats: accessOf(options.nats ?? {}),
		errors: list(options.errors, 'errors', (error) => error as new (...args: never[]) => Error),
		log: group(options.log ?? quietLog, 'log'),
		clock: group(options.clock ?? systemClock, 'clock'),
	};
}

/** A misspelt credential would be no credential, and a bad one must not be shown. */
function accessOf(access: NatsAccess): NatsAccess {
	if (typeof access !== 'object' || access === null || Array.isArray(access))
		throw new BadOption('nats', SECRET, 'an object');
	for (const [key, value] of Object.entries(access)) {
		if (!ACCESS.has(key)) throw new BadOption(`nats.${key}`, SECRET, `one of ${[...ACCESS].join(', ')}`);
		if (value === undefined || key === 'authenticator') continue;
		const good = key === 'tls' ? typeof value === 'object' : typeof value === 'string' && value !== '';
		if (!good) throw new BadOption(`nats.${key}`, SECRET, key === 'tls' ? 'an object, or null' : 'a non-empty string');
	}
	return access;
}

function serversOf(servers: unknown): readonly string[] {
	if (servers === undefined) return [];
	const all = Array.isArray(servers) ? servers : [servers];
	if (all.length === 0) throw new BadOption('servers', servers, 'at least one URL, or nothing for a local system');
	return all.flatMap((one) => addresses(one).split(',')).map((one) => one.trim());
}

/** Credentials may stand in an address, so what is wrong with it is not quoted. */
function addresses(value: unknown): string {
	if (typeof value === 'string' && value !== '' && value.length <= 8_192) return value;
	throw new BadOption('servers', SECRET, 'URLs in a non-empty string, or a list of them');
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
