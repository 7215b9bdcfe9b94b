/** The spec's handle on {@link ./far-process.ts}: one process for as many suites as do not kill it. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stats } from '../../index.ts';
import type { Order, Report } from './far-process.ts';
import type { Note, SideOptions } from './far-side.ts';

type Answer = Extract<Report, { number: number }>;

/** A process with a node in it. */
export class FarChild {
	readonly #process: ChildProcess;
	readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
	readonly #kill = (): boolean => this.#process.kill('SIGKILL');
	#number = 0;
	#take: (note: Note) => void = () => {};

	constructor() {
		const path = fileURLToPath(new URL(`./far-process${extname(import.meta.url)}`, import.meta.url));
		this.#process = fork(path, { execArgv: ['--enable-source-maps'], serialization: 'advanced' });
		this.#process.on('message', (report: Report) => this.#heed(report));
		this.#process.on('exit', (code, signal) => {
			for (const { reject } of this.#waiting.values()) reject(new Error(`the far process ended: ${signal ?? code}`));
			process.off('exit', this.#kill);
		});
		process.on('exit', this.#kill);
	}

	get alive(): boolean {
		return this.#process.connected;
	}

	/** Starts a node there; resolves to its ID. */
	async open(options: SideOptions, take: (note: Note) => void): Promise<string> {
		this.#take = take;
		return (await this.#order({ order: 'open', options })).node as string;
	}

	async stats(): Promise<Stats> {
		return (await this.#order({ order: 'stats' })).stats as Stats;
	}

	/** Stops the node; the process stays. Resolves to its last books. */
	async close(): Promise<Stats | undefined> {
		return (await this.#order({ order: 'close' })).stats;
	}

	/** kill -9. */
	async kill(): Promise<void> {
		const exited = once(this.#process, 'exit');
		this.#kill();
		await exited;
	}

	/** Lets it go; it ends by itself. */
	async dismiss(): Promise<void> {
		if (!this.alive) return;
		const exited = once(this.#process, 'exit');
		this.#process.disconnect();
		await exited;
	}

	#order(order: { order: 'open'; options: SideOptions } | { order: 'stats' | 'close' }): Promise<Answer> {
		const number = ++this.#number;
		return new Promise((resolve, reject) => {
			this.#waiting.set(number, { resolve, reject });
			this.#process.send({ ...order, number } satisfies Order, (error) => error && reject(error));
		});
	}

	#heed(report: Report): void {
		if ('note' in report) return this.#take(report.note);
		const waiting = this.#waiting.get(report.number);
		this.#waiting.delete(report.number);
		if (report.failed === undefined) waiting?.resolve(report);
		else waiting?.reject(new Error(`in the far process: ${report.failed}`));
	}
}
