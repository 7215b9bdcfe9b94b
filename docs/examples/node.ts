// #region node
import { Actor, ActorSystem } from '../../index.ts';

class Stock extends Actor {
	static readonly kind = 'stock';
	readonly #shelf = new Map<string, number>();

	put(item: string, count: number) {
		this.#shelf.set(item, (this.#shelf.get(item) ?? 0) + count);
	}

	count(item: string) {
		return this.#shelf.get(item) ?? 0;
	}
}

const system = await ActorSystem.start({
	name: 'shop', // nodes of one name on one NATS are one cluster
	servers: ['nats://127.0.0.1:4222'], // all servers of the NATS cluster, or some of them
	roles: ['warehouse'], // free words, which the other nodes see
});

const stock = await system.spawn(Stock, { id: 'stock' });
await stock.send.put('tea', 3);
console.log(system.nodes().map(({ roles, status }) => `${roles} ${status}`));
console.log(await system.ref(Stock, 'stock').ask.count('tea')); // the same line works on every node
await system.stop(); // in a service: on SIGTERM
// #endregion

/* prints
[ 'warehouse up' ]
3
*/
