import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Backoff, type BackoffOptions, backoffOf, DEFAULT_BACKOFF, delayOf } from '../../supervisor/backoff.ts';
import { BadOption } from '../../supervisor/bad-option.ts';

const MIDDLE = 0.5;

const anyBackoff = fc
	.record({
		initial: fc.double({ min: 0, max: 1e6, noNaN: true }),
		factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
		extra: fc.double({ min: 0, max: 1e9, noNaN: true }),
		jitter: fc.double({ min: 0, max: 1, noNaN: true }),
	})
	.map(({ initial, factor, extra, jitter }): Backoff => ({ initial, factor, max: initial + extra, jitter }));
/** What floating point may add or take: far below anything a timer can tell. */
const rounding = (delay: number) => 1e-9 * (1 + delay);
const anyAttempt = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the delay before a restart', () => {
	it('starts at 100 ms and doubles up to 10 s by default', () => {
		const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempt) => delayOf(DEFAULT_BACKOFF, attempt, MIDDLE));
		expect(delays).to.deep.equal([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
	});

	it('is spread by a fifth to either side by default', () => {
		expect(delayOf(DEFAULT_BACKOFF, 1, 0)).to.be.closeTo(80, 1e-9);
		expect(delayOf(DEFAULT_BACKOFF, 1, 1)).to.be.closeTo(120, 1e-9);
	});

	it('is spread at the cap as well, so that a herd does not come back at one instant', () => {
		expect(delayOf(DEFAULT_BACKOFF, 50, 0.9)).to.be.greaterThan(DEFAULT_BACKOFF.max);
		expect(delayOf(DEFAULT_BACKOFF, 50, 0.1)).to.be.lessThan(DEFAULT_BACKOFF.max);
	});

	it('stays within the jitter around the capped exponential', () => {
		fc.assert(
			fc.property(anyBackoff, fc.integer({ min: 1, max: 40 }), anyRandom, (backoff, attempt, random) => {
				let exact = backoff.initial;
				for (let step = 1; step < attempt; step++) exact = Math.min(exact * backoff.factor, backoff.max);
				const delay = delayOf(backoff, attempt, random);
				const margin = exact * backoff.jitter + rounding(exact);
				expect(delay).to.be.within(exact - margin, exact + margin);
			}),
		);
	});

	it('is a finite span of at least 0 for every backoff and every attempt', () => {
		fc.assert(
			fc.property(anyBackoff, anyAttempt, anyRandom, (backoff, attempt, random) => {
				expect(delayOf(backoff, attempt, random))
					.to.satisfy(Number.isFinite)
					.and.to.be.at.least(0);
			}),
		);
	});

	it('stays 0 for an initial delay of 0, however many attempts there are', () => {
		expect(delayOf({ ...DEFAULT_BACKOFF, initial: 0 }, 5_000, MIDDLE)).to.equal(0);
	});

	it('never shrinks from one attempt to the next at the same jitter', () => {
		fc.assert(
			fc.property(anyBackoff, fc.integer({ min: 1, max: 2_000 }), anyRandom, (backoff, attempt, random) => {
				const delay = delayOf(backoff, attempt, random);
				expect(delayOf(backoff, attempt + 1, random)).to.be.at.least(delay - rounding(delay));
			}),
		);
	});

	it('is never longer than the longest timer of Node, which would fire at once', () => {
		const backoff = backoffOf({ initial: '30d', jitter: 1 }, 'backoff');
		expect(delayOf(backoff, 1, 0.99)).to.equal(2 ** 31 - 1);
	});
});

describe('the options of a backoff', () => {
	it('default to 100 ms, factor 2, 10 s and jitter 0.2', () => {
		expect(backoffOf({}, 'backoff')).to.deep.equal({ initial: 100, factor: 2, max: 10_000, jitter: 0.2 });
	});

	it('take durations', () => {
		expect(backoffOf({ initial: '1s', max: '1m' }, 'backoff')).to.include({ initial: 1_000, max: 60_000 });
	});

	it('raise the cap to an initial delay beyond its default', () => {
		expect(backoffOf({ initial: '30s' }, 'backoff')).to.include({ initial: 30_000, max: 30_000 });
	});

	it('are refused together when the cap lies below the initial delay', () => {
		expect(() => backoffOf({ initial: '2s', max: '1s' }, 'backoff')).to.throw(BadOption, /'backoff\.max'.*2000 ms/);
	});

	const refused: readonly (readonly [keyof BackoffOptions, unknown])[] = [
		['initial', -1],
		['initial', '5 parsecs'],
		['max', Number.POSITIVE_INFINITY],
		['factor', 0.5],
		['factor', Number.POSITIVE_INFINITY],
		['factor', '2'],
		['jitter', -0.1],
		['jitter', 1.1],
		['jitter', Number.NaN],
		['jitter', '0.2'],
	];
	for (const [name, value] of refused)
		it(`refuse ${typeof value} ${value} as ${name}, by name`, () => {
			expect(() => backoffOf({ [name]: value }, 'backoff')).to.throw(BadOption, `option 'backoff.${name}' is `);
		});
});
