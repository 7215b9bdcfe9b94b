/** An actor that moves from node to node, and one that stays and hears what the other has handled. */

import { Actor, type ActorRef } from '../../../index.ts';

/** Hears what was handled, in order. */
export class Journal extends Actor {
	static readonly kind = 'journal';
	readonly #values: number[] = [];
	readonly #nodes: string[] = [];

	note(value: number, node: string): void {
		this.#values.push(value);
		if (this.#nodes.at(-1) !== node) this.#nodes.push(node);
	}

	values(): readonly number[] {
		return this.#values;
	}

	/** The nodes that handled them, one after the other. */
	nodes(): readonly string[] {
		return this.#nodes;
	}
}

/** Handles numbers. */
export class Tally extends Actor<{ readonly journal: ActorRef<Journal> }> {
	static readonly kind = 'tally';

	put(value: number): void {
		this.args.journal.tell.note(value, this.system.node.name);
	}

	where(): string {
		return this.system.node.name;
	}
}
