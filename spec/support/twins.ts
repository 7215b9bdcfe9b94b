/** The two twins of the transport and key-value ports, behind one face, so that one contract suite runs against both. */

import { jetstreamManager } from '@nats-io/jetstream';
import type { KvStore } from '../../runtime/cluster/kv.ts';
import { memoryKvStore } from '../../runtime/cluster/kv-memory.ts';
import { natsKvStore } from '../../runtime/cluster/kv-nats.ts';
import type { StreamStore } from '../../runtime/cluster/stream.ts';
import { memoryStreamStore } from '../../runtime/cluster/stream-memory.ts';
import { natsStreamStore } from '../../runtime/cluster/stream-nats.ts';
import { systemClock } from '../../runtime/core/clock.ts';
import { type MemoryBus, MemoryTransport, memoryBus } from '../../runtime/transport/memory.ts';
import { connectNats, NatsTransport } from '../../runtime/transport/nats.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import type { Transport } from '../../runtime/transport/transport.ts';
import { startServer } from './nats.ts';

/** A broker of one kind and its clients. */
export interface Twin {
	readonly name: string;
	/** Starts the broker. */
	start(): Promise<void>;
	connect(name: string): Promise<Transport>;
	store(transport: Transport): KvStore;
	streams(transport: Transport): StreamStore;
	/** Takes the broker down without warning. */
	crash(): Promise<void>;
	/** Brings it back, with what it had stored. */
	recover(): Promise<void>;
	/** Loses every bucket. */
	wipe(): Promise<void>;
	/** Closes all clients; the broker stays. */
	closeClients(): Promise<void>;
	stop(): Promise<void>;
}

/** A fresh pair. */
export function twins(): Twin[] {
	return [new MemoryTwin(), new NatsTwin()];
}

abstract class Clients {
	protected readonly clients: Transport[] = [];

	async closeClients(): Promise<void> {
		await Promise.all(this.clients.splice(0).map((client) => client.close()));
	}
}

let buses = 0;

class MemoryTwin extends Clients implements Twin {
	readonly name = 'memory';
	readonly #bus: MemoryBus = memoryBus(`twin-${++buses}`);

	async start(): Promise<void> {}

	async connect(name: string): Promise<Transport> {
		const client = this.#bus.connect({ clock: systemClock, name });
		this.clients.push(client);
		return client;
	}

	store(transport: Transport): KvStore {
		if (!(transport instanceof MemoryTransport)) throw new Error('not of this twin');
		return memoryKvStore(transport);
	}

	streams(transport: Transport): StreamStore {
		if (!(transport instanceof MemoryTransport)) throw new Error('not of this twin');
		return memoryStreamStore(transport);
	}

	async crash(): Promise<void> {
		this.#bus.stop();
	}

	async recover(): Promise<void> {
		this.#bus.start();
	}

	async wipe(): Promise<void> {
		this.#bus.wipe();
	}

	stop(): Promise<void> {
		return this.#bus.close();
	}
}

class NatsTwin extends Clients implements Twin {
	readonly name = 'NATS';
	#server: NatsServer | undefined;

	async start(): Promise<void> {
		this.#server = await startServer();
	}

	async connect(name: string): Promise<NatsTransport> {
		const servers = this.#running.url;
		const client = await connectNats({ servers, name, connectTimeout: 5_000, clock: systemClock });
		this.clients.push(client);
		return client;
	}

	store(transport: Transport): KvStore {
		if (!(transport instanceof NatsTransport)) throw new Error('not of this twin');
		return natsKvStore(transport);
	}

	streams(transport: Transport): StreamStore {
		if (!(transport instanceof NatsTransport)) throw new Error('not of this twin');
		return natsStreamStore(transport);
	}

	crash(): Promise<void> {
		return this.#running.kill();
	}

	recover(): Promise<void> {
		return this.#running.restart();
	}

	async wipe(): Promise<void> {
		const { connection } = await this.connect('wiper');
		const manager = await jetstreamManager(connection);
		for await (const name of manager.streams.names()) await manager.streams.delete(name);
	}

	async stop(): Promise<void> {
		await this.#server?.stop();
	}

	get #running(): NatsServer {
		if (!this.#server) throw new Error('start it first');
		return this.#server;
	}
}
