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
	readonly #pids: number[] = [];

	/** A sole nats-server with JetStream. */
	async server(options: NatsServerOptions = {}): Promise<NatsServer> {
		const server = await startNatsServer(options);
		this.#ends.push(() => this.#stop(server));
		return server;
	}

	/** Three nats-servers with JetStream, elected and ready. */
	async cluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
		const cluster = await startNatsCluster(3, options);
		for (const server of cluster.servers) this.#ends.push(() => this.#stop(server));
		return cluster;
	}

	/** A node in a process of its own. */
	async node(
		name: string,
		servers: string | readonly string[],
		env: NodeJS.ProcessEnv = {},
		roles: readonly string[] = [],
	): Promise<Node> {
		const node = new Node(name, env);
		this.keep(node);
		this.#pids.push(node.pid);
		await node.join(this.system, [servers].flat(), roles);
		return node;
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

	/** Processes that have outlived the scene. */
	leftovers(): readonly number[] {
		return this.#pids.filter(exists);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const end of this.#ends.splice(0).reverse()) await end();
	}

	#stop(server: NatsServer): Promise<void> {
		this.#pids.push(server.pid);
		return server.stop();
	}
}

function exists(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
