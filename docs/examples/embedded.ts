// #region embedded
import { Actor, ActorSystem } from '../../index.ts';

class Greeter extends Actor {
	static readonly kind = 'greeter';

	greet(name: string) {
		return `Hello, ${name}`;
	}
}

// Finds or fetches a nats-server, runs it on a free loopback port, and ends it with the system.
await using system = await ActorSystem.start({ servers: 'embedded' });
const greeter = await system.spawn(Greeter, { id: 'greeter' });
console.log(await greeter.ask.greet('Ada'));
// #endregion

/* prints
Hello, Ada
*/
