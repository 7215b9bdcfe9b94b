/**
 * A program of stages connected by channels, written for one process. Arguments: the NATS address ('' for none), the
 * cluster's name, and which of the stages run here.
 */

import { ActorSystem, select } from '../../index.ts';

const [servers = '', name = 'stages', ...stages] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const system = await ActorSystem.start({ name, log, ...(servers ? { servers } : {}) });

interface Line {
	readonly number: number;
	readonly text: string;
}

const lines = await system.channel<Line>('lines', { capacity: 8 });
const counts = await system.channel<Map<string, number>>('counts');
const problems = await system.channel<Error>('problems', { capacity: 1_000 });

async function fetch(): Promise<void> {
	for (let number = 0; number < 500; number++) {
		const text = number % 50 === 7 ? '' : `line ${number} of ${number % 7} words`;
		await lines.send({ number, text });
	}
	await lines.close();
}

async function analyse(): Promise<void> {
	for await (const { number, text } of lines) {
		if (text === '') await problems.send(new RangeError(`line ${number} is empty`));
		else await counts.send(new Map([['words', text.split(' ').length]]));
	}
	await problems.close();
	await counts.close();
}

async function store(): Promise<void> {
	let words = 0;
	const said: string[] = [];
	for (;;) {
		const { value, ok } = await select([counts.receive(), problems.receive()]);
		if (!ok) break;
		if (value instanceof Map) words += value.get('words') ?? 0;
		if (value instanceof Error) said.push(value.message);
	}
	for await (const value of counts) words += value.get('words') ?? 0;
	for await (const problem of problems) said.push(problem.message);
	for (const message of said) console.log(message);
	console.log('words', words, await lines.stat());
	await lines.send({ number: 0, text: '' }).catch((error) => console.log(error.code, error.message));
}

const parts = { fetch, analyse, store };
if (!stages.includes('store')) console.log('ready');
await Promise.all(stages.map((stage) => parts[stage as keyof typeof parts]()));
if (stages.includes('store')) await system.stop();
else process.stdin.resume().on('end', () => void system.stop());
