// #region till
import { Actor, ActorSystem, Rejection, restart, resume } from '../../index.ts';

class Till extends Actor {
	static readonly kind = 'till';
	static readonly supervision = (error: unknown) =>
		error instanceof RangeError ? resume() : restart({ backoff: { initial: 10 } });
	#cents = 0;

	pay(cents: number) {
		if (cents === 0) throw new Rejection('NOTHING_TO_PAY'); // an answer: nothing has crashed
		if (cents < 0) throw new RangeError(`${cents} cents`); // resume: goes on with its state
		if (!Number.isInteger(cents)) throw new Error('the drawer is stuck'); // restart: a new instance
		this.#cents += cents;
		return this.#cents;
	}
}

const system = await ActorSystem.start(); // no servers: a system of its own
system.events.on('actorRestarted', ({ id, restarts }) => console.log(`${id} restarted (${restarts})`));
const till = await system.spawn(Till, { id: 'till' });
const pay = (cents: number) => till.ask.pay(cents).then(String, ({ code }) => code);

for (const cents of [100, 0, -1, 50]) console.log(cents, await pay(cents));
const asks = [pay(0.5), pay(7)]; // the 7 waits in the mailbox while the actor restarts
console.log(await Promise.all(asks));
await system.stop();
// #endregion

/* prints
100 100
0 NOTHING_TO_PAY
-1 ERR_ACTOR_CRASHED
50 150
till restarted (1)
[ 'ERR_ACTOR_CRASHED', '7' ]
*/
