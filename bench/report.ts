/** What a run says of itself: tables for people, or one document for programs. */

import { cpus } from 'node:os';
import { table } from 'table';
import { judge, ratiosTo, type Verdict } from './judge.ts';
import type { Answers, Series } from './rounds.ts';
import { median, spread } from './statistics.ts';
import type { Figure } from './workload.ts';

/** A table of one workload's answers, and below it its goals. */
export function workloadReport(group: string, answers: Answers): string {
	const { workload, series } = answers;
	const rows = workload.figures.flatMap((figure) =>
		series
			.filter(({ rounds, failed }) => failed !== undefined || rounds[0]?.[figure.name] !== undefined)
			.map((one, index) => [index === 0 ? figure.name : '', ...cellsOf(one, figure, series)]),
	);
	const drawn = table([['', 'contender', 'median', 'spread', 'Troupe is'], ...rows], {
		drawHorizontalLine: (index, count) => index === 0 || index === count || rows[index - 1]?.[0] !== '',
		columns: { 2: { alignment: 'right' }, 3: { alignment: 'right' }, 4: { alignment: 'right' } },
	});
	const verdicts = judge(answers).map(verdictLine);
	return [`${group}/${workload.name}: ${workload.what}`, drawn.trimEnd(), ...verdicts, ''].join('\n');
}

/** How many goals are met, and which are not. */
export function summary(group: string, all: readonly Answers[]): string {
	const verdicts = all.flatMap((answers) =>
		judge(answers).map((verdict) => ({ verdict, name: `${group}/${answers.workload.name}` })),
	);
	const missed = verdicts.filter(({ verdict }) => verdict.met === false);
	const unknown = verdicts.filter(({ verdict }) => verdict.met === undefined).length;
	const met = verdicts.length - missed.length - unknown;
	const lines = missed.map(({ verdict, name }) => `  ${name}: ${goalText(verdict)}`);
	const rest = unknown > 0 ? `, ${unknown} without anything to compare with` : '';
	return [`${group}: ${met} of ${verdicts.length} goals met${rest}`, ...lines].join('\n');
}

/** The same for programs. */
export function document(groups: ReadonlyMap<string, readonly Answers[]>): unknown {
	return {
		node: process.version,
		cpu: cpus()[0]?.model ?? 'unknown',
		cores: cpus().length,
		groups: [...groups].map(([name, all]) => ({ name, workloads: all.map(workloadDocument) })),
	};
}

function workloadDocument(answers: Answers): unknown {
	const { workload, series } = answers;
	return {
		...workload,
		contenders: series.map(({ contender, rounds, failed }) => ({
			name: contender.name,
			role: contender.role,
			rounds,
			failed,
		})),
		goals: judge(answers).map(({ goal, ...verdict }) => ({ ...goal, ...verdict })),
	};
}

function cellsOf(one: Series, figure: Figure, series: readonly Series[]): string[] {
	const { contender, rounds, failed } = one;
	if (failed !== undefined) return [contender.name, 'failed', '', failed.slice(0, 60)];
	const values = rounds.map((figures) => figures[figure.name]).filter((value) => value !== undefined);
	const [low, high] = spread(values).map(percent);
	const ratio = contender.role === 'troupe' ? '' : `× ${digits(median(ratiosTo(one, figure.name, series)))}`;
	return [contender.name, amount(median(values), figure.unit), `${low} … ${high} %`, ratio];
}

function verdictLine(verdict: Verdict): string {
	const mark = verdict.met === undefined ? '?     ' : verdict.met ? 'met   ' : 'MISSED';
	return `  ${mark}  ${goalText(verdict)}`;
}

function goalText({ goal, ratios, ratio, best }: Verdict): string {
	const [sign, bound] = goal.atLeast === undefined ? ['≤', goal.atMost] : ['≥', goal.atLeast];
	const against =
		goal.against === 'limit' ? '' : ` × ${goal.against}${best && best !== goal.against ? ` (${best})` : ''}`;
	if (ratios.length === 0) return `${goal.figure} ${sign} ${bound}${against}: nothing to compare with`;
	const range = `${digits(Math.min(...ratios))} … ${digits(Math.max(...ratios))}`;
	return `${goal.figure} ${sign} ${bound}${against}: ${digits(ratio)} (${range})`;
}

function percent(value: number): string {
	return `${value > 0 ? '+' : ''}${value.toFixed(0)}`;
}

/** Three digits that count. */
function digits(value: number): string {
	return Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : '?';
}

function amount(value: number, unit: Figure['unit']): string {
	if (unit !== '/s' && unit !== 'B') return `${digits(value)} ${unit}`;
	if (value >= 1e6) return `${digits(value / 1e6)} M${unit}`;
	return value >= 1e4 ? `${digits(value / 1e3)} k${unit}` : `${digits(value)} ${unit}`;
}
