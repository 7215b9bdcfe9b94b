/** Pipelines whose stages are worked on wherever there are workers: what comes out is what a loop would have made. */

import { expect } from 'chai';
import { type Poison, pipeline, type Sink } from '../../index.ts';
import { buffers, doubles, picky, words } from '../support/cast/pipelines.ts';
import { onEveryStage } from '../support/stages.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function* inTime<T>(values: readonly T[]): AsyncGenerator<T> {
	for (const value of values) yield value;
}

/** A sink, and what it was given. */
function basket<T>(): { readonly got: T[]; readonly sink: Sink<T> } {
	const got: T[] = [];
	return { got, sink: (value) => void got.push(value) };
}

onEveryStage('a pipeline', (stage) => {
	/** Every way in which its stages can be worked on. */
	const ways = () =>
		[
			{ way: 'by the run itself', crew: 'alone', where: {} },
			{ way: 'by one worker on the far side', crew: 'alone', where: far() },
			{ way: 'by four workers on the far side', crew: 'four', where: far() },
			{ way: 'by elastic workers here', crew: 'elastic', where: {} },
		] as const;
	const far = () => ({ on: `node:${stage.farNode}` }) as const;

	it('gives what a loop would have given, in its order, whoever works', async () => {
		const lines = ['To be or not', 'to be that IS', 'the Question', ''];
		const due = ['not', 'that', 'the', 'question'];
		for (const { way, crew, where } of ways()) {
			const { got, sink } = basket<string>();
			await words(inTime(lines), sink, crew).run(stage.near, where);
			expect(got, way).to.deep.equal(due);
		}
	});

	it('keeps the order of elements though some take longer than others', async () => {
		for (const { way, crew, where } of ways()) {
			const { got, sink } = basket<number>();
			await doubles(numbers(500), sink, crew).run(stage.near, where);
			expect(got, way).to.deep.equal(numbers(500).map((n) => 2 * n));
		}
	});

	it('gives all of them, in any order, when order does not matter', async () => {
		const { got, sink } = basket<number>();
		await doubles(numbers(500), sink, 'unordered').run(stage.near, far());
		expect(got.sort((one, other) => one - other)).to.deep.equal(numbers(500).map((n) => 2 * n));
	});

	it('is placed as a whole where the run says', async () => {
		const { got, sink } = basket<string>();
		await words(['over there'], sink).run(stage.near, far());
		expect(got).to.deep.equal(['over', 'there']);
		const started = stage.notes.find(
			({ event, kind }) => event === 'actorStarted' && kind === 'troupe.pipeline.worker',
		);
		expect(started?.node).to.equal(stage.farNode);
	});

	it('asks its source for no more than it has room for, while its sink is slow', async () => {
		let asked = 0;
		const source = (async function* () {
			for (; ; asked++) yield asked;
		})();
		let written = 0;
		let most = 0;
		const abort = new AbortController();
		const run = doubles(
			source,
			async () => {
				most = Math.max(most, asked - ++written);
				await new Promise(setImmediate);
				if (written === 3_000) abort.abort();
			},
			'four',
		).run(stage.near, { ...far(), signal: abort.signal });
		expect(await run.done.catch(({ code }) => code)).to.equal('ERR_ABORTED');
		expect(most).to.be.below(2_500);
	});

	it('fails as a whole when an element does, with the cause, and lets its source and sink know', async () => {
		for (const { way, crew, where } of ways()) {
			let returned = false;
			let told: unknown;
			const source = (async function* () {
				try {
					for (let n = 0; ; n += 2) yield n === 100 ? -1 : n;
				} finally {
					returned = true;
				}
			})();
			const sink: Sink<number> = {
				write() {},
				abort(error: unknown) {
					told = error;
				},
			};
			const error = await picky(source, sink, crew)
				.run(stage.near, where)
				.done.catch((failure) => failure);
			expect(error, way).to.include({ code: 'ERR_PIPELINE_FAILED' });
			expect(error.cause, way).to.have.property('message', '-1 is negative');
			expect(told, way).to.equal(error);
			await stage.until(() => returned);
		}
	});

	it('tries again what failed, and sets aside what cannot be done', async () => {
		for (const { way, where } of ways()) {
			const { got, sink } = basket<number>();
			const dead: Poison[] = [];
			const run = picky([1, 2, -3, 5, 8], sink, 'patient').run(stage.near, {
				...where,
				deadLetters: (poison) => void dead.push(poison),
			});
			await run;
			expect(got, way).to.deep.equal([1, 4, 25, 64]);
			expect(
				dead.map(({ element, attempts }) => [element, attempts]),
				way,
			).to.deep.equal([[-3, 2]]);
			expect((dead[0]?.error as Error).message, way).to.equal('-3 is negative');
			const [work] = run.stats();
			expect(work, way).to.include({ in: 5, out: 4, failures: 1 });
		}
	});

	it('carries elements that are too large together for one message', async () => {
		const { got, sink } = basket<Uint8Array>();
		const sizes = [3e6, 3e6, 3e6, 10, 3e6].map((size) => size);
		await buffers(sizes, sink).run(stage.near, far());
		expect(got.map((buffer) => [buffer.length, buffer[0]])).to.deep.equal(sizes.map((size) => [size, 7]));
	});

	it('ends gracefully: what was taken from the source is in the sink', async () => {
		const taken: number[] = [];
		const source = (async function* () {
			for (let n = 1; ; n++) {
				taken.push(n);
				yield n;
				if (n % 64 === 0) await new Promise(setImmediate);
			}
		})();
		const { got, sink } = basket<number>();
		const run = doubles(source, sink, 'four').run(stage.near, far());
		await stage.until(() => got.length > 500);
		await run.stop();
		expect(got).to.deep.equal(numbers(got.length).map((n) => 2 * (n + 1)));
		expect(taken.length - got.length).to.be.within(0, 1);
	});

	it('acknowledges to its source what is in the sink, and nothing else', async () => {
		const acked: number[] = [];
		const written: number[] = [];
		const source = {
			async *[Symbol.asyncIterator]() {
				yield* numbers(600);
			},
			ack(n: number) {
				expect(written).to.include(2 * n);
				acked.push(n);
			},
		};
		await doubles(source, (n) => void written.push(n), 'four').run(stage.near, far());
		expect(acked.sort((one, other) => one - other)).to.deep.equal(numbers(600));
	});

	it('is refused, naming the remedy, by a node that has not declared it', async () => {
		const error = await pipeline(stage.id('undeclared'))
			.from([1])
			.map((n) => n, { on: 'role:nobody' })
			.to(() => {})
			.run(stage.near)
			.done.catch((failure) => failure);
		expect(error).to.include({ code: 'ERR_NO_HOST' });
		expect(error.message).to.include("'role:nobody'");
	});

	it('ends with its system: the run fails with ERR_STOPPED, and nobody waits for it', async () => {
		const source = (async function* () {
			for (let n = 0; ; n++) {
				yield n;
				await new Promise(setImmediate);
			}
		})();
		const { got, sink } = basket<number>();
		const run = doubles(source, sink).run(stage.near, far());
		await stage.until(() => got.length > 10);
		const failed = run.done.catch(({ code }) => code);
		await stage.stopNear();
		expect(await failed).to.equal('ERR_STOPPED');
	});
});
