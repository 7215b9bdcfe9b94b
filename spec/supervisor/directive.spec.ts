import { expect } from 'chai';
import { describe, it } from 'mocha';
import { BadOption } from '../../supervisor/bad-option.ts';
import {
	checkSupervision,
	type Directive,
	decide,
	escalate,
	type RestartOptions,
	restart,
	resume,
	type Supervision,
	stop,
} from '../../supervisor/directive.ts';

const BOOM = new Error('boom');

describe('a restart directive', () => {
	it('carries the documented defaults', () => {
		expect(restart()).to.deep.equal({
			kind: 'restart',
			maxRestarts: 10,
			within: 60_000,
			backoff: { initial: 100, factor: 2, max: 10_000, jitter: 0.2 },
			retries: 0,
		});
	});

	it('takes what the user gives and keeps the defaults of the rest', () => {
		const options: RestartOptions = { maxRestarts: 3, within: '1m', backoff: { initial: '1s' }, retries: 2 };
		expect(restart(options)).to.deep.equal({
			kind: 'restart',
			maxRestarts: 3,
			within: 60_000,
			backoff: { initial: 1_000, factor: 2, max: 10_000, jitter: 0.2 },
			retries: 2,
		});
	});

	it('can be derived from another one', () => {
		const base = restart({ maxRestarts: 3, backoff: { jitter: 0 } });
		expect(restart({ ...base, retries: 1 })).to.deep.equal({ ...base, retries: 1 });
	});

	it('cannot be changed after it was made', () => {
		const directive = restart();
		expect(directive).to.satisfy(Object.isFrozen);
		expect(directive.backoff).to.satisfy(Object.isFrozen);
	});

	const refused: readonly (readonly [string, object])[] = [
		['restart.maxRestarts', { maxRestarts: -1 }],
		['restart.within', { within: 'soon' }],
		['restart.retries', { retries: 0.5 }],
		['restart.backoff', { backoff: '1s' }],
		['restart.backoff.initial', { backoff: { initial: -1 } }],
		['restart.backoff.jitter', { backoff: { jitter: 2 } }],
		['restart.maxRestart', { maxRestart: 3 }],
		['restart.backoff.initially', { backoff: { initially: '1s' } }],
	];
	for (const [option, options] of refused)
		it(`names '${option}' when it is wrong`, () => {
			expect(() => restart(options as RestartOptions)).to.throw(BadOption, `option '${option}' is `);
		});

	it('refuses something other than options', () => {
		expect(() => restart('10 times' as RestartOptions)).to.throw(BadOption, "option 'restart' is ");
	});
});

describe('the decision of a supervision', () => {
	for (const directive of [restart(), resume(), stop(), escalate()])
		it(`is ${directive.kind} for every error when that is what it says`, () => {
			expect(decide(directive, BOOM)).to.deep.equal(directive);
		});

	it('does not mind what another version of the package has put beside what it knows', () => {
		const directive = { ...restart({ retries: 2 }), mood: 'new' } as Directive;
		expect(decide(directive, BOOM)).to.deep.equal(restart({ retries: 2 }));
	});

	it('is what its function picks for the error', () => {
		const supervision: Supervision = (error) => (error === BOOM ? resume() : stop());
		expect(decide(supervision, BOOM).kind).to.equal('resume');
		expect(decide(supervision, 'another').kind).to.equal('stop');
	});

	it('is escalate, with the fault, when its function throws', () => {
		const fault = new Error('bug in the supervision');
		const supervision: Supervision = () => {
			throw fault;
		};
		expect(decide(supervision, BOOM)).to.deep.equal({ kind: 'escalate', fault });
	});

	const strangers: readonly (readonly [string, unknown])[] = [
		['nothing', undefined],
		['null', null],
		['a string', 'restart'],
		['an object of another kind', { kind: 'reboot' }],
		['a restart with options that cannot be used', { kind: 'restart', maxRestarts: -1 }],
		['a factory it forgot to call', restart],
	];
	for (const [what, answer] of strangers)
		it(`is escalate, with the fault, when its function returns ${what}`, () => {
			const directive = decide(() => answer as Directive, BOOM);
			expect(directive.kind).to.equal('escalate');
			expect(directive).to.have.property('fault').that.is.instanceOf(BadOption);
		});

	it('is escalate when its function is async, and the rejection of that stays inside', async () => {
		const unhandled: unknown[] = [];
		const note = (reason: unknown) => unhandled.push(reason);
		process.on('unhandledRejection', note);
		try {
			const supervision = async () => {
				throw new Error('nobody handles this');
			};
			expect(decide(supervision as unknown as Supervision, BOOM).kind).to.equal('escalate');
			await new Promise<void>((resolve) => setImmediate(resolve));
			expect(unhandled).to.deep.equal([]);
		} finally {
			process.off('unhandledRejection', note);
		}
	});

	it('accepts a directive by its shape, as a second copy of the package makes them', () => {
		expect(decide({ ...stop() }, BOOM)).to.deep.equal({ kind: 'stop' });
		expect(decide({ kind: 'restart' } as Directive, BOOM)).to.deep.equal(restart());
	});
});

describe('the check of a supervision', () => {
	it('lets directives and functions pass', () => {
		const supervision: Supervision = () => stop();
		expect(checkSupervision(supervision, 'supervision')).to.equal(supervision);
		expect(checkSupervision(resume(), 'supervision')).to.equal(resume());
	});

	it('refuses anything else, by the name of the option', () => {
		expect(() => checkSupervision('restart', 'Counter.supervision')).to.throw(
			BadOption,
			/^option 'Counter\.supervision' is "restart": expected restart\(\)/,
		);
	});
});
