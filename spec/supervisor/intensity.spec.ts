import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { BadOption } from '../../supervisor/bad-option.ts';
import { Intensity, type Limit, type LimitOptions, limitOf, MOST_RESTARTS } from '../../supervisor/intensity.ts';

const steps = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 });
const anyLimit = fc.record({ maxRestarts: fc.integer({ min: 0, max: 6 }), within: fc.integer({ min: 1, max: 60 }) });

/** The rule without any thrift: remember everything, count what lies in the window. */
class NaiveIntensity {
	readonly #times: number[] = [];

	record(now: number, { maxRestarts, within }: Limit): boolean {
		this.#times.push(now);
		return this.recent(now, within) <= maxRestarts;
	}

	recent(now: number, within: number): number {
		return this.#times.filter((at) => at >= now - within).length;
	}
}

describe('the intensity of restarts', () => {
	it('allows as many restarts within the window as the limit says, and refuses one more', () => {
		const restarts = new Intensity(3, 1_000);
		expect([0, 1, 2, 3].map((now) => restarts.record(now))).to.deep.equal([true, true, true, false]);
	});

	it('allows ten in a minute by default', () => {
		const restarts = new Intensity();
		const answers = Array.from({ length: 11 }, (_, crash) => restarts.record(crash * 6_000));
		expect(answers.indexOf(false)).to.equal(10);
	});

	it('counts a restart at the very edge of the window, as OTP does', () => {
		const restarts = new Intensity(1, 1_000);
		restarts.record(0);
		expect(restarts.record(1_000)).to.equal(false);
	});

	it('forgets a restart once it has left the window', () => {
		const restarts = new Intensity(1, 1_000);
		restarts.record(0);
		expect(restarts.record(1_001)).to.equal(true);
	});

	it('never allows a restart when the limit is 0', () => {
		const restarts = new Intensity(0, 1_000);
		expect([0, 5_000, 50_000].map((now) => restarts.record(now))).to.deep.equal([false, false, false]);
	});

	it('counts the refused ones, so that a crash loop stays refused until it pauses', () => {
		const restarts = new Intensity(1, 1_000);
		expect([0, 600, 1_200, 1_800, 3_000].map((now) => restarts.record(now))).to.deep.equal([
			true,
			false,
			false,
			false,
			true,
		]);
	});

	it('starts over when it is reset', () => {
		const restarts = new Intensity(1, 1_000);
		restarts.record(0);
		restarts.reset();
		expect(restarts.recent(0)).to.equal(0);
		expect(restarts.record(1)).to.equal(true);
	});

	it('tells how many restarts lie in the window without counting one', () => {
		const restarts = new Intensity(5, 1_000);
		for (const now of [0, 400, 800]) restarts.record(now);
		expect([800, 1_000, 1_001, 1_800, 1_801].map((now) => restarts.recent(now))).to.deep.equal([3, 3, 2, 1, 0]);
	});

	it('remembers no more than one restart beyond the limit', () => {
		const restarts = new Intensity(3, 1_000);
		for (let crash = 0; crash < 100; crash++) restarts.record(0);
		expect(restarts.recent(0)).to.equal(4);
	});

	it('agrees with a model that remembers everything', () => {
		fc.assert(
			fc.property(anyLimit, steps, (limit, waits) => {
				const restarts = new Intensity(limit.maxRestarts, limit.within);
				const model = new NaiveIntensity();
				let now = 0;
				for (const wait of waits) {
					now += wait;
					expect(restarts.record(now)).to.equal(model.record(now, limit));
					const counted = Math.min(model.recent(now, limit.within), limit.maxRestarts + 1);
					expect(restarts.recent(now)).to.equal(counted);
				}
			}),
		);
	});

	it('counts every restart under each limit, when the supervision picks the limit by the error', () => {
		const tight = { maxRestarts: 1, within: 10 };
		const wide = { maxRestarts: 6, within: 60 };
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.boolean()), { maxLength: 60 }), (crashes) => {
				const restarts = new Intensity(wide.maxRestarts, wide.within);
				const model = new NaiveIntensity();
				let now = 0;
				for (const [wait, narrow] of crashes) {
					now += wait;
					const limit = narrow ? tight : wide;
					expect(restarts.record(now, limit)).to.equal(model.record(now, limit));
				}
			}),
		);
	});

	it('widens its memory to a limit it meets later', () => {
		const restarts = new Intensity(1, 10);
		const wide = { maxRestarts: 3, within: 1_000 };
		const answers = [0, 100, 200, 300].map((now) => restarts.record(now, wide));
		expect(answers).to.deep.equal([true, true, true, false]);
	});
});

describe('a limit of restarts', () => {
	it('is 10 within a minute by default', () => {
		expect(limitOf({}, 'restart')).to.deep.equal({ maxRestarts: 10, within: 60_000 });
	});

	it('takes a duration', () => {
		expect(limitOf({ maxRestarts: 3, within: '5s' }, 'restart')).to.deep.equal({ maxRestarts: 3, within: 5_000 });
	});

	const refused: readonly (readonly [keyof LimitOptions, unknown])[] = [
		['maxRestarts', -1],
		['maxRestarts', 1.5],
		['maxRestarts', Number.POSITIVE_INFINITY],
		['maxRestarts', MOST_RESTARTS + 1],
		['within', 0],
		['within', '0s'],
		['within', 'soon'],
	];
	for (const [name, value] of refused)
		it(`refuses ${JSON.stringify(value)} (${value}) as ${name}, by name`, () => {
			expect(() => limitOf({ [name]: value }, 'restart')).to.throw(BadOption, `option 'restart.${name}' is `);
		});
});
