/** A node of the chaos, as the driver holds it. */

import type { NodeOrders } from '../node/process.ts';
import { Child } from './child.ts';

const MODULE = new URL(import.meta.resolve('../node/process.js'));

/** A process with a node in it. */
export class Node extends Child<NodeOrders> {
	/** The incarnation that it joined as. */
	id = '';

	/** Runs the process; `env` is added to the driver's own. */
	constructor(name: string, env: NodeJS.ProcessEnv) {
		super(name, MODULE, env);
	}

	/** Joins the system's cluster. */
	async join(system: string, servers: readonly string[], roles: readonly string[]): Promise<void> {
		this.id = await this.order('open', { name: system, servers, node: this.name, roles });
	}

	/** When one of its actors handled a message last, by the clock that processes share. */
	async lastHandled(actor: string): Promise<number> {
		const scores = await this.order('scores');
		return Math.max(...scores.filter((score) => score.actor === actor).map(({ at }) => at));
	}

	/** Freezes it, as a suspended machine would. */
	pause(): void {
		this.signal('SIGSTOP');
	}

	resume(): void {
		this.signal('SIGCONT');
	}
}
