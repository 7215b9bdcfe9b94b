/** The actor through which a run reaches its workers, on whatever nodes: it hires them, hears from them and notices their end. */

import type { AnyRef } from '../../runtime/core/protocol.ts';
import type { Termination } from '../../runtime/kernel/control.ts';
import { QUIET } from '../../runtime/kernel/definition.ts';
import { residentOf } from '../../runtime/service-door.ts';
import { stop } from '../../supervisor/directive.ts';
import { Actor } from '../actor.ts';
import { type Hired, PipelineHost } from './host.ts';
import type { Poison } from './work.ts';

/** What a run hears from its crew. */
export interface CrewPorts {
	readonly ready: (crew: Crew) => void;
	readonly done: (worker: number, piece: number, report: Report) => void;
	readonly failed: (worker: number, piece: number, error: unknown) => void;
	readonly gone: (worker: number, why: Termination) => void;
	/** The crew has been stopped, or its system. */
	readonly stopped: () => void;
}

/** What a worker says of a piece. */
export interface Report {
	readonly values: readonly unknown[];
	/** The same packed, with how many they are; then `values` is empty. */
	readonly packed: { readonly bytes: Uint8Array; readonly length: number } | undefined;
	readonly more: boolean;
	readonly poison: readonly Poison[];
	readonly retries: number;
	readonly spent: number;
}

/** What a run asks of its crew. */
export interface Crew {
	/** A new worker on that node; resolves to why not, where the node refuses. */
	hire(node: string, name: string, shape: string, stage: number, number: number, setsAside: boolean): Promise<Hired>;
	/** The worker is not wanted any more. */
	dismiss(number: number): Promise<void>;
	/** All is over. */
	stop(): void;
}

/** A crew. */
export class PipelineCrew extends Actor<CrewPorts> {
	static readonly kind = 'troupe.pipeline.crew';
	static readonly supervision = stop();
	static readonly [QUIET] = true;
	readonly #workers = new Map<number, AnyRef>();

	protected override onStart(): void {
		this.args.ready({
			hire: async (node, name, shape, stage, number, setsAside) => {
				const host = await residentOf(this.system, PipelineHost, node);
				const hired = await host.ask.hire(
					name,
					shape,
					stage,
					number,
					this.self as never,
					setsAside,
					node !== this.system.node.id,
				);
				if ('worker' in hired) {
					this.#workers.set(number, hired.worker);
					this.watch(hired.worker);
				}
				return hired;
			},
			dismiss: async (number) => {
				const worker = this.#workers.get(number);
				this.#workers.delete(number);
				if (!worker) return;
				this.unwatch(worker);
				await worker.stop();
			},
			stop: () => void this.self.stop(),
		});
	}

	/** `length`: how many elements are packed in `values`, if those are bytes. */
	done(
		worker: number,
		piece: number,
		values: readonly unknown[] | Uint8Array,
		more: boolean,
		length: number,
		poison: readonly Poison[],
		retries: number,
		spent: number,
	): void {
		const bytes = values instanceof Uint8Array ? values : undefined;
		const report = { values: bytes ? [] : (values as readonly unknown[]), packed: bytes && { bytes, length } };
		this.args.done(worker, piece, { ...report, more, poison, retries, spent });
	}

	failed(worker: number, piece: number, error: unknown): void {
		this.args.failed(worker, piece, error);
	}

	protected override onTerminated(ref: AnyRef, why: Termination): void {
		for (const [number, worker] of this.#workers) {
			if (!worker.equals(ref)) continue;
			this.#workers.delete(number);
			this.args.gone(number, why);
		}
	}

	protected override onStop(): void {
		this.args.stopped();
	}
}
