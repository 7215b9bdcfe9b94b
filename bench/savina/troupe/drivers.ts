/** What Troupe can answer: all of it. */

import type { Driver } from '../../workload.ts';
import { bank } from './bank.ts';
import { big } from './big.ts';
import { chameneos } from './chameneos.ts';
import { counting } from './counting.ts';
import { dictionary } from './dictionary.ts';
import { forkJoin } from './fork-join.ts';
import { philosophers } from './philosophers.ts';
import { quicksort } from './quicksort.ts';

/** By workload. */
export const drivers: Readonly<Record<string, Driver>> = {
	bank,
	big,
	chameneos,
	counting,
	dictionary,
	'fork-join': forkJoin,
	philosophers,
	quicksort,
};
