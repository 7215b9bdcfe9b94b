/** A node of the chaos, as the driver holds it. */

import type { NodeOrders } from '../node/process.ts';
import { Child } from './child.ts';

const MODULE = new URL(import.meta.resolve('../node/process.js'));

/** What a node is told at its birth. */
export interface Brief {
	/** The system's name. */
	readonly system: string;
	/** The node's. */
	readonly name: string;
	readonly servers: readonly string[];
	/** Added to its environment. */
	readonly env?: NodeJS.ProcessEnv;
}

/** A process with a node in it. */
export class Node extends Child<NodeOrders> {
	/** The incarnation that it joined as. */
	id = '';

	static async start({ system, name, servers, env }: Brief): Promise<Node> {
		const node = new Node(name, MODULE, env);
		node.id = await node.order('open', { name: system, servers, node: name });
		return node;
	}

	/** Freezes it, as a suspended machine would. */
	pause(): void {
		this.signal('SIGSTOP');
	}

	resume(): void {
		this.signal('SIGCONT');
	}
}
