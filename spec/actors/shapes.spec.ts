/** What changes the flow of a pipeline and not its elements: windows, pace, joints; time is virtual. */

import { PassThrough, Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { ActorSystem, type Flow, pipeline, type RunOptions, type Sink, type Source } from '../../index.ts';
import { VirtualClock } from '../../testkit.ts';

describe('a flow', () => {
	let clock: VirtualClock;
	let system: ActorSystem;

	beforeEach(async () => {
		clock = new VirtualClock();
		system = await ActorSystem.start({ clock });
	});

	afterEach(() => system.stop());

	/** What comes out, and when; virtual time passes until it has ended. */
	async function played<T, U>(
		source: Source<T>,
		shape: (flow: Flow<T>) => {
			to(sink: Sink<U>): { run(system: ActorSystem, options?: RunOptions): { done: Promise<void> } };
		},
		options: RunOptions = {},
	): Promise<{ readonly got: U[]; readonly at: number[]; readonly error?: unknown }> {
		const got: U[] = [];
		const at: number[] = [];
		const { done } = shape(pipeline('shapes').from(source))
			.to((value) => {
				got.push(value);
				at.push(clock.now());
			})
			.run(system, options);
		let over = false;
		let error: unknown;
		done.then(
			() => (over = true),
			(failure) => {
				over = true;
				error = failure;
			},
		);
		while (!over) await clock.advance(10);
		return { got, at, ...(error !== undefined && { error }) };
	}

	/** Numbers, each so long after the beginning. */
	async function* timed(...times: number[]): AsyncGenerator<number> {
		const begun = clock.now();
		for (const time of times) {
			await new Promise<void>((resolve) => clock.after(begun + time - clock.now(), resolve));
			yield time;
		}
	}

	const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

	it('is batched by count, and by the time that the first of a batch has waited', async () => {
		const { got, at } = await played(timed(0, 10, 20, 30, 200, 210), (flow) =>
			flow.batch({ size: 3, within: '100ms' }),
		);
		expect(got).to.deep.equal([[0, 10, 20], [30], [200, 210]]);
		expect(at[1]).to.equal(130);
		expect(at[2]).to.be.within(210, 300);
	});

	it('is windowed by count: tumbling, sliding, and with gaps', async () => {
		const by = async (count: number, every?: number): Promise<unknown> =>
			(await played(numbers(7), (flow) => flow.window({ count, ...(every && { every }) }))).got;
		expect(await by(3)).to.deep.equal([[0, 1, 2], [3, 4, 5], [6]]);
		expect(await by(3, 2)).to.deep.equal([
			[0, 1],
			[1, 2, 3],
			[3, 4, 5],
			[4, 5, 6],
		]);
		expect(await by(1, 3)).to.deep.equal([[0], [3], [6]]);
	});

	it('is windowed by time: tumbling and sliding', async () => {
		const tumbling = await played(timed(0, 40, 120, 130), (flow) => flow.window({ time: 100 }));
		expect(tumbling.got).to.deep.equal([
			[0, 40],
			[120, 130],
		]);
		const sliding = await played(timed(...[0, 40, 120].map((t) => t + 1_000)), (flow) =>
			flow.window({ time: 100, every: 50 }),
		);
		expect(sliding.got[0]).to.deep.equal([1_000, 1_040]);
		expect(sliding.got).to.deep.include([1_040, 1_120]);
	});

	it('parts each window by key, where a key follows', async () => {
		const { got } = await played(numbers(6), (flow) => flow.batch({ size: 4 }).keyBy((n) => n % 2));
		expect(got).to.deep.equal([[0, 2], [1, 3], [4], [5]]);
	});

	it('is limited to a rate, with a burst at first', async () => {
		const { at } = await played(numbers(8), (flow) => flow.rateLimit({ rate: 10, per: '1s', burst: 3 }));
		expect(at.slice(0, 3)).to.deep.equal([0, 0, 0]);
		expect(at[7]).to.be.within(500, 520);
	});

	it('is throttled: the first in each span, and no other', async () => {
		const { got } = await played(timed(0, 10, 20, 110, 120, 300), (flow) => flow.throttle(100));
		expect(got).to.deep.equal([0, 110, 300]);
	});

	it('fails when nothing comes in time', async () => {
		const { error } = await played(timed(0, 50, 500), (flow) => flow.timeout(100));
		expect(error).to.include({ code: 'ERR_STAGE_TIMEOUT' });
	});

	it('fails an element that takes too long', async () => {
		const slow = (n: number): Promise<number> => new Promise((resolve) => clock.after(n, () => resolve(n)));
		const { error } = await played([10, 500], (flow) => flow.map(slow, { timeout: '100ms' }));
		expect(error).to.have.property('code', 'ERR_PIPELINE_FAILED');
		expect((error as Error).cause).to.have.property('code', 'ERR_STAGE_TIMEOUT');
	});

	it('is cut at both ends: drop, take, which ends an endless source', async () => {
		let returned = false;
		const endless = (function* () {
			try {
				for (let n = 0; ; n++) yield n;
			} finally {
				returned = true;
			}
		})();
		const { got } = await played(endless, (flow) => flow.drop(2).take(3));
		expect(got).to.deep.equal([2, 3, 4]);
		expect(returned).to.equal(true);
	});

	it('remembers: scan, distinct', async () => {
		expect((await played(numbers(4), (flow) => flow.scan((sum, n) => sum + n, 10))).got).to.deep.equal([
			10, 11, 13, 16,
		]);
		expect((await played([1, 1, 2, 1, 3], (flow) => flow.distinct())).got).to.deep.equal([1, 2, 3]);
		// A window of two keys has forgotten the first when it comes again much later.
		const { got } = await played([1, 2, 3, 4, 5, 1], (flow) => flow.distinct((n) => n, 2));
		expect(got.at(-1)).to.equal(1);
	});

	it('goes on with what a function makes of a failure', async () => {
		const half = (n: number): number => {
			if (n % 2 === 1) throw new Error('odd');
			return n / 2;
		};
		const { got } = await played([2, 3, 4], (flow) =>
			flow.map(half).recover((error, n) => `${n}: ${(error as Error).message}`),
		);
		expect(got).to.deep.equal([1, '3: odd', 2]);
	});

	it('comes together: merge, concat, zip', async () => {
		const others = pipeline('shapes.other')
			.from([10, 11])
			.map((n) => n + 1);
		expect((await played([1, 2], (flow) => flow.concat(others, [5]))).got).to.deep.equal([1, 2, 11, 12, 5]);
		expect((await played([1, 2, 3], (flow) => flow.zip(others))).got).to.deep.equal([
			[1, 11],
			[2, 12],
		]);
		const { got } = await played(timed(0, 20), (flow) => flow.merge(timed(10, 30)));
		expect(got).to.deep.equal([0, 10, 20, 30]);
	});

	it('parts: broadcast gives all to every branch, balance each element to one', async () => {
		const [left, right]: [number[], number[]] = [[], []];
		const both = (flow: Flow<number>) => flow.map((n) => n * 10).to((n) => void right.push(n));
		const one = (flow: Flow<number>) => flow.filter((n) => n > 0).to((n) => void left.push(n));
		await pipeline('shapes').from(numbers(3)).broadcast(one, both).run(system);
		expect([left, right]).to.deep.equal([
			[1, 2],
			[0, 10, 20],
		]);
		left.length = right.length = 0;
		const all = (function* () {
			for (let n = 1; n <= 2_000; n++) yield n;
		})();
		await pipeline('shapes').from(all).balance(one, both).run(system);
		expect([...left, ...right.map((n) => n / 10)].sort((a, b) => a - b)).to.deep.equal(
			numbers(2_000).map((n) => n + 1),
		);
		expect(left.length).to.be.within(1, 1_999);
	});

	it('gives every worker each element, when asked to', async () => {
		const { got } = await played([1, 2], (flow) => flow.all().map((n) => n, { workers: 3 }));
		expect(got.sort()).to.deep.equal([1, 1, 1, 2, 2, 2]);
	});

	it('hands keys on when another worker comes, and keeps the order of each key', async () => {
		const real = await ActorSystem.start();
		const seen = new Map<number, number[]>();
		let most = 0;
		const run = pipeline('shapes.keys')
			.from(numbers(600))
			.keyBy((n) => n % 7)
			.map(
				async (n) => {
					await new Promise((resolve) => setTimeout(resolve, 2));
					return n;
				},
				{ elastic: { min: 1, max: 3 } },
			)
			.to((n) => {
				seen.set(n % 7, [...(seen.get(n % 7) ?? []), n]);
				most = Math.max(most, run.stats()[0]?.workers ?? 0);
			})
			.run(real);
		await run;
		expect(most).to.equal(3);
		for (const [key, all] of seen) expect(all).to.deep.equal(numbers(600).filter((n) => n % 7 === key));
		await real.stop();
	});

	it('writes nothing twice into a sink that knows its elements by a key', async () => {
		const got: { id: string }[] = [];
		const elements = ['a', 'b', 'a', 'c', 'b'].map((id) => ({ id }));
		await pipeline('shapes')
			.from(elements)
			.to((element) => void got.push(element), { key: ({ id }) => id })
			.run(system);
		expect(got.map(({ id }) => id).join('')).to.equal('abc');
	});

	it('begins and ends in streams of Node, whose backpressure it heeds', async () => {
		const out: string[] = [];
		const sink = new Writable({
			objectMode: true,
			highWaterMark: 1,
			write(chunk, _, done) {
				out.push(String(chunk));
				setImmediate(done);
			},
		});
		await pipeline('shapes')
			.from(Readable.from(['a', 'b', 'c']))
			.map((s) => s.toUpperCase())
			.to(sink)
			.run(system);
		expect(out).to.deep.equal(['A', 'B', 'C']);
		expect(sink.writableFinished).to.equal(true);
		const broken = new PassThrough({ objectMode: true });
		broken.destroy(new Error('no disk'));
		const error = await pipeline('shapes')
			.from(numbers(10))
			.to(broken)
			.run(system)
			.done.catch((failure) => failure);
		expect(error).to.have.property('code', 'ERR_PIPELINE_FAILED');
	});

	it('begins and ends in channels: the sink is closed behind the last element', async () => {
		const [from, into] = [
			await system.channel<number>('from', { capacity: 4 }),
			await system.channel<number>('into', { capacity: 9 }),
		];
		const run = pipeline('shapes')
			.from(from)
			.map((n) => n + 1)
			.to(into)
			.run(system);
		for (const n of [1, 2, 3]) await from.send(n);
		await from.close();
		await run;
		const got: number[] = [];
		for await (const n of into) got.push(n);
		expect(got).to.deep.equal([2, 3, 4]);
	});

	it('tells what each stage has done, as stats and as the event metrics', async () => {
		const told: Record<string, number>[] = [];
		system.events.on(
			'metrics',
			({ kind, name, values }) => kind === 'stage' && name === 'shapes/half' && told.push({ ...values }),
		);
		await played(timed(0, 500, 1_500), (flow) => flow.filter((n) => n < 1_000, { name: 'half' }));
		expect(told[0]).to.include({ in: 2, out: 2, failures: 0 });
	});

	it('describes itself as text and as a picture', () => {
		const described = pipeline('etl')
			.from([1])
			.map((n) => n, { workers: 4 })
			.filter((n) => n)
			.batch({ size: 2 })
			.to(() => {})
			.describe();
		expect(described).to.include('map-1 (workers 4)').and.include('flowchart LR').and.include('s1["source"]');
	});

	it('refuses what it cannot do, by the name of the option', () => {
		const flow = pipeline('shapes').from([1]);
		const refused: readonly [string, () => unknown][] = [
			['workers', () => flow.map((n) => n, { workers: 0 })],
			['elastic.max', () => flow.map((n) => n, { elastic: { min: 3, max: 2 } })],
			['wokers', () => flow.map((n) => n, { wokers: 2 } as object)],
			['batch.size', () => flow.batch({ size: 0 })],
			['retry.attempts', () => flow.map((n) => n, { retry: { attempts: 0 } })],
			['sink', () => flow.to(undefined as never)],
			['source', () => pipeline('x').from(5 as never)],
			['delivery', () => flow.to(() => {}).run(system, { delivery: 'twice' as never })],
		];
		for (const [option, call] of refused) expect(call, option).to.throw(option).with.property('code', 'ERR_BAD_OPTION');
	});
});
