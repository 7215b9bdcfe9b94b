// #region rabbitmq
import { Actor, ActorSystem, durable, resume } from '../../index.ts';

// Each tutorial has a producer and a consumer, here on two nodes of one process. In yours: servers: 'nats://…'
const servers = 'memory://rabbit';
const [producer, consumer] = [await ActorSystem.start({ servers }), await ActorSystem.start({ servers })];

// 1 Hello World: a queue that keeps its messages, and one who takes them
const hello = { capacity: 1_000, durable: true };
await (await producer.channel<string>('hello', hello)).send('Hello World!');
console.log(await (await consumer.channel<string>('hello', hello)).receive());

// 2 Work queues: each task to one worker, and to another when that one dies before it has acknowledged it
const tasks = { capacity: 1_000, durable: true, redeliver: true };
const queue = await producer.channel<string>('tasks', tasks);
for (const task of ['one.', 'two..', 'three...']) await queue.send(task);
await queue.close();
const finished: string[] = [];
const work = async () => {
	for await (const task of await consumer.channel<string>('tasks', tasks)) {
		await new Promise((resolve) => setTimeout(resolve, task.split('.').length)); // to come for the next is the acknowledgement
		finished.push(task);
	}
};
await Promise.all([work(), work()]);
console.log(finished.sort());

// 3 Publish/subscribe: each message to all who listen
const first = async <T>(values: AsyncIterable<T>) => {
	for await (const value of values) return value;
};
const logs = [1, 2].map(() => consumer.topic<string>('logs').subscribe());
await Promise.all(logs.map(({ ready }) => ready));
producer.topic<string>('logs').publish('info: Hello World!');
console.log(await Promise.all(logs.map(first)));

// 4 Routing, 5 topics: to those who listen to that key, or to a pattern of keys
const errors = consumer.topic<string>('facility.*.error').subscribe();
const kernel = consumer.topic<string>('facility.kern.>').subscribe();
await Promise.all([errors.ready, kernel.ready]);
producer.topic<string>('facility.cron.error').publish('cron: no such job');
producer.topic<string>('facility.kern.critical').publish('kern: out of memory');
console.log(await first(errors), await first(kernel));

// 6 RPC: a question, and the answer that belongs to it
class Fibonacci extends Actor {
	static readonly kind = 'fibonacci';
	of(n: number): number {
		return n < 2 ? n : this.of(n - 1) + this.of(n - 2);
	}
}
await consumer.spawn(Fibonacci, { id: 'fibonacci' });
console.log(await producer.ref(Fibonacci, 'fibonacci').ask.of(20));

// 7 Publisher confirms, and dead letters: stored when it resolves; tried again when it fails, and kept when it never works
class Till extends Actor {
	static readonly kind = 'till-of-rabbit';
	static readonly mailbox = durable({ maxDeliver: 3, backoff: ['1ms'] });
	static readonly supervision = resume();
	book(amount: number) {
		if (amount < 0) throw new RangeError('not yet');
		console.log(`booked ${amount}`);
	}
}
const till = producer.ref(Till, 'till');
await Promise.all([1, -2, 3].map((amount) => till.send.book(amount))); // the confirms of all three
await consumer.spawn(Till, { id: 'till' });
await till.ask.book(4);
for (const { message, failures } of await producer.deadLetters.list()) console.log(message.args, failures.length);
await Promise.all([producer, consumer].map((system) => system.stop()));
// #endregion

/* prints
Hello World!
[ 'one.', 'three...', 'two..' ]
[ 'info: Hello World!', 'info: Hello World!' ]
cron: no such job kern: out of memory
6765
booked 1
booked 3
booked 4
[ -2 ] 3
*/
