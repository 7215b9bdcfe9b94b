/** Several nodes in one process: fifty processes would measure the machine and not the cluster. */

import { ActorSystem, isTroupeError, type Stats } from '../../index.ts';
import { obey } from '../stage/obey.ts';
import { Receiver } from './receiver.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const systems: ActorSystem[] = [];
const downs: string[] = [];

const orders = {
	/** Starts a node of each name. */
	async open(name: string, servers: string, nodes: readonly string[]): Promise<void> {
		const started = nodes.map(async (node) => {
			const system = await ActorSystem.start({
				name,
				servers,
				node,
				hosts: [Receiver],
				log: quiet,
				connectTimeout: '60s',
			});
			system.events.on('nodeDown', (down) => downs.push(down.name));
			return system;
		});
		systems.push(...(await Promise.all(started)));
	},
	/** Spawns so many actors on each. */
	async spawn(each: number): Promise<void> {
		for (const system of systems)
			await Promise.all(ids(system.node.name, each).map((id) => system.spawn(Receiver, { id })));
	},
	/** How many members each node sees. */
	members: (): readonly number[] => systems.map((system) => system.nodes().length),
	/** Each asks all actors of another node; resolves to what went wrong, by code. */
	async visit(hosts: readonly string[], each: number): Promise<Readonly<Record<string, number>>> {
		const failed: Record<string, number> = {};
		const visits = systems.flatMap((system, at) =>
			ids(hosts[at] as string, each).map((id) =>
				system
					.ref(Receiver, id)
					.with({ timeout: '60s' })
					.ask.answer(system.node.name, 0)
					.catch((error) => {
						const code = isTroupeError(error) ? error.code : String(error);
						failed[code] = (failed[code] ?? 0) + 1;
					}),
			),
		);
		await Promise.all(visits);
		return failed;
	},
	/** Nodes that were declared dead. */
	downs: (): readonly string[] => downs,
	books: (): readonly Stats[] => systems.map((system) => system.stats()),
};

/** What such a process can be told to do. */
export type HerdOrders = typeof orders;

function ids(node: string, each: number): string[] {
	return Array.from({ length: each }, (_, at) => `${node}-${at}`);
}

obey(orders);
