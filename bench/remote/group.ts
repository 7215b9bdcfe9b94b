/** Two processes and one nats-server between them: what distance costs. */

import type { Contender, Driver, Figure, Goal, Group, Workload } from '../workload.ts';

const RATE: Figure = { name: 'rate', unit: '/s', better: 'more' };
const P50: Figure = { name: 'p50', unit: 'µs', better: 'less' };
const P99: Figure = { name: 'p99', unit: 'µs', better: 'less' };

type Drivers = Readonly<Record<string, Driver>>;

const contenders: readonly Contender[] = [
	contender('troupe', 'troupe', () => import('./troupe.ts')),
	contender('publish-bytes', 'floor', () => import('./publish-bytes.ts')),
	contender('publish-cbor', 'floor', () => import('./publish-cbor.ts')),
	contender('packed', 'floor', () => import('./packed.ts')),
	contender('request', 'floor', () => import('./request.ts')),
	contender('muxed', 'floor', () => import('./muxed.ts')),
	contender('kv', 'floor', () => import('./kv.ts')),
	contender('jetstream', 'floor', () => import('./jetstream.ts')),
	contender('moleculer', 'peer', () => import('./moleculer.ts')),
];

const workloads: readonly Workload[] = [
	tells('remote-tell-16', 'tells of 16 letters', []),
	tells('remote-tell', 'tells of a typed object of some 150 bytes', [
		{ figure: 'rate', against: 'publish-cbor', atLeast: 2.5 },
		{ figure: 'rate', against: 'publish-bytes', atLeast: 1.2 },
		{ figure: 'rate', against: 'moleculer', atLeast: 8 },
	]),
	tells('remote-tell-1k', 'tells of a typed object of 1 KiB', []),
	tells('remote-tell-64k', 'tells of 64 KiB binary', [{ figure: 'rate', against: 'publish-bytes', atLeast: 0.8 }]),
	tells('remote-tell-4m', 'tells of 4 MiB binary, in pieces', [
		{ figure: 'rate', against: 'publish-bytes', atLeast: 0.6 },
	]),
	asks('remote-ask-16', 'asks one by one, of 16 letters', []),
	asks('remote-ask', 'asks one by one, of a typed object of some 150 bytes', [
		{ figure: 'p50', against: 'request', atMost: 0.75 },
		{ figure: 'p50', against: 'muxed', atMost: 1.1 },
		{ figure: 'p99', against: 'request', atMost: 1 },
	]),
	asks('remote-ask-1k', 'asks one by one, of a typed object of 1 KiB', []),
	asks('remote-ask-64k', 'asks one by one, of 64 KiB binary', []),
	{
		name: 'remote-ask-1000',
		what: 'asks of a typed object, a thousand under way at any time',
		figures: [RATE],
		goals: [
			{ figure: 'rate', against: 'request', atLeast: 8 },
			{ figure: 'rate', against: 'moleculer', atLeast: 5 },
		],
	},
	{
		name: 'remote-channel',
		what: 'values of the typed object through a channel to a loop on another node, where it lives; beside it plain sends to an actor there',
		figures: [RATE, { ...RATE, name: 'send' }],
		goals: [{ figure: 'rate', against: 'own send', atLeast: 0.8 }],
	},
	{
		name: 'remote-pipeline',
		what: 'the typed object through a pipeline of three stages in three processes; beside it plain tells to one of them; JetStream: a chain of consumers',
		figures: [RATE, { ...RATE, name: 'tell' }],
		goals: [
			{ figure: 'rate', against: 'own tell', atLeast: 0.7 },
			{ figure: 'rate', against: 'jetstream', atLeast: 3 },
		],
	},
	{
		name: 'durable-send',
		what: 'sends of the typed object to a durable mailbox, a thousand under way at any time; then an actor that handles them',
		figures: [RATE, { ...RATE, name: 'handled' }],
		goals: [{ figure: 'rate', against: 'jetstream', atLeast: 3 }],
	},
	tells('remote-many', 'tells of a hundred actors to a hundred others', []),
	{
		name: 'remote-lone-ask',
		what: 'a small ask every 2 ms, beside a stream of 64 KiB tells to the same node',
		figures: [P50, P99, { name: 'bulk', unit: '/s', better: 'more' }],
		goals: [{ figure: 'p99', against: 'request', atMost: 1.5 }],
	},
	tells('remote-claims', 'actors spawned with IDs, five hundred under way; KV: keys created', []),
	tells('remote-lookups', 'first asks of IDs never used before, five hundred under way; KV: keys read', []),
	{
		name: 'remote-links',
		what: 'a link to each of 50 nodes: its memory, and time and messages of all of them in an idle second',
		figures: [
			{ name: 'heap', unit: 'B', better: 'less' },
			{ name: 'rss', unit: 'B', better: 'less' },
			{ name: 'idle', unit: 'µs', better: 'less' },
			{ name: 'messages', unit: '/s', better: 'less' },
		],
		goals: [],
	},
	{
		name: 'remote-nodes',
		what: 'tells to 1, 2, 4 and 8 nodes in turn, all of them together',
		figures: ['1', '2', '4', '8'].map((name) => ({ ...RATE, name })),
		goals: [],
	},
	{
		name: 'remote-wire',
		what: 'NATS messages and bytes for a thousand tells in one turn, and for a thousand asks at once',
		figures: [
			{ name: 'tell', unit: 'messages', better: 'less' },
			{ name: 'tell bytes', unit: 'B', better: 'less' },
			{ name: 'ask', unit: 'messages', better: 'less' },
			{ name: 'ask bytes', unit: 'B', better: 'less' },
		],
		goals: [{ figure: 'tell', against: 'limit', atMost: 20 }],
	},
];

export const group: Group = { name: 'remote', workloads, contenders, nats: true, rounds: 2 };

function contender(
	name: string,
	role: Contender['role'],
	load: () => Promise<{ readonly drivers: Drivers }>,
): Contender {
	return { name, role, drivers: async () => (await load()).drivers };
}

function tells(name: string, what: string, goals: readonly Goal[]): Workload {
	return { name, what, figures: [RATE], goals };
}

function asks(name: string, what: string, goals: readonly Goal[]): Workload {
	return { name, what, figures: [P50, P99, RATE], goals };
}
