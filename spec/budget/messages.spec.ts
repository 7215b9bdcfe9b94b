import { createHook } from 'node:async_hooks';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../index.ts';
import { systemClock } from '../../runtime/core/clock.ts';

class Echo extends Actor {
	static readonly kind = 'echo';

	answer(value: number) {
		return value;
	}
}

/** Counts what the engine says it makes, of one type, while `run` is on the stack. */
function made(type: string, run: () => void): number {
	let count = 0;
	const hook = createHook({
		init: (_id, what) => {
			if (what === type) count++;
		},
	}).enable();
	run();
	hook.disable();
	return count;
}

describe('the budget of a message within a node', () => {
	let allocated: { readonly tell: number; readonly ask: number };

	before(async function () {
		this.timeout(60_000);
		const child = fork(new URL('./allocation.js', import.meta.url));
		[allocated] = (await once(child, 'message')) as [typeof allocated];
		child.kill();
	});

	it('allocates nothing for a tell, and for a thousand what the system shares among them', () => {
		expect(allocated.tell * 1_000).to.be.below(4_000);
	});

	it('allocates a promise, its two ends and what waits for them for an ask, 900 bytes with the await', () => {
		expect(allocated.ask).to.be.below(900);
	});

	it('makes one promise for an ask, and no timer', async () => {
		let timers = 0;
		const clock = {
			...systemClock,
			after: (...given: Parameters<typeof systemClock.after>) => {
				timers++;
				return systemClock.after(...given);
			},
		};
		const system = await ActorSystem.start({ clock });
		const echo = await system.spawn(Echo);
		const replies: Promise<number>[] = [];
		const ask = () => {
			for (let i = 0; i < 1_000; i++) replies.push(echo.ask.answer(i));
		};
		expect(made('PROMISE', ask), 'with two for the turn').to.be.within(1_000, 1_002);
		expect(made('Timeout', ask)).to.equal(0);
		await Promise.all(replies);
		expect(timers).to.equal(0);
		await system.stop();
	});
});
