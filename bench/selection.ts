/**
 * What the words on the command line stand for: a workload, a group, or `group/workload` where two groups have a
 * workload of one name. No words stand for everything.
 */

import type { Group, Workload } from './workload.ts';

/** A group and those of its workloads that are to run. */
export interface Selected {
	readonly group: Group;
	readonly workloads: readonly Workload[];
}

/** The selection in the groups' order; throws, listing the names, for a word that stands for nothing. */
export function select(groups: readonly Group[], words: readonly string[]): readonly Selected[] {
	for (const word of words) {
		const known = groups.some((group) => word === group.name || group.workloads.some(isMeant(group, word)));
		if (!known) throw new Error(`nothing is called '${word}'. There is:\n${catalogue(groups)}`);
	}
	return groups
		.map((group) => ({ group, workloads: group.workloads.filter((workload) => wants(words, group, workload)) }))
		.filter(({ workloads }) => workloads.length > 0);
}

function wants(words: readonly string[], group: Group, workload: Workload): boolean {
	return words.length === 0 || words.some((word) => word === group.name || isMeant(group, word)(workload));
}

function isMeant(group: Group, word: string): (workload: Workload) => boolean {
	return ({ name }) => word === name || word === `${group.name}/${name}`;
}

function catalogue(groups: readonly Group[]): string {
	return groups.map(({ name, workloads }) => `  ${name}: ${workloads.map((one) => one.name).join(', ')}`).join('\n');
}
