import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem, priority, restart, type TroupeError } from '../../../index.ts';
import { VirtualClock } from '../../../testkit.ts';

const trap = (): never => {
	throw new Error('a trap');
};

const POISONS: Readonly<Record<string, () => unknown>> = {
	'an object without a prototype': () => Object.create(null),
	'an object whose toString is a number': () => ({ toString: 1, valueOf: 1 }),
	'an error whose message is an object': () => Object.assign(new Error('x'), { message: { toString: 1 } }),
	'an error whose message is a trap': () => Object.defineProperty(new Error('x'), 'message', { get: trap }),
	'a proxy whose traps throw': () => new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap }),
	'a revoked proxy': () => {
		const { proxy, revoke } = Proxy.revocable({}, {});
		revoke();
		return proxy;
	},
	nothing: () => undefined,
};

const ODD = {
	throws: trap,
	'answers twice': (resolve: (value: string) => void) => {
		resolve('one');
		resolve('two');
	},
	'answers at once': (resolve: (value: string) => void) => resolve('at once'),
	'answers, and then throws': (resolve: (value: string) => void) => {
		resolve('but');
		trap();
	},
} as const;

class Poisoned extends Actor<{ poison?: string; at?: string }> {
	static readonly kind = 'poisoned';
	static readonly supervision = restart({ maxRestarts: 100, backoff: { initial: 1, max: 1, jitter: 0 } });

	protected override onStart(): void {
		if (this.args.at === 'onStart') throw POISONS[this.args.poison as string]?.();
	}

	throws(name: string): never {
		throw POISONS[name]?.();
	}

	async rejects(name: string): Promise<never> {
		throw POISONS[name]?.();
	}

	thenThrows(): unknown {
		return Object.defineProperty({}, 'then', { value: trap });
	}

	thenTraps(): unknown {
		return Object.defineProperty({}, 'then', { get: trap });
	}

	/** A promise, with a `then` that is not every promise's. */
	oddPromise(how: keyof typeof ODD): unknown {
		class Odd extends Promise<string> {}
		Object.defineProperty(Odd.prototype, 'then', { value: ODD[how] });
		return Odd.resolve('the answer');
	}

	/** A function that is a promise to whoever awaits it, and never settles. */
	thenFunction(): unknown {
		return Object.defineProperty(() => {}, 'then', { value: () => {} });
	}

	fine(): string {
		return 'fine';
	}
}

class Hurried extends Actor {
	static readonly kind = 'hurried';
	static readonly mailbox = priority(trap);

	fine(): string {
		return 'fine';
	}
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const hostile = { debug: trap, info: trap, warn: trap, error: trap };

async function codeOf(work: Promise<unknown>): Promise<string> {
	return work.then(
		() => 'none',
		(error: TroupeError) => error.code,
	);
}

class Unhurried extends Actor {
	static readonly kind = 'unhurried';

	now() {
		return 'now';
	}

	async later() {
		for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
		return 'later';
	}
}

describe('poison', () => {
	for (const [name, log] of [
		['a quiet log', quiet],
		['a log that throws', hostile],
	] as const) {
		it(`is contained whatever is thrown, with ${name}: the asker hears of the crash, siblings and books go on`, async () => {
			const system = await ActorSystem.start({ log });
			const actor = await system.spawn(Poisoned);
			const sibling = await system.spawn(Poisoned);
			const poisons = Object.keys(POISONS);
			for (const poison of poisons) {
				expect(await codeOf(actor.ask.throws(poison)), poison).to.equal('ERR_ACTOR_CRASHED');
				expect(await codeOf(actor.ask.rejects(poison)), poison).to.equal('ERR_ACTOR_CRASHED');
				expect(await codeOf(system.spawn(Poisoned, { args: { poison, at: 'onStart' } })), poison).to.equal(
					'ERR_START_FAILED',
				);
			}
			expect(await codeOf(actor.ask.thenThrows())).to.equal('ERR_ACTOR_CRASHED');
			expect(await codeOf(actor.ask.thenTraps())).to.equal('ERR_ACTOR_CRASHED');
			expect(await Promise.all([actor.ask.fine(), sibling.ask.fine()])).to.deep.equal(['fine', 'fine']);
			const crashed = poisons.length * 2 + 2;
			expect(system.stats()).to.deep.equal({ sent: crashed + 2, handled: 2, deadLetters: { crashed }, pending: 0 });
			await system.stop();
		});
	}

	it('in the then of a promise answers once, or is a crash', async () => {
		const system = await ActorSystem.start({ log: quiet });
		const actor = await system.spawn(Poisoned);
		const answers = Object.keys(ODD).map(async (how) => {
			const answer = actor.with({ timeout: 1_000 }).ask.oddPromise(how as keyof typeof ODD);
			return answer.catch(({ code }: TroupeError) => code);
		});
		expect(await Promise.all(answers)).to.deep.equal(['ERR_ACTOR_CRASHED', 'one', 'at once', 'but']);
		expect(await actor.ask.fine()).to.equal('fine');
		await system.stop();
	});

	it('in the urgency of a message makes it urgent by 0, and does not reach its sender', async () => {
		const system = await ActorSystem.start();
		const hurried = await system.spawn(Hurried);
		hurried.tell.fine();
		expect(await hurried.ask.fine()).to.equal('fine');
		await system.stop();
	});
});

/** One of whose messages stops it before it can enter. */
class Fickle extends Actor {
	static readonly kind = 'fickle';
	static ref: ActorRef<Fickle>;
	static readonly mailbox = priority(({ args }) => {
		if (args[0]) void Fickle.ref.stop();
		return 1;
	});

	take(_stop: boolean): string {
		return 'taken';
	}
}

describe('an urgency that stops its actor', () => {
	for (const way of ['ask', 'send'] as const) {
		it(`makes the message a dead letter, and fails its ${way}`, async () => {
			const system = await ActorSystem.start();
			Fickle.ref = await system.spawn(Fickle);
			expect(await Fickle.ref.ask.take(false)).to.equal('taken');
			expect(await Fickle.ref[way].take(true).catch((error: TroupeError) => error.code)).to.equal('ERR_STOPPED');
			await system.stop();
			const { sent, handled, deadLetters, pending } = system.stats();
			expect({ handled, deadLetters, pending }).to.deep.equal({ handled: 1, deadLetters: { stopped: 1 }, pending: 0 });
			expect(sent).to.equal(2);
		});
	}
});

describe('an answer that never comes', () => {
	it('fails the ask after its timeout, even if the handler returned a function that looks like a promise', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock, log: quiet, stopGrace: 10 });
		const actor = await system.spawn(Poisoned);
		const code = codeOf(actor.with({ timeout: 100 }).ask.thenFunction());
		await clock.advance(200);
		expect(await Promise.race([code, new Promise((resolve) => setImmediate(resolve, 'none yet'))])).to.equal(
			'ERR_ASK_TIMEOUT',
		);
		const stopped = system.stop();
		await clock.advance(20);
		await stopped;
	});
});

describe('calls that share a signal', () => {
	it('may be many at a time, and Node warns of no leak', async () => {
		const system = await ActorSystem.start();
		const actor = await system.spawn(Unhurried);
		const warnings: unknown[] = [];
		const warned = (warning: unknown): unknown => warnings.push(warning);
		process.on('warning', warned);
		const { signal } = new AbortController();
		await Promise.all(Array.from({ length: 100 }, () => actor.with({ signal }).ask.later()));
		process.off('warning', warned);
		expect(warnings).to.deep.equal([]);
		await system.stop();
	});
});

describe('a call that is over', () => {
	it('keeps the process alive for a second at most, however long its timeout was', async () => {
		const clock = new VirtualClock();
		const system = await ActorSystem.start({ clock });
		const actor = (await system.spawn(Unhurried)).with({ timeout: '30d' });
		expect(await actor.ask.now()).to.equal('now');
		await clock.advance(0);
		expect(clock.pending).to.equal(0);
		expect(await actor.ask.later()).to.equal('later');
		expect(clock.pending).to.equal(1);
		await clock.advance(1_100);
		expect(clock.pending).to.equal(0);
	});
});
