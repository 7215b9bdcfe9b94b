/** A node in a process of its own, for the specs to kill, pause and cut off. */

import { ActorSystem } from '../../index.ts';
import { Sink, Slow } from './cast.ts';

const [servers = '', name = ''] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const system = await ActorSystem.start({ name, servers, node: 'far', log });
await system.spawn(Sink, { id: 'sink' });
await system.spawn(Slow, { id: 'slow' });
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log('ready');
