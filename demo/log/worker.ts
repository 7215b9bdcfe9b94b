/** A node whose workers read the log's lines: `worker.js <servers> <system> <name>`. It ends with whoever started it. */

import { ActorSystem } from '../../index.ts';
import './log-pipeline.ts';

const [servers = '', name = '', node = ''] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const system = await ActorSystem.start({ name, servers, node, roles: ['worker'], log: quiet });
process.on('SIGTERM', () => void system.stop().then(() => process.exit(0)));
process.stdin.resume().on('end', () => process.exit(0));
console.log('ready');
