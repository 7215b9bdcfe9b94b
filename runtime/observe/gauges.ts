/**
 * Figures of the parts of a node, told as the event `metrics` each second. Nobody is asked for any while nobody listens,
 * and there is no timer while there is nothing to tell.
 */

import type { Cancel, Clock } from '../core/clock.ts';
import type { EventStream } from '../core/events.ts';

/** Between two tellings, in ms. */
const PERIOD = 1_000;

/** Figures of a part, by name. */
export type Read = () => Readonly<Record<string, number>>;

interface Gauge {
	readonly kind: string;
	readonly name: string;
	readonly read: Read;
}

/** The parts of one node that have figures. */
export class Gauges {
	readonly #clock: Clock;
	readonly #events: EventStream;
	readonly #node: () => string;
	readonly #gauges = new Set<Gauge>();
	#cancel: Cancel | undefined;

	constructor(clock: Clock, events: EventStream, node: () => string) {
		this.#clock = clock;
		this.#events = events;
		this.#node = node;
	}

	/** Adds a part; returns a function that takes it out again. */
	add(kind: string, name: string, read: Read): Cancel {
		const gauge = { kind, name, read };
		this.#gauges.add(gauge);
		if (!this.#cancel) this.#wait();
		return () => {
			this.#gauges.delete(gauge);
			if (this.#gauges.size === 0) this.close();
		};
	}

	close(): void {
		this.#cancel?.();
		this.#cancel = undefined;
	}

	#wait(): void {
		this.#cancel = this.#clock.after(PERIOD, () => this.#tell(), true);
	}

	#tell(): void {
		this.#wait();
		if (!this.#events.heard('metrics')) return;
		const node = this.#node();
		for (const { kind, name, read } of [...this.#gauges])
			this.#events.emit('metrics', { kind, name, node, values: read() });
	}
}
