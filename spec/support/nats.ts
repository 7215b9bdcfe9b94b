/** The nats-server that specs run against: a real one, on a free port, with a store of its own. */

import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../runtime/transport/nats-server.ts';

/** Starts a server with JetStream. `kill()` is a kill -9 and keeps the store; `restart()` brings it back. */
export function startServer(options: NatsServerOptions = {}): Promise<NatsServer> {
	return startNatsServer(options);
}
