import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { BadOption } from '../../supervisor/bad-option.ts';
import {
	affected,
	allForOne,
	checkStrategy,
	oneForOne,
	restForOne,
	type Strategy,
	type StrategyKind,
} from '../../supervisor/strategy.ts';

const CHILDREN = ['first', 'second', 'third', 'fourth'] as const;

describe('the children that restart together', () => {
	const table: readonly (readonly [Strategy, (typeof CHILDREN)[number], readonly string[]])[] = [
		[oneForOne(), 'first', ['first']],
		[oneForOne(), 'third', ['third']],
		[allForOne(), 'first', CHILDREN],
		[allForOne(), 'fourth', CHILDREN],
		[restForOne(), 'first', CHILDREN],
		[restForOne(), 'third', ['third', 'fourth']],
		[restForOne(), 'fourth', ['fourth']],
	];
	for (const [strategy, failed, expected] of table)
		it(`are ${expected.join(', ')} when the ${failed} fails under ${strategy.kind}`, () => {
			expect(affected<string>(strategy, CHILDREN, failed)).to.deep.equal(expected);
		});

	const anyFamily = fc
		.uniqueArray(fc.nat(), { minLength: 1, maxLength: 20 })
		.chain((children) => fc.record({ children: fc.constant(children), failed: fc.constantFrom(...children) }));

	for (const strategy of [oneForOne(), allForOne(), restForOne()]) {
		it(`include the one that failed and keep the start order, under ${strategy.kind}`, () => {
			fc.assert(
				fc.property(anyFamily, ({ children, failed }) => {
					const together = affected(strategy, children, failed);
					expect(together).to.include(failed);
					expect(together).to.deep.equal(children.filter((child) => together.includes(child)));
				}),
			);
		});

		it(`are nobody when the one that failed has left, under ${strategy.kind}`, () => {
			expect(affected<string>(strategy, CHILDREN, 'a stranger')).to.deep.equal([]);
		});
	}

	it('part the family under rest-for-one: who started before stays, the rest goes', () => {
		fc.assert(
			fc.property(anyFamily, ({ children, failed }) => {
				const before = children.slice(0, children.indexOf(failed));
				expect([...before, ...affected(restForOne(), children, failed)]).to.deep.equal(children);
			}),
		);
	});

	it('are a copy, so that children may leave while it is worked through', () => {
		const children = [...CHILDREN];
		const together = affected(allForOne(), children, 'first');
		children.pop();
		expect(together).to.deep.equal(CHILDREN);
	});
});

describe('a strategy', () => {
	const factories: readonly (readonly [StrategyKind, string, typeof oneForOne])[] = [
		['one-for-one', 'oneForOne', oneForOne],
		['all-for-one', 'allForOne', allForOne],
		['rest-for-one', 'restForOne', restForOne],
	];
	for (const [kind, name, factory] of factories) {
		it(`made by ${name}() is ${kind} and has no limit of its own`, () => {
			expect(factory()).to.deep.equal({ kind });
		});

		it(`made by ${name}() takes a limit for all children together`, () => {
			const limited = { kind, maxRestarts: 3, within: 5_000 };
			expect(factory({ maxRestarts: 3, within: '5s' })).to.deep.equal(limited);
		});

		it(`made by ${name}() fills in the half of a limit that is missing`, () => {
			expect(factory({ maxRestarts: 3 })).to.deep.equal({ kind, maxRestarts: 3, within: 60_000 });
			expect(factory({ within: '5s' })).to.deep.equal({ kind, maxRestarts: 10, within: 5_000 });
		});

		it(`made by ${name}() refuses a limit that cannot be used, by name`, () => {
			expect(() => factory({ maxRestarts: -1 })).to.throw(BadOption, `option '${name}.maxRestarts' is `);
			expect(() => factory({ within: 0 })).to.throw(BadOption, `option '${name}.within' is `);
		});

		it(`made by ${name}() passes the check of a strategy unchanged`, () => {
			const strategy = factory({ maxRestarts: 2 });
			expect(checkStrategy(strategy, 'children')).to.deep.equal(strategy);
		});
	}

	const strangers: readonly (readonly [string, unknown])[] = [
		['nothing', undefined],
		['a name', 'one-for-one'],
		['an object of another kind', { kind: 'none-for-one' }],
		['a factory that was not called', oneForOne],
	];
	for (const [what, value] of strangers)
		it(`is not ${what}`, () => {
			expect(() => checkStrategy(value, 'Shop.children')).to.throw(BadOption, "option 'Shop.children' is ");
		});
});

describe('the options of a strategy', () => {
	for (const [option, make] of Object.entries({ oneForOne, allForOne, restForOne }))
		it(`are refused by their names when there are no such options, as ${option} has it`, () => {
			expect(() => make({ maxRestart: 3 } as never)).to.throw(BadOption, `option '${option}.maxRestart' is 3`);
		});
});
