/** The referee's handle on one node of a soak. Whatever goes wrong over there goes to `trouble`, which ends the soak. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Brief, Order, Report } from './orders.ts';
import type { Sample } from './sample.ts';

/** A node that does not report for so long, in ms, hangs: to begin takes seconds, on a busy machine a minute. */
const PATIENCE = 180_000;

export class Side implements Disposable {
	readonly #brief: Brief;
	readonly #process: ChildProcess;
	readonly #trouble: AbortController;
	readonly #kill = (): boolean => this.#process.kill('SIGKILL');
	#reported: ((sample: Sample | undefined) => void) | undefined;

	/** Runs the node's process. */
	constructor(brief: Brief, trouble: AbortController) {
		this.#brief = brief;
		this.#trouble = trouble;
		const path = fileURLToPath(new URL(`./node${extname(import.meta.url)}`, import.meta.url));
		this.#process = fork(path, [JSON.stringify(brief)], {
			env: { ...process.env, NODE_ENV: 'production' },
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		this.#process.on('message', (report: Report) => this.#heed(report));
		this.#process.on('error', (error) => this.#fail(error.message));
		this.#process.on('exit', (code, signal) => this.#fail(`it ended: ${signal ?? code}`));
		process.on('exit', this.#kill);
	}

	/** Resolves when the node is up. */
	async started(): Promise<void> {
		await this.#report('start');
	}

	/** Resolves when the order has been carried out. */
	async order(order: Exclude<Order, 'sample'>): Promise<void> {
		this.#process.send(order);
		await this.#report(order);
	}

	async sample(): Promise<Sample> {
		this.#process.send('sample' satisfies Order);
		return (await this.#report('sample')) as Sample;
	}

	/** Stops the node in good order; resolves when its process has ended. */
	async end(): Promise<void> {
		await this.order('end');
		this.#process.removeAllListeners('exit');
		const exit = once(this.#process, 'exit');
		this.#process.disconnect();
		await exit;
	}

	/** Ends the process if it has not ended. */
	[Symbol.dispose](): void {
		process.off('exit', this.#kill);
		this.#process.removeAllListeners('exit');
		this.#kill();
	}

	#report(to: string): Promise<Sample | undefined> {
		const { signal } = this.#trouble;
		signal.throwIfAborted();
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => this.#fail(`no report of '${to}' after ${PATIENCE / 1_000} s`), PATIENCE);
			const over = (): void => {
				clearTimeout(late);
				signal.removeEventListener('abort', abort);
				this.#reported = undefined;
			};
			const abort = (): void => {
				over();
				reject(signal.reason);
			};
			signal.addEventListener('abort', abort);
			this.#reported = (sample) => {
				over();
				resolve(sample);
			};
		});
	}

	#heed(report: Report): void {
		if ('failed' in report) this.#fail(report.failed);
		else this.#reported?.(report.sample);
	}

	#fail(why: string): void {
		this.#trouble.abort(new Error(`the ${this.#brief.node} node: ${why}`));
	}
}
