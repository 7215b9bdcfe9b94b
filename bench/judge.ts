/**
 * Whether goals are met. Everything is compared inside one round, where the machine was the same for both; the median of
 * the rounds' ratios is what counts, not the ratio of medians.
 */

import type { Answers, Series } from './rounds.ts';
import { median } from './statistics.ts';
import type { Contender, Figures, Goal, Workload } from './workload.ts';

/** A goal, and how the run compares. */
export interface Verdict {
	readonly goal: Goal;
	/** One ratio a round; empty when there was nothing to compare with. */
	readonly ratios: readonly number[];
	readonly ratio: number;
	/** Which contender it was, by the last round. */
	readonly best?: string;
	/** `undefined` when there was nothing to compare with. */
	readonly met: boolean | undefined;
}

/** All goals of a workload. */
export function judge({ workload, series }: Answers): readonly Verdict[] {
	return workload.goals.map((goal) => verdict(goal, workload, series));
}

/** Troupe's figure in units of the other's, round by round. */
export function ratiosTo(other: Series, figure: string, series: readonly Series[]): readonly number[] {
	return rounds(series, (own, round) => divide(own[figure], other.rounds[round]?.[figure]));
}

function verdict(goal: Goal, workload: Workload, series: readonly Series[]): Verdict {
	let best: string | undefined;
	const ratios = rounds(series, (own, round) => {
		if (goal.against === 'limit') return own[goal.figure];
		if (goal.against.startsWith('own ')) return divide(own[goal.figure], own[goal.against.slice(4)]);
		const rival = bestOf(rivals(goal, series), goal.figure, round, more(workload, goal.figure));
		if (rival === undefined) return undefined;
		best = rival.contender.name;
		return divide(own[goal.figure], rival.rounds[round]?.[goal.figure]);
	});
	const ratio = median(ratios);
	const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
	const met = ratios.length === 0 ? undefined : ratio >= atLeast && ratio <= atMost;
	return { goal, ratios, ratio, met, ...(best !== undefined && { best }) };
}

function rounds(
	series: readonly Series[],
	compare: (own: Figures, round: number) => number | undefined,
): readonly number[] {
	const own = series.find(({ contender }) => contender.role === 'troupe')?.rounds ?? [];
	return own.map(compare).filter((ratio) => ratio !== undefined);
}

function rivals({ against }: Goal, series: readonly Series[]): readonly Series[] {
	return series.filter(({ contender }) => contender.name === against || isAmong(against, contender));
}

function isAmong(against: string, { role }: Contender): boolean {
	if (against === 'peers') return role === 'peer' || role === 'actor peer';
	return against === 'actor peers' && role === 'actor peer';
}

function bestOf(candidates: readonly Series[], figure: string, round: number, more: boolean): Series | undefined {
	const sign = more ? 1 : -1;
	const worth = (one: Series): number => sign * (one.rounds[round]?.[figure] ?? Number.NaN);
	return candidates
		.filter((one) => !Number.isNaN(worth(one)))
		.toSorted((one, other) => worth(other) - worth(one))
		.at(0);
}

function more(workload: Workload, figure: string): boolean {
	return workload.figures.find(({ name }) => name === figure)?.better === 'more';
}

function divide(own: number | undefined, other: number | undefined): number | undefined {
	return own === undefined || other === undefined ? undefined : own / other;
}
