/**
 * Savina (Imam and Sarkar, “Savina – An Actor Benchmark Suite”, AGERE 2014), or what of it fits two seconds: patterns of
 * messages between actors in one process, each with an answer that is checked. Names and patterns are theirs; sizes and
 * what differs is said with each problem.
 */

import type { Group } from '../workload.ts';
import { bank } from './problems/bank.ts';
import { big } from './problems/big.ts';
import { chameneos } from './problems/chameneos.ts';
import { counting } from './problems/counting.ts';
import { dictionary } from './problems/dictionary.ts';
import { forkJoin } from './problems/fork-join.ts';
import { philosophers } from './problems/philosophers.ts';
import { quicksort } from './problems/quicksort.ts';

export const group: Group = {
	name: 'savina',
	nats: false,
	rounds: 2,
	workloads: [counting, forkJoin, big, chameneos, philosophers, dictionary, bank, quicksort].map(
		({ workload }) => workload,
	),
	contenders: [
		{ name: 'troupe', role: 'troupe', drivers: async () => (await import('./troupe/drivers.ts')).drivers },
		{ name: 'floor', role: 'floor', drivers: async () => (await import('./floor/drivers.ts')).drivers },
		{ name: 'nact', role: 'actor peer', drivers: async () => (await import('./nact/drivers.ts')).drivers },
		{ name: 'xstate', role: 'actor peer', drivers: async () => (await import('./xstate/drivers.ts')).drivers },
	],
};
