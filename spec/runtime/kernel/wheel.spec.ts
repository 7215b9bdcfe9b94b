import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem, bounded } from '../../../index.ts';
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

class Full extends Actor {
	static readonly kind = 'full';
	static readonly mailbox = bounded({ capacity: 1 });

	hang(): Promise<void> {
		return new Promise(() => {});
	}
}

/** Sends in vain, after an await: its deadline is what makes the wheel set its timer. */
class Waiting extends Actor {
	static readonly kind = 'waiting';

	async send(full: ActorRef<Full>): Promise<void> {
		await new Promise(setImmediate);
		full
			.with({ timeout: 20 })
			.send.hang()
			.catch(() => {});
	}
}

class Listener extends Actor<{ heard: (sender: string | undefined) => void }> {
	static readonly kind = 'listener';

	hear(): void {
		this.args.heard(this.sender?.id);
	}
}

describe('the timing wheel', () => {
	it('makes nobody the sender of what is told while others expire', async () => {
		const system = await ActorSystem.start({ stopGrace: 1 });
		const senders: (string | undefined)[] = [];
		const full = await system.spawn(Full);
		const waiting = await system.spawn(Waiting);
		await new Promise<void>((resolve) => {
			const heard = (sender: string | undefined): void => {
				if (senders.push(sender) === 2) resolve();
			};
			void (async () => {
				const listener = await system.spawn(Listener, { args: { heard } });
				system.events.on('deadLetter', () => listener.tell.hear());
				full.tell.hang();
				await new Promise(setImmediate);
				full.tell.hang();
				await waiting.ask.send(full);
				full
					.with({ timeout: 25 })
					.send.hang()
					.catch(() => {});
			})();
		});
		expect(senders).to.deep.equal([undefined, undefined]);
		await system.stop();
	});

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

	for (const [where, call] of Object.entries({
		'a promise': queueMicrotask,
		'a timer': (run: () => void) => setTimeout(run, 0),
		'an immediate': setImmediate,
		'a tick': process.nextTick,
	})) {
		it(`counts from when the promises of the turn have been seen to, in ${where}, too`, async () => {
			const clock = new VirtualClock();
			const wheel = new TimingWheel(clock);
			let expired = false;
			const deadline = new Deadline(() => {
				expired = true;
			});
			await new Promise<void>((resolve) => {
				call(() => {
					wheel.add(deadline, 40);
					queueMicrotask(() => {
						clock.jump(60);
						resolve();
					});
				});
			});
			await clock.advance(39);
			expect(expired).to.equal(false);
			await clock.advance(1);
			expect(expired).to.equal(true);
		});
	}

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
