/** What is asked of actors that share a process, and how Troupe has to compare. */

import type { Figure, Goal, Workload } from '../workload.ts';

const rate: Figure = { name: 'rate', unit: '/s', better: 'more' };

const micros = (name: string): Figure => ({ name, unit: 'µs', better: 'less' });

const aheadOfPeers: Goal = { figure: 'rate', against: 'peers', atLeast: 1 };

/** 0.6 of what a hand-written program does, and more than any peer. */
const among: readonly Goal[] = [{ figure: 'rate', against: 'floor', atLeast: 0.6 }, aheadOfPeers];

/** Within a tenth of what a hand-written program does that owes each message the same. */
const nearDuties: Goal = { figure: 'rate', against: 'duties', atLeast: 0.9 };

/** The group's workloads. */
export const workloads: readonly Workload[] = [
	{
		name: 'tell',
		what: 'tells to one actor, 1,000 at a time',
		figures: [rate],
		goals: [
			{ figure: 'rate', against: 'floor', atLeast: 0.7 },
			nearDuties,
			{ figure: 'rate', against: 'actor peers', atLeast: 3 },
		],
	},
	{
		name: 'burst',
		what: 'a million tells to one actor at once',
		figures: [rate],
		goals: [{ figure: 'rate', against: 'floor', atLeast: 0.7 }],
	},
	{
		name: 'ask',
		what: 'asks, one after the other',
		figures: [rate, micros('p50'), micros('p99')],
		goals: [
			{ figure: 'rate', against: 'floor', atLeast: 0.6 },
			{ figure: 'p99', against: 'own p50', atMost: 3 },
		],
	},
	{
		name: 'ask-1000',
		what: 'asks, 1,000 in flight',
		figures: [rate],
		goals: [{ figure: 'rate', against: 'floor', atLeast: 0.6 }],
	},
	{ name: 'ping-pong', what: 'two actors tell each other', figures: [rate], goals: among },
	{
		name: 'fan-in',
		what: '100 actors tell one, 100 messages each',
		figures: [rate],
		goals: [...among, nearDuties],
	},
	{ name: 'ring', what: 'one message goes round 100 actors', figures: [rate], goals: among },
	{
		name: 'async',
		what: 'tells to a handler that awaits a resolved promise, 1,000 at a time',
		figures: [rate],
		goals: [{ figure: 'rate', against: 'context', atLeast: 0.8 }, aheadOfPeers],
	},
	{
		name: 'bounded',
		what: '1,000 sends at a time wait for room in a mailbox of 100',
		figures: [rate],
		goals: [{ figure: 'rate', against: 'floor', atLeast: 0.6 }],
	},
	{
		name: 'channel',
		what: '1,000 values at a time sent to and received from a channel with room for as many',
		figures: [rate],
		goals: [{ figure: 'rate', against: 'limit', atLeast: 2_000_000 }, aheadOfPeers],
	},
	{
		name: 'channel-loop',
		what: '1,000 values at a time sent to a channel with room for as many, and taken by a loop',
		figures: [rate],
		goals: [aheadOfPeers],
	},
	{
		name: 'group',
		what: 'tells to four actors, 1,000 at a time: by the group that they are in, by a pool, and beside it to each in turn',
		figures: [rate, { ...rate, name: 'pool' }, { ...rate, name: 'direct' }],
		goals: [
			{ figure: 'rate', against: 'own direct', atLeast: 0.8 },
			{ figure: 'pool', against: 'own direct', atLeast: 0.8 },
		],
	},
	{
		name: 'topic',
		what: 'values that are published to 1,000 subscribers, functions and loops: deliveries',
		figures: [rate, { ...rate, name: 'loops' }],
		goals: [{ figure: 'rate', against: 'limit', atLeast: 2_000_000 }],
	},
	{
		name: 'spawn',
		what: '100,000 actors without IDs; bytes of heap for each',
		figures: [rate, { name: 'bytes', unit: 'B', better: 'less' }],
		goals: [
			{ figure: 'rate', against: 'floor', atLeast: 0.5 },
			{ figure: 'bytes', against: 'limit', atMost: 450 },
		],
	},
	{
		name: 'actors',
		what: 'a spawn and a tell for each of so many actors',
		figures: ['1000', '10000', '100000', '1000000'].map(micros),
		goals: [{ figure: '1000000', against: 'own 10000', atMost: 3 }],
	},
];
