/**
 * The residents of a node: one actor of each of a few classes, which serve the same actors of the other nodes. They are
 * found by their node and kind, without a look-up in the registry, and begin when they are first asked for.
 */

import { TroupeError } from './core/errors.ts';
import type { ActorClass } from './kernel/definition.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Ref } from './kernel/ref.ts';
import { start } from './kernel/starting.ts';

/** The residents of one node. */
export class Residents {
	readonly #kernel: Kernel;
	readonly #classes: ReadonlyMap<string, ActorClass>;
	readonly #refs = new Map<string, Ref>();

	constructor(kernel: Kernel, classes: readonly ActorClass[]) {
		this.#kernel = kernel;
		this.#classes = new Map(classes.map((actor) => [actor.kind, actor]));
		for (const actor of classes) kernel.define(actor);
	}

	/** The resident of that kind. `ERR_NO_HOST` when there can be none, `ERR_SYSTEM_STOPPED`. Anything may come from the wire. */
	of(kind: unknown): Ref {
		const known = this.#refs.get(kind as string);
		if (known) return known;
		const kernel = this.#kernel;
		if (kernel.stopped) throw new TroupeError('ERR_SYSTEM_STOPPED', `node ${kernel.node} has been stopped`);
		const actor = this.#classes.get(kind as string);
		if (!actor)
			throw new TroupeError('ERR_NO_HOST', `node ${kernel.node} has no such resident: does it run an older version?`, {
				node: kernel.node,
			});
		const cell = kernel.create(kernel.define(actor), {}, undefined, false);
		this.#refs.set(actor.kind, cell.self);
		kernel.introduce(cell);
		void start(cell);
		return cell.self;
	}
}
