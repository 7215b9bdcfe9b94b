/**
 * A cluster of nats-servers on this machine, for specs and development: each member with JetStream and routes to the
 * others. It is ready when every member answers for JetStream, that is, when they have elected a meta leader.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import { wholeNumber } from '../../supervisor/bad-option.ts';
import { systemClock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts';
import { findNatsServer } from './nats-server-binary.ts';

/** Options of {@link startNatsCluster}; `name` is the cluster's (default `troupe`), its members are `name-1`, `name-2`, ... */
export type NatsClusterOptions = Pick<NatsServerOptions, 'binary' | 'extraConfig' | 'name' | 'say'>;

/** Running members of one cluster. */
export interface NatsCluster {
	readonly servers: readonly NatsServer[];
	/** The members' addresses, to connect with. */
	readonly urls: readonly string[];
	/** Stops every member and removes their private folders. */
	stop(): Promise<void>;
}

/** Routes need ports before the members run, so another program may take one in between: then begin again. */
const ATTEMPTS = 3;

/** 30 s: an election takes about 3; a machine that is busy with other specs needs more. */
const LEADER_TIMEOUT = 30_000;

/**
 * Starts `size` servers (at least 2; 3 for a quorum that survives the loss of one) and resolves when JetStream is ready.
 *
 * @throws TroupeError `ERR_NATS_SERVER` when a member does not start, `ERR_NO_JETSTREAM` when no leader is elected.
 */
export async function startNatsCluster(size: number, options: NatsClusterOptions = {}): Promise<NatsCluster> {
	wholeNumber(size, 'size', 2, 9);
	const { say } = options;
	const binary = options.binary ?? (await findNatsServer(say ? { say } : {})).path;
	const servers = await startMembers(size, { ...options, binary }, ATTEMPTS);
	const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
	try {
		await Promise.all(servers.map((server) => jetstreamReady(server.url)));
	} catch (error) {
		await stop();
		throw error;
	}
	return { servers, urls: servers.map((server) => server.url), stop };
}

async function startMembers(size: number, options: NatsClusterOptions, attempts: number): Promise<NatsServer[]> {
	const name = options.name ?? 'troupe';
	const ports = await freePorts(size);
	const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
	const starts = await Promise.allSettled(
		ports.map((port, at) =>
			startNatsServer({
				...options,
				name: `${name}-${at + 1}`,
				cluster: { name, port, routes: routes.toSpliced(at, 1) },
			}),
		),
	);
	const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
	const failed = starts.find((start) => start.status === 'rejected');
	if (failed === undefined) return servers;
	await Promise.all(servers.map((server) => server.stop()));
	if (attempts > 1) return startMembers(size, options, attempts - 1);
	throw failed.reason;
}

async function freePorts(count: number): Promise<number[]> {
	const holders = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
	await Promise.all(holders.map((holder) => once(holder, 'listening')));
	const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
	await Promise.all(holders.map((holder) => once(holder.close(), 'close')));
	return ports;
}

/** Asks until the server answers for JetStream: it does so once it knows the meta leader. */
async function jetstreamReady(url: string): Promise<void> {
	const connection = await connect({ servers: url });
	const deadline = systemClock.now() + LEADER_TIMEOUT;
	try {
		for (;;) {
			try {
				await jetstreamManager(connection, { timeout: 1_000 }); // asks for the account's JetStream
				return;
			} catch (cause) {
				if (systemClock.now() > deadline) {
					throw new TroupeError('ERR_NO_JETSTREAM', `${url}: no JetStream leader within ${LEADER_TIMEOUT / 1000} s`, {
						cause,
					});
				}
				await new Promise<void>((resolve) => systemClock.after(50, resolve));
			}
		}
	} finally {
		await connection.close();
	}
}
