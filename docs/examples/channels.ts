// #region channels
import { ActorSystem, select } from '../../index.ts';

const system = await ActorSystem.start(); // with `servers`, each stage can run on a machine of its own

// fetch → analyse → store: each stage knows its channels by name, and nothing of where the others are
async function fetch() {
	const lines = await system.channel<string>('lines', { capacity: 2 });
	for (const line of ['to be', 'or not', 'to be']) await lines.send(line); // waits while the channel is full
	await lines.close();
}

async function analyse() {
	const lines = await system.channel<string>('lines', { capacity: 2 });
	const words = await system.channel<string>('words'); // no capacity: a send waits for its receive
	for await (const line of lines) for (const word of line.split(' ')) await words.send(word);
	await words.close();
}

async function store() {
	const words = await system.channel<string>('words');
	const counts: Record<string, number> = {};
	for await (const word of words) counts[word] = (counts[word] ?? 0) + 1;
	console.log(counts);
}

await Promise.all([store(), analyse(), fetch()]);

const [quick, slow] = [await system.channel('quick', { capacity: 1 }), await system.channel('slow')];
await quick.send('done');
console.log(await select([slow.receive(), quick.receive()])); // exactly one of them happens
console.log(await select([slow.receive(), quick.receive()], { timeout: '10ms' })); // or none, in time
await system.stop();
// #endregion

/* prints
{ to: 2, be: 2, or: 1, not: 1 }
{ index: 1, value: 'done', ok: true }
{ index: -1, value: undefined, ok: false }
*/
