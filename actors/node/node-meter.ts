/** The resident that says how busy its node is. It measures from the moment that somebody first wants to know. */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { QUIET } from '../../runtime/kernel/definition.ts';
import { clockOf } from '../../runtime/service-door.ts';
import { Actor } from '../actor.ts';

/** How busy a node is. Of processes, not of machines: several nodes in one process say the same of it. */
export interface NodeLoad {
	/** Processor time in the last second, of its process, in processors: 1 is one of them, all the time. */
	readonly cpu: number;
	/** Resident memory of its process, in bytes. */
	readonly memory: number;
	/** How late the event loop was in the last second, at worst, in ms. */
	readonly delay: number;
	/** Actors, without those that serve the runtime. */
	readonly actors: number;
	/** Messages that wait in their mailboxes, or are being handled. */
	readonly pending: number;
}

/** Between measurements, in ms. */
const PERIOD = 1_000;
/** How often the event loop is asked, in ms. */
const RESOLUTION = 10;

/** The meter of a node. */
export class NodeMeter extends Actor {
	static readonly kind = 'troupe.node.meter';
	static readonly [QUIET] = true;
	#delays: IntervalHistogram | undefined;
	#cpu = process.cpuUsage();
	#at = 0;
	#last: Pick<NodeLoad, 'cpu' | 'delay'> = { cpu: 0, delay: 0 };

	protected override onStart(): void {
		this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION });
		this.#delays.enable();
		this.#at = clockOf(this.system).now();
		this.timers.every(PERIOD, () => this.#measure());
	}

	protected override onStop(): void {
		this.#delays?.disable();
	}

	/** How busy it is now. */
	load(): NodeLoad {
		const boxes = this.system.mailboxes();
		const pending = boxes.reduce((sum, box) => sum + box.pending, 0);
		return { ...this.#last, memory: process.memoryUsage.rss(), actors: boxes.length, pending };
	}

	#measure(): void {
		const now = clockOf(this.system).now();
		const { user, system } = process.cpuUsage(this.#cpu);
		const span = Math.max(1, now - this.#at);
		const worst = (this.#delays?.max ?? 0) / 1e6 - RESOLUTION;
		this.#last = { cpu: (user + system) / 1_000 / span, delay: Number.isFinite(worst) ? Math.max(0, worst) : 0 };
		this.#cpu = process.cpuUsage();
		this.#at = now;
		this.#delays?.reset();
	}
}
