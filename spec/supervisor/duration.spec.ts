import { expect } from 'chai';
import { describe, it } from 'mocha';
import { BadOption } from '../../supervisor/bad-option.ts';
import { type Duration, milliseconds } from '../../supervisor/duration.ts';

describe('a duration', () => {
	const spans: readonly (readonly [Duration, number])[] = [
		[0, 0],
		[250, 250],
		[0.5, 0.5],
		['500ms', 500],
		['10s', 10_000],
		['1.5s', 1_500],
		['1m', 60_000],
		['2h', 7_200_000],
		['1d', 86_400_000],
	];
	for (const [written, span] of spans)
		it(`of ${JSON.stringify(written)} is ${span} milliseconds`, () => {
			expect(milliseconds(written, 'x')).to.equal(span);
		});

	for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, '10', 's', '-1s', '1 s', '1w', '1e3ms', '', null, {}])
		it(`is refused, by the name of the option, when it is ${JSON.stringify(value)} (${String(value)})`, () => {
			expect(() => milliseconds(value as Duration, 'timeout')).to.throw(BadOption, /^option 'timeout' is /);
		});
});
