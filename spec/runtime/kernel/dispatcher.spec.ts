import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem, bounded } from '../../../index.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { MESSAGES_PER_TICK, MILLISECONDS_PER_TICK, TURN } from '../../../runtime/core/config.ts';

/** Never runs out of messages, as it sends itself one for each it handles. */ import {
	Dispatcher,
	type Runnable,
} from '../../../runtime/kernel/dispatcher.ts';

class Restless extends Actor {
	static readonly kind = 'restless';
	#handled = 0;
	#still = false;

	go(): void {
		this.#handled++;
		if (!this.#still) (this.self as ActorRef<Restless>).tell.go();
	}

	async goAsync(): Promise<void> {
		this.#handled++;
		if (!this.#still) (this.self as ActorRef<Restless>).tell.goAsync();
	}

	rest(): number {
		this.#still = true;
		return this.#handled;
	}
}

/** Takes 5 ms for each message, and never runs out of them. */
class Slow extends Actor {
	static readonly kind = 'slow';
	static readonly clock = new VirtualClock();
	static handled = 0;

	go(other: ActorRef<Slow>): void {
		Slow.handled++;
		Slow.clock.jump(5);
		other.tell.go(this.self as ActorRef<Slow>);
	}
}

class Other extends Actor {
	static readonly kind = 'other';

	ping(): string {
		return 'pong';
	}
}

/** Whenever it waits for the event loop, its mailbox is full. */
class Crammed extends Actor {
	static readonly kind = 'crammed';
	static readonly mailbox = bounded({ capacity: 1 });

	async cram(): Promise<void> {
		(this.self as ActorRef<Crammed>).tell.cram();
		await aTick();
	}
}

/** Wants the latest only, and takes its time for it. */
class Latest extends Actor {
	static readonly kind = 'latest';
	static readonly mailbox = bounded({ capacity: 1, overflow: 'drop-oldest' });

	async take(_value: number): Promise<void> {
		await aTick();
	}
}

const aTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How often one who asks again and again is told `code` before the event loop has its turn; an end to it when it has none. */
async function failures(code: string, ask: () => Promise<unknown>): Promise<number> {
	let count = 0;
	let turn = false;
	void aTick().then(() => {
		turn = true;
	});
	for (; !turn && count < 4 * MESSAGES_PER_TICK; count++)
		expect(await ask().catch((error) => error.code)).to.equal(code);
	return count;
}

describe('the dispatcher', () => {
	for (const message of ['go', 'goAsync'] as const) {
		it(`lets the event loop and other actors have their turn beside one that never rests (${message})`, async () => {
			const system = await ActorSystem.start();
			const restless = await system.spawn(Restless);
			const other = await system.spawn(Other);
			restless.tell[message]();
			let ticks = 0;
			for (; ticks < 50; ticks++) await aTick();
			expect(await other.ask.ping()).to.equal('pong');
			const handled = await restless.ask.rest();
			expect(handled)
				.to.be.above(ticks * 100)
				.and.below(ticks * 20_000);
			await system.stop();
		});
	}

	it('lets the event loop have its turn within 10 ms and a message, however slow messages are', async () => {
		const { clock } = Slow;
		const system = await ActorSystem.start({ clock });
		const [one, two] = [await system.spawn(Slow), await system.spawn(Slow)];
		for (let index = 0; index < 100; index++) one.tell.go(two);
		const tick = async () => {
			const [time, handled] = [clock.now(), Slow.handled];
			await aTick();
			return { time: clock.now() - time, handled: Slow.handled - handled };
		};
		expect((await tick()).handled, 'before it is known that they are slow').to.be.at.most(2 * 4);
		let longest = { time: 0, handled: 0 };
		for (let count = 0; count < 100; count++) {
			const took = await tick();
			if (took.time > longest.time) longest = took;
		}
		expect(longest).to.deep.equal({ time: MILLISECONDS_PER_TICK + 5, handled: 3 });
		void system.stop();
	});

	it('lets the event loop have its turn in time where quick messages come between slow ones', async () => {
		const { clock } = Slow;
		const system = await ActorSystem.start({ clock });
		const [one, two] = [await system.spawn(Slow), await system.spawn(Slow)];
		const quick = await system.spawn(Restless);
		one.tell.go(two);
		quick.tell.go();
		let longest = 0;
		for (let tick = 0; tick < 200; tick++) {
			const time = clock.now();
			await aTick();
			longest = Math.max(longest, clock.now() - time);
		}
		// A slow message at a time, after as many quick ones as a turn has.
		expect(longest).to.be.at.most(MILLISECONDS_PER_TICK + TURN * 5);
		await quick.ask.rest();
		void system.stop();
	});

	for (const [where, options] of [
		['on a node alone', {}],
		['on a memory bus', { servers: 'memory://nobody' }],
	] as const) {
		it(`lets the event loop have its turn beside one who asks nobody, again and again, ${where}`, async () => {
			const system = await ActorSystem.start({ ...options, clock: new VirtualClock() });
			const nobody = system.ref(Other, 'nobody');
			for (let tick = 0; tick < 10; tick++) {
				expect(await failures('ERR_NO_SUCH_ACTOR', () => nobody.ask.ping()))
					.to.be.above(MESSAGES_PER_TICK / 2)
					.and.at.most(MESSAGES_PER_TICK + 1);
			}
			await system.stop();
		});
	}

	it('lets the event loop have its turn within 10 ms and a failure, however long those take', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock });
		const nobody = system.ref(Other, 'nobody');
		const ask = (): Promise<unknown> => {
			clock.jump(1);
			return nobody.ask.ping();
		};
		for (let tick = 0; tick < 10; tick++)
			expect(await failures('ERR_NO_SUCH_ACTOR', ask)).to.be.at.most(MILLISECONDS_PER_TICK + 2);
		await system.stop();
	});

	it('lets the event loop have its turn beside one who asks at a full mailbox, again and again', async () => {
		const system = await ActorSystem.start({ stopGrace: 50 });
		const crammed = await system.spawn(Crammed);
		crammed.tell.cram();
		await aTick();
		for (let tick = 0; tick < 10; tick++)
			expect(await failures('ERR_MAILBOX_FULL', () => crammed.ask.cram())).to.be.at.most(MESSAGES_PER_TICK + 1);
		await system.stop();
	});

	it('lets the event loop have its turn beside one whose sends put out others, again and again', async () => {
		const system = await ActorSystem.start();
		const latest = await system.spawn(Latest);
		let turns = 0;
		const count = (): void => {
			if (++turns < 5) setImmediate(count);
		};
		setImmediate(count);
		for (let value = 0; value < 10 * MESSAGES_PER_TICK && turns < 5; value++) await latest.send.take(value);
		expect(turns).to.equal(5);
		await system.stop();
	});

	for (const [what, loop] of [
		['stops nobody', (system) => system.ref('nobody').stop()],
		['spawns and stops', async (system) => (await system.spawn(Other)).stop()],
		['looks for nobody', (system) => system.whereis('nobody')],
		['lists the actors', (system) => system.actors()],
	] as const satisfies readonly (readonly [string, (system: ActorSystem) => Promise<unknown>])[]) {
		it(`lets the event loop have its turn beside one who ${what}, again and again`, async () => {
			const system = await ActorSystem.start({ clock: new VirtualClock() });
			for (let tick = 0; tick < 5; tick++) {
				let turn = false;
				void aTick().then(() => {
					turn = true;
				});
				let count = 0;
				for (; !turn && count < 4 * MESSAGES_PER_TICK; count++) await loop(system);
				expect(count).to.be.at.most(MESSAGES_PER_TICK + 1);
			}
			await system.stop();
		});
	}

	it('keeps its word to those whose messages are put out before the event loop had its turn', async () => {
		const system = await ActorSystem.start();
		const latest = await system.spawn(Latest);
		const sends = Array.from({ length: 3 * MESSAGES_PER_TICK }, (_, value) => latest.send.take(value));
		expect(new Set(await Promise.all(sends))).to.deep.equal(new Set([undefined]));
		await system.stop();
	});

	for (const [when, refill] of [
		['goes on at once with what the event loop has just read', true],
		['lets the event loop read first when it has done enough', false],
	] as const) {
		it(when, async () => {
			const dispatcher = new Dispatcher(new VirtualClock(), () => {});
			let done = 0;
			const cell: Runnable = {
				run: (turn) => {
					done += turn;
					if (refill) dispatcher.refill();
					if (done < 3 * MESSAGES_PER_TICK) dispatcher.schedule(cell);
					return turn;
				},
			};
			dispatcher.schedule(cell);
			await Promise.resolve();
			await Promise.resolve();
			if (refill) expect(done).to.be.at.least(3 * MESSAGES_PER_TICK);
			else expect(done).to.be.within(MESSAGES_PER_TICK / 2, MESSAGES_PER_TICK + TURN);
		});
	}

	it('answers beside three ticks of messages of another within one of them', async () => {
		const system = await ActorSystem.start();
		const busy = await system.spawn(Restless);
		const other = await system.spawn(Other);
		await busy.ask.rest();
		for (let index = 0; index < 3 * MESSAGES_PER_TICK; index++) busy.tell.go();
		await other.ask.ping();
		expect(system.stats().pending).to.be.above(MESSAGES_PER_TICK);
		await system.stop();
	});
});

/** Each of its messages takes a second. */
class Ponderous extends Actor<{ clock: VirtualClock }> {
	static readonly kind = 'ponderous';

	work(): void {
		this.args.clock.jump(1_000);
	}
}

describe('messages that nobody knew to be slow', () => {
	it('keep the event loop waiting for a handful of them, and then for one at a time', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock });
		const actors = await Promise.all([1, 2].map(() => system.spawn(Ponderous, { args: { clock } })));
		for (let round = 0; round < 2; round++) {
			for (let n = 0; n < 10; n++) for (const actor of actors) actor.tell.work();
			const before = system.stats().handled;
			const seen: number[] = [];
			while (system.stats().pending > 0) {
				await new Promise(setImmediate);
				seen.push(system.stats().handled - before);
				await clock.advance(100);
			}
			const [first = 0, ...steps] = seen.map((now, at) => now - (seen[at - 1] ?? 0));
			expect(first).to.be.at.most(2 * 4);
			expect(Math.max(...steps)).to.be.at.most(2);
			expect(system.stats().handled - before).to.equal(20);
			await clock.advance(60_000);
		}
		await system.stop();
	});
});
