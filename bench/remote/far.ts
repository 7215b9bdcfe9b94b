/**
 * The second process of a driver. It is forked with a brief, says when it is ready and how many messages it has taken,
 * and never outlives the driver. Its reports take Node's own channel, which no contender has to pay for.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PayloadName } from './payloads.ts';

/** What a far process is told at its birth. */
export interface Brief {
	readonly servers: string;
	/** Unique in the run: whatever lives on the server has it in its name. */
	readonly name: string;
	/** What the process has to be, among what its program can be. */
	readonly role: string;
	readonly payload: PayloadName;
	/** Messages between two reports. */
	readonly every: number;
	/** Of whatever the role is about: actors, systems. */
	readonly count: number;
}

/** What it says. */
export type Report = { readonly taken: number } | { readonly failed: string };

/** Whoever takes the messages of a stream, and reports. */
export interface Receivers {
	/** Messages taken, as far as reported. */
	readonly taken: number;
	/** Resolves with the next report. */
	progress(): Promise<void>;
	/** Throws unless exactly `sent` messages have been taken. */
	settle(sent: number): Promise<void>;
}

/** A receiver that says nothing for so long, in ms, has lost something. */
const PATIENCE = 10_000;

/** The driver's handle on its far process. */
export class Far implements Receivers, Disposable {
	taken = 0;
	readonly #process: ChildProcess;
	readonly #kill = (): boolean => this.#process.kill('SIGKILL');
	#next: Promise<void> | undefined;
	#settle: ((failure?: Error) => void) | undefined;
	#failure: Error | undefined;

	/** Forks `program`, a file of this folder without its ending; resolves when it is ready. */
	static async start(program: string, brief: Brief): Promise<Far> {
		const far = new Far(program, brief);
		await far.progress();
		return far;
	}

	private constructor(program: string, brief: Brief) {
		const path = fileURLToPath(new URL(`./${program}${extname(import.meta.url)}`, import.meta.url));
		// Flags only: the script of `node -e` would run itself over there, again and again. A profile gets another beside it.
		const flags = process.execArgv.filter((word) => word.startsWith('--'));
		const execArgv = flags.map((word) => word.replace(/^--cpu-prof-name=/, '$&far-'));
		const env = { ...process.env, NODE_ENV: 'production' };
		this.#process = fork(path, [JSON.stringify(brief)], {
			env,
			execArgv,
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		this.#process.on('message', (report: Report) => this.#heed(report));
		this.#process.on('exit', (code, signal) => this.#fail(`it ended: ${signal ?? code}`));
		process.on('exit', this.#kill);
	}

	progress(): Promise<void> {
		if (this.#failure) return Promise.reject(this.#failure);
		this.#next ??= new Promise((resolve, reject) => {
			const patience = setTimeout(() => this.#fail(`no report after ${this.taken} messages`), PATIENCE).unref();
			this.#settle = (failure) => {
				clearTimeout(patience);
				this.#next = undefined;
				this.#settle = undefined;
				if (failure) reject(failure);
				else resolve();
			};
		});
		return this.#next;
	}

	async settle(sent: number): Promise<void> {
		while (this.taken < sent) await this.progress();
		const taken = await this.count();
		if (taken !== sent) throw new Error(`${sent} messages were sent and ${taken} have arrived`);
	}

	/** Messages taken by now. */
	async count(): Promise<number> {
		this.#process.send('count');
		await this.progress();
		return this.taken;
	}

	/** Lets it go; it ends by itself. */
	[Symbol.dispose](): void {
		process.off('exit', this.#kill);
		this.#settle?.();
		this.#failure = new Error('dismissed');
		if (this.#process.connected) this.#process.disconnect();
		this.#process.unref();
	}

	#heed(report: Report): void {
		if ('failed' in report) return this.#fail(report.failed);
		this.taken = report.taken;
		this.#settle?.();
	}

	#fail(why: string): void {
		this.#failure ??= new Error(`the far process: ${why}`);
		this.#settle?.(this.#failure);
	}
}

/** Several far processes as one, which take their messages in turn. */
export class Fars implements Receivers {
	readonly #fars: readonly Far[];
	/** What each had taken before. */
	readonly #before: readonly number[];

	constructor(fars: readonly Far[]) {
		this.#fars = fars;
		this.#before = fars.map(({ taken }) => taken);
	}

	get taken(): number {
		return sum(this.#fars.map(({ taken }) => taken));
	}

	progress(): Promise<void> {
		return Promise.race(this.#fars.map((far) => far.progress()));
	}

	async settle(sent: number): Promise<void> {
		const share = (sent - sum(this.#before)) / this.#fars.length;
		await Promise.all(this.#fars.map((far, n) => far.settle((this.#before[n] as number) + share)));
	}
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((one, other) => one + other, 0);
}
