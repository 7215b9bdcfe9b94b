/**
 * Sends orders: `shop.js <servers> <system> <first> <orders> <accounts>`. It says how far all of them are known to be stored, so that
 * whoever goes on for it knows where to begin. It may send some a second time: by their names, they are taken once.
 */

import { ActorSystem } from '../../index.ts';
import { Account, accountOf } from './account.ts';

const [servers = '', name = '', first = '0', orders = '0', accounts = '1'] = process.argv.slice(2);
/** Orders that are under way at a time. */
const WINDOW = 500;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
process.stdin.resume().on('end', () => process.exit(0));
const system = await ActorSystem.start({ name, servers, node: 'shop', lease: '3s', log: quiet });
for (let from = Number(first); from < Number(orders); from += WINDOW) {
	const to = Math.min(from + WINDOW, Number(orders));
	const sends: Promise<void>[] = [];
	for (let number = from; number < to; number++) {
		const account = system.ref(Account, accountOf(number, Number(accounts)));
		sends.push(account.with({ messageId: `order-${number}` }).send.book({ number, cents: 100 + (number % 900) }));
	}
	await Promise.all(sends);
	console.log(`acknowledged ${to}`);
}
await system.stop();
process.exit();
