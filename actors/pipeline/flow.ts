/**
 * How a pipeline is written: `pipeline(name).from(source).map(…).filter(…).to(sink)`. A flow is never changed: each word gives
 * another, whose elements have the type of what the words before have made of them.
 */

import { checkId } from '../../runtime/core/address.ts';
import { BadOption, wholeNumber } from '../../supervisor/bad-option.ts';
import { type Duration, milliseconds } from '../../supervisor/duration.ts';
import { Pipeline } from './pipeline.ts';
import type { ForkStage, Grouping, Plan, ShapeStage, Stage, WorkStage } from './plan.ts';
import { concat, merge, zip } from './shapes/joints.ts';
import { drop, patience, rateLimit, take, throttle } from './shapes/pace.ts';
import type { Shape } from './shapes/shape.ts';
import { distinct, scan } from './shapes/state.ts';
import { batches, countWindows, timeWindows } from './shapes/windows.ts';
import { type Sink, sinkOf } from './sink.ts';
import { checkSource, type Source } from './source.ts';
import type { Operation } from './work.ts';
import { checkOptions, rulesOf, type SinkOptions, type WorkOptions, workersOf } from './work-options.ts';

type Key = string | number | bigint | boolean | null | undefined;

/** Keys that a sink remembers. */
const WINDOW = 100_000;
/** A flow of lists, such as windows are; a key is that of the elements in them. */
export type Windowed<T> = Omit<Flow<readonly T[]>, 'keyBy'> & {
	/** Parts each list by the keys of its elements, and sends the parts of one key to one worker of the next stage. */
	keyBy(key: (element: T) => Key): Flow<readonly T[]>;
};

/** Begins the description of a pipeline. `ERR_BAD_ID` for a name that is not a non-empty string of at most 512 bytes. */
export function pipeline(name: string): { from<T>(source: Source<T>): Flow<T> } {
	checkId(name);
	return {
		from: <T>(source: Source<T>) => new Flow<T>(name, { source: checkSource(source) as Source<unknown>, stages: [] }),
	};
}

/** A pipeline that is being described: elements of type `T` come out here. */
export class Flow<T> {
	readonly #name: string;
	readonly #plan: Plan;
	readonly #grouping: Grouping | undefined;
	readonly #windowed: boolean;

	/** Called by {@link pipeline}, and by what a flow can do. */
	constructor(name: string, plan: Plan, grouping?: Grouping, windowed = false) {
		this.#name = name;
		this.#plan = plan;
		this.#grouping = grouping;
		this.#windowed = windowed;
	}

	/** Each element becomes what the function returns, or what its promise resolves to. */
	map<U>(work: (element: T) => U, options?: WorkOptions): Flow<Awaited<U>> {
		return this.#work({ kind: 'map', call: work as never, rules: rulesOf(options) }, options);
	}

	/** Only elements for which the function says so go on. */
	filter<U extends T>(test: (element: T) => element is U, options?: WorkOptions): Flow<U>;
	filter(test: (element: T) => unknown, options?: WorkOptions): Flow<T>;
	filter(test: (element: T) => unknown, options?: WorkOptions): Flow<T> {
		return this.#work({ kind: 'filter', call: test as never, rules: rulesOf(options) }, options);
	}

	/** Each element becomes several, or none. */
	flatMap<U>(
		work: (element: T) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U> | AsyncIterable<U>>,
		options?: WorkOptions,
	): Flow<U> {
		return this.#work({ kind: 'flatMap', call: work as never, rules: rulesOf(options) }, options);
	}

	/** Each element goes on as it is, when the function has seen it. */
	tee(look: (element: T) => unknown, options?: WorkOptions): Flow<T> {
		return this.#work({ kind: 'tee', call: look as never, rules: rulesOf(options) }, options);
	}

	/** What an element becomes for which the work before it has failed. A function that throws fails in its turn. */
	recover<U>(rescue: (error: unknown, element: unknown) => U): Flow<T | Awaited<U>> {
		const last = this.#plan.stages.at(-1);
		if (last?.type !== 'work')
			throw new BadOption('recover', rescue, 'to follow map, filter, flatMap or tee, whose failures it mends');
		return this.#replaceLast(last, { kind: 'recover', call: checkCall(rescue, 'recover') as never });
	}

	/** Lists of `size` elements; shorter ones when the first has waited for `within`, and at the end. */
	batch({ size, within }: { readonly size: number; readonly within?: Duration }): Windowed<T> {
		const span = within === undefined ? undefined : milliseconds(within, 'batch.within');
		return this.#shape('batch', batches(wholeNumber(size, 'batch.size', 1), span), true) as never;
	}

	/**
	 * Windows as lists: of `count` elements, each time that `every` more have come; or of the elements of the last `time`,
	 * each `every`. Without `every`, one begins where the one before ends (tumbling); with less, they overlap (sliding).
	 */
	window(
		options:
			| { readonly count: number; readonly every?: number }
			| { readonly time: Duration; readonly every?: Duration },
	): Windowed<T> {
		if ('count' in options) {
			const count = wholeNumber(options.count, 'window.count', 1);
			const every = wholeNumber(options.every ?? count, 'window.every', 1);
			return this.#shape('window', countWindows(count, every), true) as never;
		}
		const time = milliseconds(options.time, 'window.time');
		const every = milliseconds(options.every ?? time, 'window.every');
		if (!(time > 0 && every > 0)) throw new BadOption('window', options.time, 'spans longer than 0');
		return this.#shape('window', timeWindows(time, every), true) as never;
	}

	/**
	 * Elements of one key go to one worker of the next stage, in their order (Storm's fields grouping). After `batch` or
	 * `window` the key is that of the elements in a list, and each list is parted by it.
	 */
	keyBy(key: (element: T) => Key): Flow<T> {
		checkCall(key, 'keyBy');
		if (!this.#windowed) return this.#grouped({ kind: 'fields', key: key as never });
		const part = (list: readonly unknown[]): Iterable<unknown> => partsOf(list, key as never);
		const parted = this.#work({ kind: 'flatMap', call: part as never, rules: {} }, undefined) as Flow<T>;
		return parted.#grouped({ kind: 'fields', key: ((list: readonly unknown[]) => key(list[0] as never)) as never });
	}

	/** Elements go to whichever worker of the next stage has room: what happens anyway. */
	shuffle(): Flow<T> {
		return this.#grouped({ kind: 'shuffle' });
	}

	/** Every worker of the next stage gets every element. */
	all(): Flow<T> {
		return this.#grouped({ kind: 'all' });
	}

	/** One worker of the next stage gets every element. */
	global(): Flow<T> {
		return this.#grouped({ kind: 'global' });
	}

	/** What has become of all elements so far, after each: `step(state, element)` is the next state. */
	scan<S>(step: (state: S, element: T) => S | Promise<S>, initial: S | (() => S)): Flow<S> {
		checkCall(step, 'scan');
		const begin = typeof initial === 'function' ? (initial as () => unknown) : () => initial;
		return this.#shape('scan', scan(step as never, begin)) as never;
	}

	/** The first `count` elements, and then the end. */
	take(count: number): Flow<T> {
		return this.#shape('take', take(wholeNumber(count, 'take')));
	}

	/** All but the first `count` elements. */
	drop(count: number): Flow<T> {
		return this.#shape('drop', drop(wholeNumber(count, 'drop')));
	}

	/** Elements whose key was not among the last `window` ones (100,000 by default). */
	distinct(key: (element: T) => unknown = (element) => element, window = WINDOW): Flow<T> {
		return this.#shape('distinct', distinct(checkCall(key, 'distinct') as never, wholeNumber(window, 'window', 1)));
	}

	/** At most `rate` elements in `per` (1 s by default), and `burst` (default: `rate`) at once after a pause: a token bucket. */
	rateLimit({
		rate,
		per = '1s',
		burst = rate,
	}: {
		readonly rate: number;
		readonly per?: Duration;
		readonly burst?: number;
	}): Flow<T> {
		if (!(rate > 0 && Number.isFinite(rate))) throw new BadOption('rateLimit.rate', rate, 'a number above 0');
		const span = milliseconds(per, 'rateLimit.per');
		if (!(span > 0)) throw new BadOption('rateLimit.per', per, 'a span longer than 0');
		return this.#shape(
			'rateLimit',
			rateLimit(rate, span, Math.max(1, wholeNumber(Math.ceil(burst), 'rateLimit.burst', 1))),
		);
	}

	/** The first element in each span; those that come before it is over are dropped. */
	throttle(span: Duration): Flow<T> {
		return this.#shape('throttle', throttle(milliseconds(span, 'throttle')));
	}

	/** Fails with `ERR_STAGE_TIMEOUT` when no element comes for that long after one was asked for. */
	timeout(span: Duration): Flow<T> {
		return this.#shape('timeout', patience(milliseconds(span, 'timeout')));
	}

	/** The elements of these flows, or sources, too, as they come. */
	merge<U>(...others: readonly (Flow<U> | Source<U>)[]): Flow<T | U> {
		return this.#shape('merge', merge, false, others) as never;
	}

	/** The elements of these flows, or sources, behind all of this one. */
	concat<U>(...others: readonly (Flow<U> | Source<U>)[]): Flow<T | U> {
		return this.#shape('concat', concat, false, others) as never;
	}

	/** Pairs: the first of each, the second of each, until one ends. */
	zip<U>(other: Flow<U> | Source<U>): Flow<readonly [T, U]> {
		return this.#shape('zip', zip, false, [other]) as never;
	}

	/** Every branch gets every element, as fast as the slowest takes them. */
	broadcast(...branches: readonly ((flow: Flow<T>) => Pipeline)[]): Pipeline {
		return this.#fork('broadcast', branches);
	}

	/** Every element goes to one branch: to whichever asks next. */
	balance(...branches: readonly ((flow: Flow<T>) => Pipeline)[]): Pipeline {
		return this.#fork('balance', branches);
	}

	/**
	 * Completes the description, and declares the pipeline in this process: nodes that run the same program can work on its
	 * stages.
	 */
	to(sink: Sink<T>, options: SinkOptions<T> = {}): Pipeline {
		const { key, window = WINDOW, ...work } = checkOptions(options);
		const flow = key === undefined ? this : this.#keepGrouping(this.distinct(key, window));
		const open = (): ReturnType<typeof sinkOf> => sinkOf(sink);
		open();
		const last = flow.#work(
			{ kind: 'sink', sink: open, rules: rulesOf(work) },
			{ ...work, name: work.name ?? 'sink' },
			true,
		);
		return new Pipeline(this.#name, last.#plan);
	}

	/** The description so far, for the flows that it goes into. */
	static planOf(flow: Flow<unknown>): Plan {
		return flow.#plan;
	}

	#keepGrouping(flow: Flow<T>): Flow<T> {
		return this.#grouping === undefined ? flow : flow.#grouped(this.#grouping);
	}

	#grouped(grouping: Grouping): Flow<T> {
		return new Flow<T>(this.#name, this.#plan, grouping);
	}

	#shape(name: string, make: Shape, windowed = false, others: readonly unknown[] = []): Flow<T> {
		const plans = others.map((other) =>
			other instanceof Flow ? Flow.planOf(other) : { source: checkSource(other as Source<unknown>), stages: [] },
		);
		const stage: ShapeStage = { type: 'shape', name: this.#named(name), make, others: plans };
		return new Flow<T>(this.#name, this.#with(stage), undefined, windowed);
	}

	#fork(mode: ForkStage['mode'], branches: readonly ((flow: Flow<T>) => Pipeline)[]): Pipeline {
		if (branches.length === 0) throw new BadOption(mode, branches, 'at least one branch: flow => flow.to(sink)');
		const plans = branches.map((branch) => {
			const end = checkCall(branch, mode)(new Flow<T>(this.#name, { source: undefined, stages: [] }) as never);
			if (!(end instanceof Pipeline))
				throw new BadOption(mode, end, 'branches that end in a sink: flow => flow.to(sink)');
			return Pipeline.planOf(end);
		});
		return new Pipeline(this.#name, this.#with({ type: 'fork', name: this.#named(mode), mode, branches: plans }));
	}

	#work<U>(operation: Operation, options: WorkOptions | undefined, own = false): Flow<U> {
		const { name, workers, elastic, on, unordered = false } = checkOptions(options ?? {});
		const grouping = this.#grouping;
		const apart = workers !== undefined || elastic !== undefined || on !== undefined;
		const last = this.#plan.stages.at(-1);
		if (!apart && !own && !grouping && name === undefined && last?.type === 'work' && !last.apart)
			return this.#replaceLast(last, operation);
		const bounds = workersOf(workers, elastic);
		const stage: WorkStage = {
			type: 'work',
			name: name === undefined || name === 'sink' ? this.#named(name ?? operation.kind) : name,
			operations: [operation],
			workers: grouping?.kind === 'global' ? { min: 1, max: 1 } : bounds,
			apart,
			on,
			grouping,
			ordered: !unordered && (bounds.max === 1 || grouping?.kind !== 'fields') && grouping?.kind !== 'all',
		};
		return new Flow<U>(this.#name, this.#with(stage));
	}

	#replaceLast<U>(last: WorkStage, operation: Operation): Flow<U> {
		const stages = [...this.#plan.stages.slice(0, -1), { ...last, operations: [...last.operations, operation] }];
		return new Flow<U>(this.#name, { ...this.#plan, stages });
	}

	#with(stage: Stage): Plan {
		return { ...this.#plan, stages: [...this.#plan.stages, stage] };
	}

	#named(word: string): string {
		return `${word}-${this.#plan.stages.length + 1}`;
	}
}

function* partsOf(list: readonly unknown[], key: (element: unknown) => unknown): Iterable<unknown> {
	const parts = new Map<unknown, unknown[]>();
	for (const element of list) {
		const of = key(element);
		const part = parts.get(of);
		if (part) part.push(element);
		else parts.set(of, [element]);
	}
	yield* parts.values();
}

function checkCall<F>(call: F, option: string): F {
	if (typeof call === 'function') return call;
	throw new BadOption(option, call, 'a function');
}
