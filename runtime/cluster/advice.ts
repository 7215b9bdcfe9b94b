/**
 * What a person should know about the NATS servers that a node has joined, each with the remedy. Found out once, after
 * the start and beside it: nobody waits for it, and what cannot be found out is not said.
 */

import { get } from 'node:http';
import { isIPv4 } from 'node:net';
import type { StreamInfo } from '@nats-io/jetstream';
import type { ServerInfo } from 'nats';
import type { Clock } from '../core/clock.ts';
import { bucketOf } from '../core/subjects.ts';
import type { NatsTransport } from '../transport/nats.ts';
import { JetStreamApi } from './jetstream-api.ts';

/** A warning to be. */
export interface Advice {
	readonly code: 'ONE_REPLICA' | 'NO_AUTHENTICATION' | 'MONITORING_OPEN' | 'SECRETIVE_SERVER' | 'OLD_SERVER';
	readonly message: string;
}

/** What it is about. */
export interface Subject {
	readonly system: string;
	/** Copies of the registry that were asked for. */
	readonly replicas: number;
	/** Where nats-server's monitoring is, if it is on. Default 8222. */
	readonly monitoringPort?: number;
}

const MONITORING_PORT = 8222;
/** A monitoring port that takes longer is nobody's, as far as we are concerned. */
const PROBE_TIMEOUT = 1_000;
/** The `varz` of a busy server has some 5 kB. */
const MOST_BYTES = 256 * 1024;
/** A registry that has too few copies is given more when it is opened; by then it has them, in ms. */
const GROWTH = 5_000;
/** With so many servers, a copy on two others costs nothing that is not there. */
const ENOUGH_SERVERS = 3;

/** All advice, in the order in which it was found. Never rejects. */
export async function adviceOn(transport: NatsTransport, subject: Subject): Promise<readonly Advice[]> {
	const { info } = transport.connection;
	if (!info) return [];
	const { hostname } = new URL(transport.address);
	const found = await Promise.all([
		noAuthentication(info, hostname, subject),
		secretiveServer(transport),
		oneReplica(transport, info, subject).catch(() => undefined),
		openMonitoring(transport.clock, info, hostname, subject.monitoringPort ?? MONITORING_PORT),
	]);
	return found.filter((advice) => advice !== undefined);
}

/** Whether only programs of the same machine reach that address. */
export function isLoopback(host: string): boolean {
	return host === 'localhost' || (isIPv4(host) && host.startsWith('127.')) || /^\[?::1\]?$/.test(host);
}

/** A server that asks for certificates knows who is there, too. */
export function noAuthentication(info: ServerInfo, hostname: string, { system }: Subject): Advice | undefined {
	const { auth_required, tls_verify, host } = info as ServerInfo & { readonly tls_verify?: boolean };
	if (auth_required || tls_verify || (isLoopback(hostname) && isLoopback(host))) return undefined;
	const remedy = `give it users ('troupe permissions --system ${system}' prints them), or let it listen on loopback alone (nats-server -a 127.0.0.1)`;
	return {
		code: 'NO_AUTHENTICATION',
		message: `NATS listens on ${host} and lets in whoever reaches it, to read, send and claim at will: ${remedy}`,
	};
}

/** The first nats-server whose JetStream is fit to keep what must not be lost: earlier ones have faults in store and replication. */
const FIT: readonly number[] = [2, 10, 23];

/** For who keeps messages in JetStream. */
export function oldServer(version: string): Advice | undefined {
	const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? FIT;
	const at = FIT.findIndex((part, n) => parts[n] !== part);
	if (at < 0 || (parts[at] as number) > (FIT[at] as number)) return undefined;
	return {
		code: 'OLD_SERVER',
		message: `NATS here is ${version}, and what durable mailboxes keep is safer from ${FIT.join('.')} on, which has mended faults in JetStream's store and replication: bring the servers up to date`,
	};
}

function secretiveServer({ secretive }: NatsTransport): Advice | undefined {
	if (!secretive) return undefined;
	const remedy = "take 'no_advertise' out of its configuration, or 'cluster' if it is to be alone";
	return {
		code: 'SECRETIVE_SERVER',
		message: `the NATS server is one of a cluster and tells of no other, so that nodes that crash are noticed when their leases run out, and no sooner: ${remedy}`,
	};
}

async function oneReplica(transport: NatsTransport, info: ServerInfo, subject: Subject): Promise<Advice | undefined> {
	const servers = new Set(info.connect_urls).size;
	if (!info.cluster || servers < ENOUGH_SERVERS) return undefined;
	if ((await copies(transport, subject)) > 1) return undefined;
	if (subject.replicas > 1) {
		await new Promise<void>((resolve) => void transport.clock.after(GROWTH, resolve, true));
		if ((await copies(transport, subject)) > 1) return undefined;
	}
	const remedy =
		subject.replicas > 1
			? `JetStream has not copied it yet; the next node that starts asks again. If that does not help, look at 'nats stream report' and the servers' limits`
			: "start the nodes with 'replicas: 3', which is the default";
	return {
		code: 'ONE_REPLICA',
		message: `the registry has one copy in a cluster of ${servers} servers, and is away when its server is: ${remedy}`,
	};
}

async function copies(transport: NatsTransport, { system }: Subject): Promise<number> {
	const api = new JetStreamApi(transport, PROBE_TIMEOUT);
	const { config } = await api.call<StreamInfo>(`STREAM.INFO.KV_${bucketOf(system, 'actors')}`);
	return config.num_replicas;
}

/**
 * Nothing in NATS's protocol says where a server's monitoring is, so the usual port is asked, on the host that we are
 * connected to, and has to answer as that very server. Bound to loopback, it is open to nobody.
 */
async function openMonitoring(
	clock: Clock,
	{ server_id }: ServerInfo,
	hostname: string,
	port: number,
): Promise<Advice | undefined> {
	const varz = await fetchVarz(clock, hostname.replaceAll(/[[\]]/g, ''), port);
	if (varz?.['server_id'] !== server_id) return undefined;
	const bound = String(varz['http_host']);
	if (isLoopback(hostname) && isLoopback(bound)) return undefined;
	const remedy = `bind it to loopback (http: "127.0.0.1:${port}"), or close the port to all but your monitoring`;
	return {
		code: 'MONITORING_OPEN',
		message: `NATS's monitoring at http://${hostname}:${port} tells users, addresses and subjects to whoever asks: ${remedy}`,
	};
}

function fetchVarz(clock: Clock, host: string, port: number): Promise<Record<string, unknown> | undefined> {
	return new Promise((resolve) => {
		const request = get({ host, port, path: '/varz', agent: false });
		const cancel = clock.after(PROBE_TIMEOUT, () => request.destroy(), true);
		const chunks: Buffer[] = [];
		let size = 0;
		request.on('socket', (socket) => socket.unref());
		request.on('response', (response) => {
			response.on('data', (chunk: Buffer) => {
				size += chunk.length;
				if (size > MOST_BYTES) request.destroy();
				else chunks.push(chunk);
			});
			response.on('end', () => resolve(parsed(Buffer.concat(chunks))));
		});
		request.on('error', () => {});
		request.on('close', () => {
			cancel();
			resolve(undefined);
		});
	});
}

function parsed(content: Buffer): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(content.toString());
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
