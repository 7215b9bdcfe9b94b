/** A node that works on the program's stages: `counts-worker.js <servers> <system> <name>`. It ends with its parent. */

import { ActorSystem } from '../../index.ts';
import './counts.ts';

const [servers = '', name = '', node = ''] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
await ActorSystem.start({ name, servers, node, roles: ['worker'], log });
process.stdin.resume().on('end', () => process.exit(0));
console.log('ready');
