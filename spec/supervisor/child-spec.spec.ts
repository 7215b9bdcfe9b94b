import { expect } from 'chai';
import { describe, it } from 'mocha';
import { BadOption } from '../../supervisor/bad-option.ts';
import {
	type ChildSpec,
	checkRestartType,
	comesBack,
	type ExitReason,
	type RestartType,
	restartsWithSiblings,
	SPAWN_RESTART_TYPE,
	SPEC_RESTART_TYPE,
} from '../../supervisor/child-spec.ts';

function cell(type: RestartType, exit: ExitReason, back: boolean): void {
	it(`${back ? 'comes back' : 'stays away'} after exit reason ${exit}`, () => {
		expect(comesBack(type, exit)).to.equal(back);
	});
}

describe('a permanent child', () => {
	cell('permanent', 'normal', true);
	cell('permanent', 'crash', true);
	cell('permanent', 'shutdown', false);

	it('is started again with the sibling that failed', () => {
		expect(restartsWithSiblings('permanent')).to.equal(true);
	});
});

describe('a transient child', () => {
	cell('transient', 'normal', false);
	cell('transient', 'crash', true);
	cell('transient', 'shutdown', false);

	it('is started again with the sibling that failed', () => {
		expect(restartsWithSiblings('transient')).to.equal(true);
	});
});

describe('a temporary child', () => {
	cell('temporary', 'normal', false);
	cell('temporary', 'crash', false);
	cell('temporary', 'shutdown', false);

	it('is stopped with the sibling that failed and not started again', () => {
		expect(restartsWithSiblings('temporary')).to.equal(false);
	});
});

describe('a child spec', () => {
	it('needs no more than the actor', () => {
		class Counter {}
		const spec: ChildSpec<typeof Counter> = { actor: Counter };
		expect(spec).to.deep.equal({ actor: Counter });
	});

	it('is permanent in a tree and transient in a plain spawn, when it does not say', () => {
		expect([SPEC_RESTART_TYPE, SPAWN_RESTART_TYPE]).to.deep.equal(['permanent', 'transient']);
	});

	for (const type of ['permanent', 'transient', 'temporary'])
		it(`may be ${type}`, () => {
			expect(checkRestartType(type, 'restart')).to.equal(type);
		});

	for (const value of ['always', 'toString', '', undefined, null, ['permanent']])
		it(`may not be ${JSON.stringify(value)}`, () => {
			expect(() => checkRestartType(value, 'children[0].restart')).to.throw(
				BadOption,
				"option 'children[0].restart' is ",
			);
		});
});
