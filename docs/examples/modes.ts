// #region modes
import { Actor, ActorSystem } from '../../index.ts';

class Greeter extends Actor {
	static readonly kind = 'greeter';

	greet(name: string) {
		return `Hello, ${name}, from ${this.system.node.name}`;
	}
}

// Local: needs nothing.
const local = await ActorSystem.start({ node: 'alone' });
console.log(await (await local.spawn(Greeter)).ask.greet('Ada'));

// Memory: a cluster inside this process, for tests.
const a = await ActorSystem.start({ name: 'lab', servers: 'memory://lab', node: 'a' });
const b = await ActorSystem.start({ name: 'lab', servers: 'memory://lab', node: 'b' });
await b.spawn(Greeter, { id: 'greeter' });
console.log(await a.ref(Greeter, 'greeter').ask.greet('Grace'));

await Promise.all([local, a, b].map((system) => system.stop()));
// #endregion

/* prints
Hello, Ada, from alone
Hello, Grace, from b
*/
