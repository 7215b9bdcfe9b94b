/**
 * A pipeline that runs. Its streams, its order and all that is not yet done are here, on the node that runs it; workers are
 * where they were placed, and know nothing but the piece they have. So a worker that dies costs a piece done again, and the
 * end of this node is the end of the run.
 *
 * | state | what ends it |
 * |---|---|
 * | running | the sources end, or `stop()` → draining; a failure, `signal`, the system stops → failed |
 * | draining | all elements are in the sinks → done; a failure → failed |
 * | done | sinks are closed, workers have gone; `done` has resolved |
 * | failed | sources are let go, sinks aborted, workers stopped; `done` has rejected |
 */

import { isTroupeError, messageOf, TroupeError } from '../../runtime/core/errors.ts';
import { clockOf, codecOf, gauge, placementOf } from '../../runtime/service-door.ts';
import type { Placement } from '../../runtime/spawn.ts';
import { BadOption, optionGroup } from '../../supervisor/bad-option.ts';
import type { ActorSystem } from '../system.ts';
import { type Crew, PipelineCrew } from './crew.ts';
import { Inline } from './inline.ts';
import { Meter, type StageStats } from './meter.ts';
import type { Declared, Plan, WorkStage } from './plan.ts';
import { type HiredWorker, Pool } from './pool.ts';
import { fork } from './shapes/joints.ts';
import { type Sink, type SinkObject, sinkOf } from './sink.ts';
import { read } from './source.ts';
import { type Stand, type Stream, settle } from './stream.ts';
import { type Poison, Work } from './work.ts';

/** How a pipeline is run. */
export interface RunOptions {
	/** Where stages without a place of their own are worked on, but for the sink: `'role:<role>'`, `'node:<name or ID>'`. Default: here. */
	readonly on?: Placement | undefined;
	/**
	 * What becomes of the elements that are with a worker that dies. `'at-least-once'`, the default: another does them again.
	 * `'at-most-once'`: they are lost, and counted.
	 */
	readonly delivery?: 'at-least-once' | 'at-most-once' | undefined;
	/** Where elements go that could not be worked on, with their errors. Default: the first one ends the run. */
	readonly deadLetters?: Sink<Poison> | undefined;
	/** Ends the run with `ERR_ABORTED`. */
	readonly signal?: AbortSignal | undefined;
}

/** What is known of a run that has ended, or not. */
export interface Running {
	/** The pipeline's name. */
	readonly name: string;
	/**
	 * Resolves when all elements are in the sinks, and those are closed.
	 *
	 * @throws `ERR_PIPELINE_FAILED`, with the cause, when a stage fails; what the source fails with; `ERR_ABORTED`;
	 * `ERR_NO_HOST` when there is no node for its workers; `ERR_STOPPED` when the system stops before.
	 */
	readonly done: Promise<void>;
	/** Takes no more from the sources; resolves when what was taken is in the sinks. */
	stop(): Promise<void>;
	/** Figures of all stages of work, from source to sink. */
	stats(): readonly StageStats[];
}

const OPTIONS: ReadonlySet<string> = new Set<keyof RunOptions>(['on', 'delivery', 'deadLetters', 'signal']);
/** How long another node for a worker that has gone is looked for, and how often, in ms. */
const [LOOK_FOR, LOOK_EACH] = [30_000, 200];

/** A run. Awaited, it resolves when it is done. */
export class PipelineRun implements Running, PromiseLike<Running> {
	readonly name: string;
	readonly done: Promise<void>;
	readonly #system: ActorSystem;
	readonly #declared: Declared;
	readonly #options: RunOptions;
	readonly #stand: Stand;
	readonly #sources: Stream[] = [];
	readonly #ends: Stream[] = [];
	readonly #pools: Pool[] = [];
	readonly #stages: { finish(error?: unknown): Promise<void> }[] = [];
	readonly #meters: Meter[] = [];
	readonly #cancels: (() => void)[] = [];
	/** By the worker's number: whose it is, and where. */
	readonly #workers = new Map<number, { readonly pool: Pool; readonly node: string }>();
	readonly #deadLetters: SinkObject<unknown> | undefined;
	#lastWorker = 0;
	#crew: Crew | undefined;
	#failed: ((error: unknown) => void) | undefined;
	#over = false;

	/** Called by {@link Pipeline.run}. */
	constructor(system: ActorSystem, name: string, plan: Plan, declared: Declared, options: RunOptions) {
		this.#options = checkOptions(options);
		this.name = name;
		this.#system = system;
		this.#declared = declared;
		this.#stand = clockOf(system);
		this.#deadLetters = options.deadLetters === undefined ? undefined : sinkOf(options.deadLetters);
		const failure = new Promise<never>((_, reject) => {
			this.#failed = reject;
		});
		this.done = this.#run(plan, failure);
		this.done.catch((error) => {
			// Who aborts it knows.
			if (options.signal?.aborted) return;
			const message = `pipeline '${name}' has failed: ${messageOf(error)}`;
			system.events.emit('warning', { code: 'PIPELINE_FAILED', message, error });
		});
	}

	// biome-ignore lint/suspicious/noThenProperty: to await a run is to await its end
	then<A = Running, B = never>(
		fulfilled?: ((run: Running) => A | PromiseLike<A>) | null,
		rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
	): Promise<A | B> {
		const { name, done } = this;
		const running: Running = { name, done, stop: () => this.stop(), stats: () => this.stats() };
		return done.then(() => running).then(fulfilled, rejected);
	}

	async stop(): Promise<void> {
		await Promise.all(this.#sources.map((source) => source.cancel()));
		await this.done;
	}

	stats(): readonly StageStats[] {
		return this.#meters.map((meter) => meter.stats());
	}

	async #run(plan: Plan, failure: Promise<never>): Promise<void> {
		const { signal } = this.#options;
		const aborted = (): void =>
			this.#failed?.(new TroupeError('ERR_ABORTED', `pipeline '${this.name}' was aborted`, { cause: signal?.reason }));
		signal?.addEventListener('abort', aborted, { once: true });
		try {
			if (signal?.aborted) aborted();
			await Promise.race([failure, this.#work(plan)]);
		} catch (error) {
			await this.#giveUp(error);
			throw error;
		} finally {
			this.#over = true;
			signal?.removeEventListener('abort', aborted);
			for (const cancel of this.#cancels) cancel();
			this.#crew?.stop();
		}
	}

	async #work(plan: Plan): Promise<void> {
		this.#build(plan, undefined);
		if (this.#pools.length > 0) {
			await this.#gather();
			await Promise.all(this.#pools.map((pool) => pool.open()));
		}
		await Promise.all(this.#ends.map((end) => drain(end)));
		for (const stage of this.#stages) await stage.finish();
		await this.#deadLetters?.close?.();
	}

	async #giveUp(error: unknown): Promise<void> {
		this.#over = true;
		for (const end of [...this.#ends, ...this.#sources]) void end.cancel();
		await Promise.allSettled(this.#stages.map((stage) => within(this.#stand, stage.finish(error))));
		await Promise.resolve(this.#deadLetters?.abort?.(error)).catch(() => {});
	}

	// ------------------------------------------------------------------------------------------------------ its streams

	#build({ source, stages }: Plan, upstream: Stream | undefined): Stream | undefined {
		let stream = upstream ?? this.#source(source);
		for (const stage of stages) {
			if (stage.type === 'work') stream = this.#stage(stage, stream);
			else if (stage.type === 'shape') {
				const others = stage.others.map((plan) => this.#build(plan, undefined) as Stream);
				stream = stage.make([stream, ...others], this.#stand);
			} else {
				const branches = fork(stream, stage.branches.length, stage.mode);
				for (const [n, branch] of stage.branches.entries()) this.#build(branch, branches[n]);
				return undefined;
			}
			if (stage.type === 'work' && stage.operations.at(-1)?.kind === 'sink') this.#ends.push(stream);
		}
		return stream;
	}

	#source(source: Plan['source']): Stream {
		const live = (): boolean => !this.#over;
		const stream = read(source as never, { failed: (error) => this.#failed?.(error), live });
		this.#sources.push(stream);
		return stream;
	}

	#stage(stage: WorkStage, upstream: Stream): Stream {
		const meter = new Meter(stage.name, () => this.#stand.now());
		this.#meters.push(meter);
		this.#cancels.push(gauge(this.#system, 'stage', `${this.name}/${stage.name}`, () => figuresOf(meter)));
		const setAside = this.#deadLetters && ((poison: readonly Poison[]) => this.#setAside(poison));
		const isSink = stage.operations.at(-1)?.kind === 'sink';
		const on = stage.on ?? (isSink ? undefined : this.#options.on);
		if (!stage.apart && on === undefined) {
			const work = new Work(stage.name, stage.operations, this.#stand, setAside !== undefined);
			const inline = new Inline(upstream, work, meter, this.#stand, setAside);
			this.#stages.push(inline);
			return inline;
		}
		const number = this.#declared.works.indexOf(stage);
		const pool: Pool = new Pool(upstream, stage, {
			stand: this.#stand,
			meter,
			packing: codecOf(this.#system),
			redo: this.#options.delivery !== 'at-most-once',
			hire: (own) => this.#hire(own, number, on),
			dismiss: async (worker) => {
				this.#workers.delete(worker);
				await this.#crew?.dismiss(worker);
			},
			setAside,
			failed: (error) => this.#failed?.(error),
		});
		this.#pools.push(pool);
		this.#stages.push(pool);
		return pool;
	}

	async #setAside(poison: readonly Poison[]): Promise<void> {
		for (const one of poison) await this.#deadLetters?.write(one);
	}

	// ------------------------------------------------------------------------------------------------------ its workers

	async #gather(): Promise<void> {
		await this.#system.spawn(PipelineCrew, {
			args: {
				ready: (crew) => {
					this.#crew = crew;
				},
				done: (worker, piece, report) => this.#workers.get(worker)?.pool.done(worker, piece, report),
				failed: (worker, piece, error) => this.#workers.get(worker)?.pool.failed(worker, piece, error),
				gone: (worker) => {
					const pool = this.#workers.get(worker)?.pool;
					this.#workers.delete(worker);
					pool?.gone(worker);
				},
				stopped: () =>
					this.#failed?.(new TroupeError('ERR_STOPPED', `pipeline '${this.name}' was running when its system stopped`)),
			},
		});
	}

	/** A worker on a node that has the fewest. */
	async #hire(pool: Pool, stage: number, on: Placement | undefined): Promise<HiredWorker> {
		const replaces = this.#lastWorker >= this.#pools.length && this.#meters.some(({ in: taken }) => taken > 0);
		const end = this.#stand.now() + (replaces ? LOOK_FOR : 0);
		for (;;) {
			let refusal: string | undefined;
			for (const node of this.#candidates(on)) {
				const number = ++this.#lastWorker;
				// What it says may come before the answer that it is there.
				this.#workers.set(number, { pool, node });
				try {
					const { shape } = this.#declared;
					const hired = await (this.#crew as Crew).hire(
						node,
						this.name,
						shape,
						stage,
						number,
						this.#deadLetters !== undefined,
					);
					if ('worker' in hired) return { number, ref: hired.worker, far: node !== this.#system.node.id };
					refusal = hired.refused;
				} catch (error) {
					if (!isTroupeError(error) || this.#over) throw error;
					refusal = error.message;
				}
				this.#workers.delete(number);
			}
			if (this.#stand.now() >= end || this.#over) {
				const why = refusal ?? `no node that '${on}' means is there`;
				throw new TroupeError('ERR_NO_HOST', `pipeline '${this.name}' finds no node for a stage: ${why}`);
			}
			await new Promise<void>((resolve) => void this.#stand.after(LOOK_EACH, resolve));
		}
	}

	#candidates(on: Placement | undefined): readonly string[] {
		if (on === undefined) return [this.#system.node.id];
		const among = placementOf(on);
		const busy = new Map<string, number>();
		for (const { node } of this.#workers.values()) busy.set(node, (busy.get(node) ?? 0) + 1);
		const nodes = this.#system.nodes().filter(among);
		const weight = (node: (typeof nodes)[number]): number =>
			(node.status === 'up' ? 0 : 1e6) + (busy.get(node.id) ?? 0);
		return nodes.toSorted((one, other) => weight(one) - weight(other)).map(({ id }) => id);
	}
}

async function drain(end: Stream): Promise<void> {
	for (let batch = await end.next(); batch; batch = await end.next()) settle(batch);
}

/** Not for ever: a failed run does not wait for who does not answer. */
async function within(stand: Stand, promise: Promise<void>): Promise<void> {
	await new Promise<void>((resolve) => {
		const cancel = stand.after(1_000, resolve);
		promise.then(resolve, resolve as never).finally(cancel);
	});
}

function figuresOf(meter: Meter): Readonly<Record<string, number>> {
	const { stage: _, ...figures } = meter.stats();
	return figures;
}

function checkOptions(options: RunOptions): RunOptions {
	for (const key of Object.keys(optionGroup(options, 'options')))
		if (!OPTIONS.has(key))
			throw new BadOption(key, options[key as keyof RunOptions], `one of ${[...OPTIONS].join(', ')}`);
	const { delivery, on } = options;
	if (delivery !== undefined && delivery !== 'at-least-once' && delivery !== 'at-most-once')
		throw new BadOption('delivery', delivery, "'at-least-once' or 'at-most-once'");
	placementOf(on);
	return options;
}
