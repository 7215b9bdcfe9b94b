/** From the `servers` option to a transport and a store, whatever kind it asks for. What most do without is loaded when needed. */

import { BadOption } from '../../supervisor/bad-option.ts';
import { inboxOf } from '../core/subjects.ts';
import type { NatsAccess, Settings } from '../options.ts';
import { connectNats, type NatsOptions } from '../transport/nats.ts';
import type { Transport } from '../transport/transport.ts';
import { type Advice, adviceOn, oldServer } from './advice.ts';
import type { KvStore } from './kv.ts';
import { natsKvStore } from './kv-nats.ts';
import { rehearse } from './rehearsal.ts';
import type { StreamStore } from './stream.ts';
import { natsStreamStore } from './stream-nats.ts';

/** A way into the cluster. */
export interface Connection {
	readonly transport: Transport;
	readonly store: KvStore;
	readonly streams: StreamStore;
	/** Finds out what a person should know about the servers. Never rejects. */
	advice?(): Promise<readonly Advice[]>;
	/** The same, for who keeps messages there. */
	adviceOnKeeping?(): Advice | undefined;
	/** Disconnects, and stops what was started for it. */
	close(): Promise<void>;
}

const MEMORY = 'memory://';

/** Connects as `servers` says: `memory://name`, `embedded`, or NATS URLs. */
export async function connectTo(settings: Settings, client: string): Promise<Connection> {
	const { servers } = settings;
	const [first = ''] = servers;
	const special = servers.find((server) => server === 'embedded' || server.startsWith(MEMORY));
	if (special !== undefined && servers.length > 1)
		throw new BadOption('servers', special, 'to stand alone, not beside other servers');
	if (first.startsWith(MEMORY)) return overMemory(settings, client, first.slice(MEMORY.length));
	if (first !== 'embedded') return overNats(settings, client, servers);
	const { startNatsServer } = await import('../transport/nats-server.ts');
	const server = await startNatsServer({ say: (line) => settings.log.info('EMBEDDED_NATS', { line }) });
	try {
		const connection = await overNats(settings, client, [server.url]);
		return {
			...connection,
			async close() {
				await connection.close();
				await server.stop();
			},
		};
	} catch (error) {
		await server.stop();
		throw error;
	}
}

/** Over the bus of that name, in this process. */
export async function overMemory({ clock }: Pick<Settings, 'clock'>, client: string, bus: string): Promise<Connection> {
	const { connectMemory } = await import('../transport/memory.ts');
	const { memoryKvStore } = await import('./kv-memory.ts');
	const { memoryStreamStore } = await import('./stream-memory.ts');
	const transport = connectMemory(bus, { clock, name: client });
	return {
		transport,
		store: memoryKvStore(transport),
		streams: memoryStreamStore(transport),
		close: () => transport.close(),
	};
}

async function overNats(settings: Settings, client: string, servers: readonly string[]): Promise<Connection> {
	const { connectTimeout, clock, nats, name } = settings;
	const inboxPrefix = nats.inboxPrefix ?? inboxOf(name);
	const access = { ...nats, inboxPrefix } as Pick<NatsOptions, keyof NatsAccess>;
	const remedy = `give its user what 'troupe permissions --system ${name}' prints`;
	const transport = await connectNats({ ...access, servers, name: client, connectTimeout, clock, remedy });
	try {
		await rehearse(transport, name);
	} catch (error) {
		await transport.close();
		throw error;
	}
	return {
		transport,
		store: natsKvStore(transport),
		streams: natsStreamStore(transport),
		adviceOnKeeping: () => oldServer(transport.connection.info?.version ?? ''),
		advice: () => adviceOn(transport, { system: name, replicas: settings.replicas }),
		close: () => transport.close(),
	};
}
