/**
 * Where Troupe's time goes in one workload: its driver alone, in a child with V8's sampling profiler. The profile stays in
 * `bench/profiles`, for any viewer; what is printed are the functions with the most time of their own.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cell, type Conditions, launch } from './launch.ts';

interface ProfileNode {
	readonly id: number;
	readonly callFrame: {
		readonly functionName: string;
		readonly url: string;
		/** From zero, as the column is. */
		readonly lineNumber: number;
		readonly columnNumber: number;
	};
}

interface CpuProfile {
	readonly nodes: readonly ProfileNode[];
	readonly samples: readonly number[];
	/** Microseconds before each sample. */
	readonly timeDeltas: readonly number[];
}

/** Where the sources are, seen from bench/dist. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How many functions are listed. */
const TOP = 10;

/** Profiles the cell and returns the list; throws when the child fails. */
export async function profile(cell: Cell, conditions: Conditions): Promise<string> {
	const folder = join(ROOT, 'bench', 'profiles');
	const file = `${cell.group}-${cell.workload}.cpuprofile`;
	const nodeArguments = ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`];
	const outcome = await launch(cell, { ...conditions, nodeArguments });
	if ('failed' in outcome) throw new Error(outcome.failed);
	if ('absent' in outcome) throw new Error(`${cell.contender} has no driver for ${cell.workload}`);
	const path = join(folder, file);
	const { nodes, samples, timeDeltas } = JSON.parse(await readFile(path, 'utf8')) as CpuProfile;
	const lines = await topOf(nodes, selfTimes(samples, timeDeltas));
	return [`${relative(ROOT, path)}:`, ...lines].join('\n');
}

function selfTimes(samples: readonly number[], timeDeltas: readonly number[]): ReadonlyMap<number, number> {
	const times = new Map<number, number>();
	for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0));
	return times;
}

/** One function is many nodes: one for each way in which it was called. */
async function topOf(nodes: readonly ProfileNode[], times: ReadonlyMap<number, number>): Promise<readonly string[]> {
	const functions = new Map<string, { readonly frame: ProfileNode['callFrame']; time: number }>();
	let busy = 0;
	for (const { id, callFrame: frame } of nodes) {
		if (frame.functionName === '(idle)') continue;
		const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}:${frame.columnNumber}`;
		const known = functions.get(key) ?? { frame, time: 0 };
		known.time += times.get(id) ?? 0;
		busy += times.get(id) ?? 0;
		functions.set(key, known);
	}
	const top = [...functions.values()].toSorted((one, other) => other.time - one.time).slice(0, TOP);
	return Promise.all(
		top.map(async ({ frame, time }) => {
			const share = `${((time / busy) * 100).toFixed(1)} %`.padStart(7);
			return `${share}  ${(frame.functionName || '(anonymous)').padEnd(28)}  ${await placeOf(frame)}`;
		}),
	);
}

/** file:line, of the source where there is a map. */
async function placeOf({ url, lineNumber, columnNumber }: ProfileNode['callFrame']): Promise<string> {
	if (!url.startsWith('file:')) return url;
	const path = fileURLToPath(url);
	const there = `${relative(ROOT, path)}:${lineNumber + 1}`;
	if (!existsSync(`${path}.map`)) return there;
	const map = new SourceMap(JSON.parse(await readFile(`${path}.map`, 'utf8')));
	const entry = map.findEntry(lineNumber, columnNumber);
	if (!('originalSource' in entry)) return there;
	const source = fileURLToPath(new URL(entry.originalSource, url));
	return `${relative(ROOT, source)}:${entry.originalLine + 1}`;
}
