import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { RestartType } from '../../supervisor/child-spec.ts';
import { type Crash, judge } from '../../supervisor/decide.ts';
import { escalate, restart, resume, stop } from '../../supervisor/directive.ts';
import { Intensity } from '../../supervisor/intensity.ts';

const MIDDLE = 0.5;

function crash(overrides: Partial<Crash> = {}): Crash {
	return { directive: restart(), type: 'transient', restarts: new Intensity(), now: 0, random: MIDDLE, ...overrides };
}

/** When and how a crash loop ends, in which each new instance crashes as soon as it is started; `chances` bound it. */
function crashLoop(directive: Crash['directive'], chances: readonly number[]) {
	const restarts = new Intensity();
	let now = 0;
	for (const [count, random] of chances.entries()) {
		const verdict = judge(crash({ directive, restarts, now, random }));
		if (verdict.action !== 'restart') return { now, count, verdict };
		now += verdict.delay;
	}
	throw new Error(`still restarting after ${chances.length} crashes`);
}

for (const type of ['permanent', 'transient', 'temporary'] as const satisfies readonly RestartType[])
	describe(`the verdict on a ${type} actor that crashed`, () => {
		it('is to resume when the directive is resume', () => {
			expect(judge(crash({ type, directive: resume() }))).to.deep.equal({ action: 'resume' });
		});

		it('is to stop when the directive is stop', () => {
			expect(judge(crash({ type, directive: stop() }))).to.deep.equal({ action: 'stop' });
		});

		it('is to escalate because of the directive when the directive is escalate', () => {
			const verdict = { action: 'escalate', because: 'directive' };
			expect(judge(crash({ type, directive: escalate() }))).to.deep.equal(verdict);
		});

		it('records no restart unless there is one', () => {
			const restarts = new Intensity();
			for (const directive of [resume(), stop(), escalate()]) judge(crash({ type, directive, restarts }));
			expect(restarts.recent(0)).to.equal(0);
		});
	});

describe('the verdict of a restart directive', () => {
	for (const type of ['permanent', 'transient'] as const)
		it(`is to restart a ${type} actor after the first delay`, () => {
			expect(judge(crash({ type }))).to.deep.equal({ action: 'restart', delay: 100, retry: false });
		});

	it('is to stop a temporary actor, which never comes back, and to record nothing', () => {
		const restarts = new Intensity();
		expect(judge(crash({ type: 'temporary', restarts }))).to.deep.equal({ action: 'stop' });
		expect(restarts.recent(0)).to.equal(0);
	});

	it('lets the delay grow with the restarts in the window', () => {
		const restarts = new Intensity();
		const delays = [0, 1_000, 2_000].map((now) => judge(crash({ restarts, now })));
		expect(delays.map((verdict) => verdict.action === 'restart' && verdict.delay)).to.deep.equal([100, 200, 400]);
	});

	it('begins with the shortest delay again after a window without a crash', () => {
		const restarts = new Intensity();
		for (const now of [0, 1_000, 2_000]) judge(crash({ restarts, now }));
		expect(judge(crash({ restarts, now: 62_001 }))).to.include({ action: 'restart', delay: 100 });
	});

	it('spreads the delay by the random number', () => {
		expect(judge(crash({ random: 0 })))
			.to.have.property('delay')
			.that.is.closeTo(80, 1e-9);
	});

	it('is to escalate because of the intensity when there were too many', () => {
		const restarts = new Intensity();
		const directive = restart({ maxRestarts: 2, within: '1s' });
		const verdicts = [0, 1, 2].map((now) => judge(crash({ directive, restarts, now })));
		expect(verdicts.map(({ action }) => action)).to.deep.equal(['restart', 'restart', 'escalate']);
		expect(verdicts[2]).to.deep.equal({ action: 'escalate', because: 'intensity' });
	});

	it('is to escalate at once when the limit is no restart at all', () => {
		const directive = restart({ maxRestarts: 0 });
		expect(judge(crash({ directive }))).to.deep.equal({ action: 'escalate', because: 'intensity' });
	});

	it('goes by the limit of the directive at hand, whatever the earlier crashes were judged by', () => {
		const restarts = new Intensity();
		for (const now of [0, 1, 2]) judge(crash({ restarts, now }));
		const strict = judge(crash({ directive: restart({ maxRestarts: 3 }), restarts, now: 3 }));
		expect(strict).to.deep.equal({ action: 'escalate', because: 'intensity' });
	});
});

describe('the message that crashed the actor', () => {
	const retryOf = (retries: number, retried?: number) => {
		const verdict = judge(crash({ directive: restart({ retries }), ...(retried === undefined ? {} : { retried }) }));
		return verdict.action === 'restart' && verdict.retry;
	};

	it('is dropped by default', () => {
		expect(retryOf(0)).to.equal(false);
	});

	it('is tried again as often as the directive says, then dropped', () => {
		expect([undefined, 0, 1, 2].map((retried) => retryOf(2, retried))).to.deep.equal([true, true, true, false]);
	});
});

describe('an actor that crashes whenever it is started', () => {
	it('is given up within a minute by the defaults, after ten restarts, whatever the jitter', () => {
		const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
		fc.assert(
			fc.property(fc.array(anyRandom, { minLength: 20, maxLength: 20 }), (chances) => {
				const end = crashLoop(restart(), chances);
				expect(end.verdict).to.deep.equal({ action: 'escalate', because: 'intensity' });
				expect(end.count).to.equal(10);
				expect(end.now).to.be.within(30_000, 60_000);
			}),
		);
	});
});
