/**
 * `npm run demo:consumer -- --nats URL`: a node with consumers. It may come and go at any time, before or after the
 * producers. On Ctrl-C it finishes what it has been given, and leaves.
 */

import { Command, Option } from 'commander';
import { Consumer, consumerId, consumersRole } from '../actors/consumer.ts';
import type { Chunk } from '../input/chunks.ts';
import { megabytes } from '../show/figures.ts';
import { joinCluster, leaveCluster, whenAskedToLeave } from './node.ts';

const { nats, name, consumers } = new Command('demo:consumer')
	.description('Analyse chunks for whoever produces them')
	.addOption(new Option('--nats <url>', 'where the cluster meets').env('NATS_URL').default('nats://127.0.0.1:4222'))
	.option('--name <name>', 'what to call this node')
	.option('--consumers <number>', 'consumer actors on this node', Number, 2)
	.parse()
	.opts<{ nats: string; name?: string; consumers: number }>();

const system = await joinCluster({ nats, name, roles: [consumersRole(consumers)] });
let chunks = 0;
let bytes = 0;
const working = new Set<string>();

function analysed(chunk: Chunk): void {
	if (chunks++ === 0) console.log(`analyses its first chunk, ${chunk.id}`);
	bytes += chunk.bytes.length;
}

const progress = setInterval(
	() => chunks > 0 && console.log(`has analysed ${chunks} chunks, ${megabytes(bytes)}`),
	2_000,
);

whenAskedToLeave(() => {
	console.log('leaves when it has finished what it was given');
	for (const id of working) void system.ref(Consumer, id).send.leave();
});

system.events.on('actorStopped', async ({ id }) => {
	if (!working.delete(id) || working.size > 0) return;
	clearInterval(progress);
	console.log(`has left after ${chunks} chunks, ${megabytes(bytes)}`);
	await leaveCluster(system);
});

for (let number = 1; number <= consumers; number++) {
	const { id } = await system.spawn(Consumer, { id: consumerId(system.node.id, number), args: { analysed } });
	working.add(id);
}
console.log(`consumer node ${system.node.name} has joined ${nats} with ${consumers} consumers`);
