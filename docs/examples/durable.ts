// #region durable
import { Actor, ActorSystem, durable, resume } from '../../index.ts';

class Mailer extends Actor {
	static readonly kind = 'mailer';
	static readonly mailbox = durable({ maxDeliver: 3, backoff: ['10ms', '100ms'] });
	static readonly supervision = resume(); // a failed attempt needs no new instance

	post(address: string, text: string) {
		if (!address.includes('@')) throw new RangeError(`${address} is no address`);
		console.log(`to ${address}: ${text}`);
	}
}

const servers = 'memory://post'; // NATS, outside of a test
const [front, back] = [await ActorSystem.start({ servers }), await ActorSystem.start({ servers })];
const mailer = front.ref(Mailer, 'mailer');

await mailer.send.post('ann@example.org', 'hello'); // stored: there is no mailer yet
await mailer.send.post('bob', 'hello'); // will fail
await mailer.with({ messageId: 'order-7' }).send.post('eve@example.org', 'thanks');
await mailer.with({ messageId: 'order-7' }).send.post('eve@example.org', 'thanks'); // stored before: once is enough

await back.spawn(Mailer, { id: 'mailer' }); // now there is: it begins with what waits
await mailer.ask.post('zoe@example.org', 'last');

for (const { number, message, failures } of await front.deadLetters.list()) {
	console.log(`given up after ${failures.length}: ${message.args.join(' ')} (${failures[0]?.message})`);
	await front.deadLetters.drop(number); // or replay(number), once it would do better
}
await Promise.all([front, back].map((system) => system.stop()));
// #endregion

/* prints
to ann@example.org: hello
to eve@example.org: thanks
to zoe@example.org: last
given up after 3: bob hello (bob is no address)
*/
