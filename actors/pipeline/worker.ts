/**
 * The actor that does the work of a stage, wherever it lives. It is given pieces, lists of elements, one after the other, and
 * tells the crew what came of each; when the crew is gone, so is the worker.
 */

import { isTroupeError, messageOf, TroupeError } from '../../runtime/core/errors.ts';
import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import { clockOf, codecOf } from '../../runtime/service-door.ts';
import { stop } from '../../supervisor/directive.ts';
import { Actor } from '../actor.ts';
import type { PipelineCrew } from './crew.ts';
import { unpack } from './packed.ts';
import { inParts } from './parts.ts';
import type { WorkStage } from './plan.ts';
import { type Outcome, type Poison, Work } from './work.ts';

/** What a worker is spawned with. It never travels. */
export interface WorkerArgs {
	readonly stage: WorkStage;
	readonly crew: ActorRef<PipelineCrew>;
	/** The crew's number of it. */
	readonly number: number;
	readonly setsAside: boolean;
	/** Whether the crew is on another node. */
	readonly far: boolean;
}

/** A worker of a stage. */
export class PipelineWorker extends Actor<WorkerArgs> {
	static readonly kind = 'troupe.pipeline.worker';
	static readonly supervision = stop();
	#work!: Work;
	#elements: unknown[] = [];

	protected override onStart(): void {
		const { stage, crew, setsAside } = this.args;
		this.#work = new Work(stage.name, stage.operations, clockOf(this.system), setsAside);
		this.watch(crew);
	}

	/** A piece, or a part of one. */
	work(piece: number, elements: readonly unknown[] | Uint8Array, more: boolean): void | Promise<void> {
		const list = elements instanceof Uint8Array ? unpack(elements, codecOf(this.system)) : elements;
		if (more) return void this.#elements.push(...list);
		const all = this.#elements.length > 0 ? [...this.#elements, ...list] : list;
		this.#elements = [];
		const clock = clockOf(this.system);
		const begun = clock.now();
		const done = (outcome: Outcome): void => this.#report(piece, outcome, clock.now() - begun);
		const failed = (error: unknown): void => this.#fail(piece, error);
		try {
			const outcome = this.#work.on(all);
			return outcome instanceof Promise ? outcome.then(done).catch(failed) : done(outcome);
		} catch (error) {
			return failed(error);
		}
	}

	/** No more comes; resolves when its sink is closed, to an error if that failed. */
	async finish(error?: unknown): Promise<{ readonly error?: unknown }> {
		try {
			await this.#work.end(error);
			return {};
		} catch (failure) {
			return { error: portable(failure) };
		}
	}

	protected override onTerminated(_crew: AnyRef): void {
		void this.finish(new TroupeError('ERR_STOPPED', 'the run of the pipeline is over')).then(() => this.self.stop());
	}

	#report(piece: number, { values, poison, retries }: Outcome, spent: number): void {
		const { crew, number } = this.args;
		const tell = (told: readonly Poison[]): void => {
			const bytes = this.#packed(values);
			if (bytes) crew.tell.done(number, piece, bytes, false, values.length, told, retries, spent);
			else
				inParts(values, (part, more) => crew.tell.done(number, piece, part, more, 0, more ? [] : told, retries, spent));
		};
		try {
			tell(poison);
		} catch (error) {
			if (poison.length === 0) return this.#fail(piece, error);
			// What went wrong may be what cannot travel.
			tell(poison.map((one) => ({ ...one, error: portable(one.error) })));
		}
	}

	/** In bytes, if they go to another node and are not too many for one message. */
	#packed(values: readonly unknown[]): Uint8Array | undefined {
		if (!this.args.far || values.length === 0) return undefined;
		try {
			return codecOf(this.system).encode(values);
		} catch (error) {
			if (isTroupeError(error) && error.code === 'ERR_TOO_LARGE') return undefined;
			throw error;
		}
	}

	#fail(piece: number, error: unknown): void {
		const { crew, number } = this.args;
		try {
			crew.tell.failed(number, piece, error);
		} catch {
			crew.tell.failed(number, piece, portable(error));
		}
	}
}

/** As much of an error as surely travels. */
function portable(error: unknown): unknown {
	if (error instanceof Error) {
		const { name, message, code } = error as Error & { code?: unknown };
		return Object.assign(new Error(message), { name, ...(typeof code === 'string' && { code }) });
	}
	return new Error(messageOf(error));
}
