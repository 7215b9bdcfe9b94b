/** A node in a process of its own that hosts an actor with failover; SIGTERM stops it in good order. */

import { ActorSystem } from '../../index.ts';
import { Tally } from './cast/tally.ts';

const [servers = '', name = '', node = ''] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const system = await ActorSystem.start({ name, servers, node, roles: ['worker'], hosts: [Tally], log });
process.on('SIGTERM', () => {
	system.stop().then(() => process.exit(0));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log('ready');
