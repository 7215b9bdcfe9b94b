/**
 * Runs one cell: a contender and a workload in a fresh process of its own group, which ends when it takes too long or the
 * run is given up. Never rejects: what went wrong is an outcome.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Figures } from './workload.ts';

/** Who does what. */
export interface Cell {
	readonly group: string;
	readonly contender: string;
	readonly workload: string;
}

/** What a child says: its figures; that the contender has no driver for this; or, asked for everything, all that it has one for. */
export type Answer =
	| { readonly figures: Figures }
	| { readonly absent: true }
	| { readonly drivers: readonly string[] };

/** Stands for a workload in the question what a contender can do. */
export const EVERYTHING = 'everything';

/** An answer, or why there is none. */
export type Outcome = Answer | { readonly failed: string };

/** What a child is run with. */
export interface Conditions {
	/** The nats-server's URL; empty for groups that need none. */
	readonly servers: string;
	/** Gives the run up. */
	readonly signal: AbortSignal;
	/** More arguments for node itself. */
	readonly nodeArguments?: readonly string[];
}

/** The environment's name for {@link Conditions.servers}. */
export const SERVERS = 'TROUPE_BENCH_SERVERS';

/** 90 s: a cell takes one to ten. */
const TIMEOUT = 90_000;

/** Node's exit code when there is nothing left to do and the program still waits. */
const UNSETTLED = 13;

/** The children may look at their heap, and have room for 10⁶ actors. */
const NODE_ARGUMENTS = ['--expose-gc', '--max-old-space-size=6144'];

/** The outcome of one cell. */
export async function launch(cell: Cell, { servers, signal, nodeArguments = [] }: Conditions): Promise<Outcome> {
	const script = fileURLToPath(new URL('./run.js', import.meta.url));
	const words = [cell.group, cell.contender, cell.workload];
	const child = spawn(process.execPath, [...NODE_ARGUMENTS, ...nodeArguments, script, ...words], {
		detached: true, // a group of its own, so that its own children end with it
		env: { ...process.env, NODE_ENV: 'production', [SERVERS]: servers },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let late = false;
	const kill = (): void => killGroup(child);
	const timer = setTimeout(() => {
		late = true;
		kill();
	}, TIMEOUT);
	signal.addEventListener('abort', kill);
	const exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
	const [out, err, [code, killer]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
	clearTimeout(timer);
	signal.removeEventListener('abort', kill);
	if (late) return { failed: `took more than ${TIMEOUT / 1_000} s` };
	if (killer !== null) return { failed: `killed by ${killer}` };
	if (code === UNSETTLED) return { failed: 'waits for ever: a message is lost' };
	if (code !== 0) return { failed: lastLine(err) ?? `exit code ${code}` };
	return answerIn(out);
}

function killGroup(child: ChildProcess): void {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already
	}
}

function answerIn(out: string): Outcome {
	const line = lastLine(out) ?? '';
	try {
		return JSON.parse(line) as Answer;
	} catch {
		return { failed: `ended with ${line === '' ? 'no answer' : line}` };
	}
}

function lastLine(output: string): string | undefined {
	return output.trimEnd().split('\n').at(-1)?.trim() || undefined;
}
