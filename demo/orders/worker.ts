/**
 * A node on which accounts may live: `worker.js <servers> <system> <name> <folder> <accounts>`. It ends with whoever started
 * it.
 */

import { ActorSystem, isTroupeError } from '../../index.ts';
import { Account } from './account.ts';

const [servers = '', name = '', node = '', folder = '', accounts = '0'] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
process.stdin.resume().on('end', () => process.exit(0));
const system = await ActorSystem.start({
	name,
	servers,
	node,
	roles: ['worker'],
	hosts: [Account],
	lease: '3s',
	log: quiet,
});
console.log('ready');
for (let n = 0; n < Number(accounts); n++) {
	await system
		.spawn(Account, { id: `account-${n}`, args: { folder }, on: 'role:worker', failover: true })
		.catch((error) => {
			// Another worker was faster, or it goes on from before.
			if (!isTroupeError(error) || !['ERR_ID_TAKEN', 'ERR_NODE_DOWN'].includes(error.code)) throw error;
		});
}
