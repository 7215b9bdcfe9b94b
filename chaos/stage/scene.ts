/** One scene: servers, nodes and proxies that are all gone when it is over, however it ends. */

import { type NatsCluster, type NatsClusterOptions, startNatsCluster } from '../../runtime/transport/nats-cluster.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../testkit.ts';
import { Node } from './node.ts';
import { startProxy, type Wire } from './proxy.ts';

let systems = 0;

export class Scene implements AsyncDisposable {
	/** The name of the system that its nodes are of. */
	readonly system = `chaos-${process.pid}-${++systems}`;
	readonly #ends: (() => unknown)[] = [];

	/** A sole nats-server with JetStream. */
	async server(options: NatsServerOptions = {}): Promise<NatsServer> {
		const server = await startNatsServer(options);
		this.#ends.push(() => server.stop());
		return server;
	}

	/** Three nats-servers with JetStream, elected and ready. */
	async cluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
		const cluster = await startNatsCluster(3, options);
		this.#ends.push(() => cluster.stop());
		return cluster;
	}

	/** A node in a process of its own. */
	async node(name: string, servers: string | readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Node> {
		return this.keep(await Node.start({ system: this.system, name, servers: [servers].flat(), env }));
	}

	/** Several of them, at once. */
	nodes(names: readonly string[], servers: string | readonly string[]): Promise<Node[]> {
		return Promise.all(names.map((name) => this.node(name, servers)));
	}

	/** A proxy before a port of this machine. */
	async proxy(port: number): Promise<Wire> {
		return this.keep(await startProxy(port));
	}

	/** What else has to go when the scene is over. */
	keep<T extends AsyncDisposable>(prop: T): T {
		this.#ends.push(() => prop[Symbol.asyncDispose]());
		return prop;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const end of this.#ends.splice(0).reverse()) await end();
	}
}
