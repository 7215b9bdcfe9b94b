import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { NEVER, type Timed, TimingWheel } from '../../../runtime/kernel/wheel.ts';
import { VirtualClock } from '../../../testkit.ts';

class Deadline implements Timed {
	due = NEVER;
	previous: Timed | undefined;
	next: Timed | undefined;
	readonly #expired: () => void;

	constructor(expired: () => void) {
		this.#expired = expired;
	}

	expired(): void {
		this.#expired();
	}
}

describe('the timing wheel', () => {
	it('lets each deadline expire when it is due, after a millisecond at the least, unless it was removed', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.tuple(fc.nat(5_000), fc.boolean()), { maxLength: 40 }), async (deadlines) => {
				const clock = new VirtualClock();
				const wheel = new TimingWheel(clock);
				const seen = new Map<number, number>();
				for (const [index, [delay, removed]] of deadlines.entries()) {
					const deadline = new Deadline(() => seen.set(index, clock.now()));
					wheel.add(deadline, delay);
					if (removed) wheel.remove(deadline);
				}
				await clock.advance(6_100);
				for (const [index, [delay, removed]] of deadlines.entries())
					expect(seen.get(index)).to.equal(removed ? undefined : Math.max(1, delay));
				expect(wheel.length).to.equal(0);
				expect(clock.pending).to.equal(0);
			}),
			{ numRuns: 30 },
		);
	});

	it('needs one timer for a thousand deadlines', async () => {
		const clock = new VirtualClock();
		const wheel = new TimingWheel(clock);
		for (let index = 0; index < 1_000; index++) wheel.add(new Deadline(() => {}), 5_000 + index);
		await clock.advance(0);
		expect(clock.pending).to.equal(1);
	});

	it('catches up when the process was paused for longer than a round', async () => {
		const clock = new VirtualClock();
		const wheel = new TimingWheel(clock);
		let expired = 0;
		for (let delay = 10; delay < 3_000; delay += 10) wheel.add(new Deadline(() => expired++), delay);
		await clock.advance(0);
		clock.jump(10_000);
		await clock.advance(1);
		expect(expired).to.equal(299);
	});

	it('may be given new deadlines by one that expires', async () => {
		const clock = new VirtualClock();
		const wheel = new TimingWheel(clock);
		const times: number[] = [];
		const again: Deadline = new Deadline(() => {
			times.push(clock.now());
			if (times.length < 3) wheel.add(again, 700);
		});
		wheel.add(again, 700);
		await clock.advance(3_000);
		expect(times).to.deep.equal([700, 1_400, 2_100]);
	});
});
