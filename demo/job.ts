/** One analysis from its plan to its result: a desk and a store on this node, and how far they are. */

import { setTimeout as pause } from 'node:timers/promises';
import type { ActorRef, ActorSystem } from '../index.ts';
import { Desk, deskId, type Planned } from './actors/desk.ts';
import { Store, type Stored, storeId } from './actors/store.ts';
import type { Tally } from './analysis.ts';
import type { Input } from './input/walk.ts';

/** How far a job is. */
export interface Progress {
	readonly planned: Planned;
	readonly stored: Stored;
}

/** How often it is looked at, in ms. */
const LOOK = 100;

export class Job {
	readonly name: string;
	readonly #desk: ActorRef<Desk>;
	readonly #store: ActorRef<Store>;

	private constructor(name: string, desk: ActorRef<Desk>, store: ActorRef<Store>) {
		this.name = name;
		this.#desk = desk;
		this.#store = store;
	}

	/** Puts up desk and store. Beyond `share` of the bytes the desk holds files back until {@link Job.open}. */
	static async open(system: ActorSystem, name: string, { files }: Input, share = 1): Promise<Job> {
		const store = await system.spawn(Store, { id: storeId(name) });
		const desk = await system.spawn(Desk, { id: deskId(name), args: { files, share } });
		return new Job(name, desk, store);
	}

	/** Lets the desk hand out that share of the bytes. */
	open(share: number): void {
		this.#desk.tell.open(share);
	}

	/** Has nothing handed out any more. */
	close(): void {
		this.#desk.tell.close();
	}

	async progress(): Promise<Progress> {
		const [planned, stored] = await Promise.all([this.#desk.ask.progress(), this.#store.ask.progress()]);
		return { planned, stored };
	}

	/**
	 * Resolves when everything that was handed out is stored; `watching` sees all that happens on the way. Rejects when
	 * nothing has moved for `patience` ms.
	 */
	async finished(watching: (progress: Progress) => void, patience = Number.POSITIVE_INFINITY): Promise<Progress> {
		let moved = performance.now();
		for (let before = ''; ; ) {
			const progress = await this.progress().catch(() => undefined); // desk and store rest while NATS is away
			if (progress) watching(progress);
			if (progress?.planned.over) return progress;
			const now = JSON.stringify(progress ?? before);
			if (now !== before) moved = performance.now();
			else if (performance.now() - moved > patience) throw new Error(`nothing moves any more: ${now}`);
			before = now;
			await pause(LOOK);
		}
	}

	result(): Promise<Tally> {
		return this.#store.ask.result();
	}
}
