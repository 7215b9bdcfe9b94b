// #region topics
import { ActorSystem } from '../../index.ts';

const join = (node: string) => ActorSystem.start({ name: 'market', servers: 'memory://market', node });
const [exchange, desk] = [await join('exchange'), await join('desk')];

const prices = exchange.topic<number>('prices', { retain: 10 }); // keeps its last ten values for who comes late
prices.publish(1.08, { key: 'eur.usd' }); // as prices.eur.usd

const all = desk.topic<number>('prices').subscribe({ last: 5 }); // of prices, and of all below it
desk.topic<number>('prices.*.jpy').subscribe((price, name) => console.log(name, price));
await all.ready; // all nodes know of it

prices.publish(161.2, { key: 'eur.jpy' });
let count = 0;
for await (const price of all) {
	console.log(price);
	if (++count === 2) break;
}
await Promise.all([exchange, desk].map((system) => system.stop()));
// #endregion

/* prints
prices.eur.jpy 161.2
1.08
161.2
*/
