/**
 * The first greetings of a node that joins: it is in the cluster when every member that it found in the store has answered its
 * hello, has departed, or has had the time to.
 */

import type { Alarms } from './alarms.ts';

/** Whose answers are awaited. */
export class Greetings {
	readonly #alarms: Alarms;
	readonly #awaited = new Set<string>();
	#over: () => void = () => {};

	constructor(alarms: Alarms) {
		this.#alarms = alarms;
	}

	/** Resolves when all of them have answered, after `patience` ms at the latest. */
	from(members: Iterable<string>, patience: number): Promise<void> {
		for (const member of members) this.#awaited.add(member);
		if (this.#awaited.size === 0) return Promise.resolve();
		return new Promise((resolve) => {
			this.#over = () => {
				this.#alarms.cancel('greetings');
				this.#awaited.clear();
				resolve();
			};
			this.#alarms.once('greetings', patience, this.#over);
		});
	}

	/** Nothing more is awaited from that one. */
	heard(member: string): void {
		if (this.#awaited.size > 0 && this.#awaited.delete(member) && this.#awaited.size === 0) this.#over();
	}
}
