// #region refs
import { Actor, type ActorRef, ActorSystem } from '../../index.ts';

class Account extends Actor {
	static readonly kind = 'account';
	#cents = 0n;

	put(cents: bigint) {
		this.#cents += cents;
	}

	async move(cents: bigint, to: ActorRef<Account>) {
		this.#cents -= cents;
		await to.send.put(cents); // resolves when the message is in the other's mailbox
		return { left: this.#cents, at: new Date(0), to };
	}

	balance() {
		return this.#cents;
	}
}

// Two nodes on the memory bus: what is sent is encoded, as it would be over NATS.
const here = await ActorSystem.start({ name: 'bank', servers: 'memory://bank' });
const there = await ActorSystem.start({ name: 'bank', servers: 'memory://bank' });
const mine = await here.spawn(Account); // no ID: reached through this ref, and copies of it, alone
await there.spawn(Account, { id: 'yours' });

mine.tell.put(100n);
const { left, at, to } = await mine.ask.move(30n, here.ref(Account, 'yours'));
console.log(left, at.getTime(), await to.ask.balance());

const yours = there.ref(Account, 'yours');
console.log(await yours.ask.move(5n, mine).then(({ left }) => left), await mine.ask.balance());
console.log(yours.equals(here.ref(Account, 'yours')), mine.equals(yours));

await Promise.all([here.stop(), there.stop()]);
// #endregion

/* prints
70n 0 30n
25n 75n
true false
*/
