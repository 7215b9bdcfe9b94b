/**
 * Three servers whose routes to each other run through proxies, so that one can be cut off from the others while its clients
 * stay. Each tells the others an address where nobody listens, or they would find ways around.
 */

import type { NatsServer } from '../../testkit.ts';
import { freePort } from './ports.ts';
import { startProxy, type Wire } from './proxy.ts';
import type { Scene } from './scene.ts';

/** Of each pair, who dials and who answers. */
interface Route {
	readonly from: number;
	readonly to: number;
	readonly wire: Wire;
}

const SIZE = 3;
/** Nobody listens on it: ports so low are for the superuser to open. */
const NOWHERE = '127.0.0.1:1';

export interface SplitCluster {
	readonly servers: readonly NatsServer[];
	readonly urls: readonly string[];
	/** Nothing passes between this server and the others: it is held back, or, when it is `refused`, both sides know at once. */
	isolate(server: NatsServer, refused?: boolean): void;
	heal(): void;
}

/** Starts them; they are ready when a node can join. */
export async function splitCluster(scene: Scene): Promise<SplitCluster> {
	const ports = await Promise.all(Array.from({ length: SIZE }, freePort));
	const routes: Route[] = [];
	for (let from = 0; from < SIZE; from++) {
		for (let to = 0; to < SIZE; to++) {
			if (from !== to) routes.push({ from, to, wire: scene.keep(await startProxy(ports[to] as number)) });
		}
	}
	const servers = await Promise.all(
		ports.map((port, at) => {
			const wires = routes.filter(({ from }) => from === at).map(({ wire }) => `"nats://127.0.0.1:${wire.port}"`);
			const cluster = `cluster { name: split, host: "127.0.0.1", port: ${port}, advertise: "${NOWHERE}", routes: [${wires}] }`;
			return scene.server({ name: `split-${at + 1}`, extraConfig: cluster });
		}),
	);
	return {
		servers,
		urls: servers.map(({ url }) => url),
		isolate(server, refused = false) {
			const at = servers.indexOf(server);
			for (const { wire } of routes.filter(({ from, to }) => from === at || to === at)) {
				if (refused) wire.refuse();
				else wire.cut('both');
			}
		},
		heal() {
			for (const { wire } of routes) wire.heal();
		},
	};
}
