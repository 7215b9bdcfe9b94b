// #region testing
import assert from 'node:assert';
import { Actor, ActorSystem, type AnyRef, type Termination } from '../../index.ts';
import { memoryBus, VirtualClock } from '../../testkit.ts';

class Cache extends Actor {
	static readonly kind = 'cache';
	readonly #entries = new Map<string, unknown>();

	put(key: string, value: unknown) {
		this.#entries.set(key, value);
		this.timers.once('1h', () => this.#entries.delete(key), key);
	}

	size() {
		return this.#entries.size;
	}
}

class Watchman extends Actor {
	static readonly kind = 'watchman';

	guard(id: string) {
		this.watch(this.system.ref(Cache, id));
	}

	protected override onTerminated({ id }: AnyRef, why: Termination) {
		console.log(`${id}: ${why.reason}`);
	}
}

// Time stands still until it is told to pass, for timers, timeouts, backoff, leases and heartbeats alike.
const clock = new VirtualClock();
const bus = memoryBus('test');
const options = { name: 'test', servers: 'memory://test', clock, checks: 'strict' } as const;
/** Runs `work` while time passes. */
async function during<T>(work: Promise<T>): Promise<T> {
	let done = false;
	void work.finally(() => (done = true)).catch(() => {});
	while (!done) await clock.advance(10);
	return work;
}

const a = await during(ActorSystem.start(options));
const b = await during(ActorSystem.start(options));
const cache = await during(b.spawn(Cache, { id: 'cache' }));
await during(cache.send.put('key', 1));
await clock.advance(59 * 60_000);
assert.equal(await during(cache.ask.size()), 1);
await clock.advance(60_000);
assert.equal(await during(cache.ask.size()), 0);
console.log('an hour has passed');

const watchman = await during(a.spawn(Watchman));
await during(watchman.ask.guard('cache'));
bus.client(`troupe test ${b.node.id}`)?.disconnect(); // as if it had been killed
await clock.advance(5_000);
console.log(a.nodes().length);

assert.throws(() => cache.tell.put('callback', () => {}), { code: 'ERR_NOT_ENCODABLE' }); // strict, though it is local
bus.client(`troupe test ${b.node.id}`)?.reconnect();
await during(Promise.all([a.stop(), b.stop()]));
await bus.close();
// #endregion

/* prints
an hour has passed
cache: node-down
1
*/
