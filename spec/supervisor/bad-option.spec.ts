import { expect } from 'chai';
import { describe, it } from 'mocha';
import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';

describe('a refused option', () => {
	it('names the option, the value and what would be accepted', () => {
		expect(new BadOption('restart.retries', '3', 'a whole number').message).to.equal(
			`option 'restart.retries' is "3": expected a whole number`,
		);
	});

	it('carries the code and is a TypeError', () => {
		const error = new BadOption('x', undefined, 'anything');
		expect(error).to.be.instanceOf(TypeError).and.to.include({ code: 'ERR_BAD_OPTION', name: 'TroupeError' });
	});

	it('does not repeat a value of any length', () => {
		expect(new BadOption('x', 'a'.repeat(10_000), 'less').message.length).to.be.lessThan(150);
	});
});

describe('a whole number', () => {
	it('is returned when it lies in the range, both ends included', () => {
		expect([wholeNumber(1, 'x', 1, 3), wholeNumber(3, 'x', 1, 3)]).to.deep.equal([1, 3]);
	});

	for (const value of [0, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null, undefined, 2n])
		it(`is refused when it is ${typeof value} ${value} and 1 to 3 is asked for`, () => {
			expect(() => wholeNumber(value, 'x', 1, 3)).to.throw(BadOption, /^option 'x' .* from 1 to 3$/);
		});
});

describe('a group of options', () => {
	it('is an object, and is returned as it is', () => {
		const group = { retries: 1 };
		expect(optionGroup(group, 'x')).to.equal(group);
	});

	for (const value of [null, '10s', 5, [], () => ({})])
		it(`is not ${Array.isArray(value) ? 'an array' : `${typeof value} ${value}`}`, () => {
			expect(() => optionGroup(value as object, 'x')).to.throw(BadOption, /^option 'x' is .*an object with options$/);
		});
});
