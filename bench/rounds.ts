/**
 * The order of a run. A round is every workload once, by every contender in turn, each in a fresh process; the next
 * round begins with another contender. What drifts with time, drifts for all of them.
 */

import { EVERYTHING, launch, type Outcome } from './launch.ts';
import type { Selected } from './selection.ts';
import type { Contender, Figures, Group, Workload } from './workload.ts';

/** What one contender answered to one workload. */
export interface Series {
	readonly contender: Contender;
	/** By round; empty when it cannot do this. */
	readonly rounds: readonly Figures[];
	/** Why there are no more of them: it crashed, or took too long, and is not asked again. */
	readonly failed?: string;
}

/** All answers to one workload, in the order of the contenders. */
export interface Answers {
	readonly workload: Workload;
	readonly series: readonly Series[];
}

/** How a run is run. */
export interface Plan {
	readonly rounds: number;
	/** Of workloads without a goal. */
	readonly others: number;
	readonly servers: string;
	readonly signal: AbortSignal;
	/** Told, in a line, what has just been done. */
	readonly say: (line: string) => void;
}

interface Tally {
	readonly contender: Contender;
	readonly rounds: Figures[];
	absent: boolean;
	failed?: string;
}

/** Asks everybody everything. Rejects only when the run is given up. */
export async function runRounds({ group, workloads }: Selected, plan: Plan): Promise<readonly Answers[]> {
	const able = await abilities(group, plan);
	const tallies = workloads.map(({ name }) =>
		group.contenders.map((contender) => newTally(contender, !able.get(contender)?.has(name))),
	);
	for (let round = 0; round < plan.rounds; round++) {
		for (const [index, workload] of workloads.entries()) {
			if (workload.goals.length === 0 && round >= plan.others) continue;
			for (const tally of rotated(tallies[index] ?? [], round)) {
				plan.signal.throwIfAborted();
				if (tally.absent || tally.failed !== undefined) continue;
				const cell = { group: group.name, contender: tally.contender.name, workload: workload.name };
				const begun = performance.now();
				const outcome = await launch(cell, plan);
				const took = ((performance.now() - begun) / 1_000).toFixed(1);
				note(tally, outcome);
				const where = `round ${round + 1}/${plan.rounds}  ${group.name}/${workload.name}`;
				plan.say(`${where}  ${tally.contender.name}  ${took} s${tally.failed ? `  FAILED: ${tally.failed}` : ''}`);
			}
		}
	}
	plan.signal.throwIfAborted();
	return workloads.map((workload, index) => ({ workload, series: tallies[index] ?? [] }));
}

/** What each contender has a driver for: a process for each of them, and not one for each that it cannot do. */
async function abilities(group: Group, plan: Plan): Promise<ReadonlyMap<Contender, ReadonlySet<string>>> {
	const able = new Map<Contender, ReadonlySet<string>>();
	for (const contender of group.contenders) {
		plan.signal.throwIfAborted();
		const outcome = await launch({ group: group.name, contender: contender.name, workload: EVERYTHING }, plan);
		if (!('drivers' in outcome))
			throw new Error(`${contender.name} does not say what it can do: ${JSON.stringify(outcome)}`);
		able.set(contender, new Set(outcome.drivers));
	}
	return able;
}

function newTally(contender: Contender, absent: boolean): Tally {
	return { contender, rounds: [], absent };
}

function note(tally: Tally, outcome: Outcome): void {
	if ('figures' in outcome) tally.rounds.push(outcome.figures);
	else if ('failed' in outcome) tally.failed = outcome.failed;
	else tally.absent = true;
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
	const start = by % Math.max(items.length, 1);
	return [...items.slice(start), ...items.slice(0, start)];
}
