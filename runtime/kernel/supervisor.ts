/** The actor behind `system.supervise`: it has children, in order, and a strategy; it handles no work of its own. */

import type { ChildSpec } from '../../supervisor/child-spec.ts';
import type { Strategy } from '../../supervisor/strategy.ts';
import { Bare } from './bare.ts';
import type { Ref } from './ref.ts';

/** What a supervisor is spawned with. */
export interface SupervisorArgs {
	readonly specs: readonly ChildSpec[];
	readonly strategy: Strategy;
}

/** Starts its children in order, and when it is restarted, starts them afresh. */
export class Supervisor extends Bare {
	static readonly kind = 'troupe.supervisor';

	/** The children that are alive, in the order in which they were started. */
	children(): Ref[] {
		return [...(this.cell.backstage?.children?.values() ?? [])].map((child) => child.self);
	}

	protected async onStart(): Promise<void> {
		const { specs } = this.cell.args as SupervisorArgs;
		for (const spec of specs) await this.cell.kernel.startIn(this.cell, spec);
	}
}
