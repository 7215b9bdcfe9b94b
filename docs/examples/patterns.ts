// #region patterns
import { Actor, ActorSystem, pipeline } from '../../index.ts';

class Shop extends Actor {
	static readonly kind = 'shop-of-patterns';
	price(item: string) {
		return item.length;
	}
}

const system = await ActorSystem.start();

// request/reply
const shop = await system.spawn(Shop);
console.log(await shop.ask.price('tea'));

// push/pull, a work queue: each value goes to one of those who take
const jobs = await system.channel<number>('jobs', { capacity: 10 });
const done: number[] = [];
const workers = [1, 2].map(async () => {
	for await (const job of jobs) done.push(job * job);
});
for (const job of [1, 2, 3]) await jobs.send(job);
await jobs.close();
await Promise.all(workers);
console.log(done.sort());

// publish/subscribe: each value goes to all
const news = system.topic<string>('news');
const heard = [news.subscribe(), news.subscribe()];
await Promise.all(heard.map(({ ready }) => ready));
news.publish('rain');
console.log(await Promise.all(heard.map(async (one) => (await one[Symbol.asyncIterator]().next()).value)));

// scatter-gather: ask all, take what is wanted
const shops = system.group(Shop, 'shops');
for (let n = 0; n < 3; n++) await shops.join(await system.spawn(Shop));
console.log(await shops.scatter({ gather: 'quorum' }).price('milk'));

// fan-out/fan-in: parts of the work side by side, the results in order
const sum = await new Promise<number>((resolve) => {
	void pipeline('fan')
		.from([1, 2, 3, 4])
		.map(async (n) => n * 10, { workers: 4 })
		.window({ count: 4 })
		.to((all) => resolve(all.reduce((one, other) => one + other)))
		.run(system);
});
console.log(sum);

// retry without a saga: what fails is tried again, and said to be lost only then
let attempts = 0;
const flaky = () => {
	if (++attempts < 3) throw new Error('busy');
	return 'stored';
};
await pipeline('retry')
	.from(['order'])
	.map(flaky, { retry: { attempts: 5, backoff: { initial: '1ms' } } })
	.to((outcome) => console.log(outcome, attempts))
	.run(system);

// circuit breaker: an actor that stops asking for a while who has failed too often
class Breaker extends Actor<{ call: () => Promise<string> }> {
	static readonly kind = 'breaker';
	#failures = 0;
	async call() {
		try {
			return await this.args.call();
		} catch {
			if (++this.#failures === 2) {
				this.become({ call: () => 'open' });
				this.timers.once('50ms', () => this.become());
			}
			return 'failed';
		}
	}
}
const breaker = await system.spawn(Breaker, { args: { call: () => Promise.reject(new Error('down')) } });
console.log(await breaker.ask.call(), await breaker.ask.call(), await breaker.ask.call());
await system.stop();
// #endregion

/* prints
3
[ 1, 4, 9 ]
[ 'rain', 'rain' ]
[ 4, 4 ]
100
stored 3
failed failed open
*/
