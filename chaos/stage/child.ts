/**
 * A process of the chaos, as the driver holds it: orders go there over Node's own channel, answers come back. It never
 * outlives the driver: it ends when the channel closes, its group is killed when the driver exits, and on Linux the
 * kernel itself kills it, even while it is stopped, when the driver dies by kill -9.
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Order, Orders } from './obey.ts';

/** What is asked of a child before it is given up, in ms: the longest order waits for the end of a lease. */
const PATIENCE = 120_000;

const DEATH_SIGNAL = ['--pdeathsig', 'KILL', '--'];
let bound: boolean | undefined;

/** How to run it: by the kernel's promise to kill it with its parent, where there is one. */
function launcher(): { readonly execPath: string; readonly execArgv: string[] } {
	bound ??= spawnSync('setpriv', [...DEATH_SIGNAL, 'true']).status === 0;
	const flags = ['--enable-source-maps', '--expose-gc'];
	if (!bound) return { execPath: process.execPath, execArgv: flags };
	return { execPath: 'setpriv', execArgv: [...DEATH_SIGNAL, process.execPath, ...flags] };
}

/** A process that carries out the orders `O`. */
export class Child<O extends Orders> implements AsyncDisposable {
	readonly name: string;
	readonly #process: ChildProcess;
	readonly #waiting = new Map<number, (answer: Answer) => void>();
	readonly #kill = (): void => this.signal('SIGKILL');
	#orders = 0;
	#gone = false;

	/** Runs the module; `env` is added to the driver's own. */
	constructor(name: string, module: URL, env: NodeJS.ProcessEnv = {}) {
		this.name = name;
		this.#process = fork(module, {
			...launcher(),
			detached: true, // a group of its own: Ctrl-C is the driver's to interpret
			env: { ...process.env, ...env },
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		this.#process.on('message', ({ number, ...answer }: Answer & { number: number }) => {
			this.#waiting.get(number)?.(answer);
			this.#waiting.delete(number);
		});
		const gone = (why: string): void => {
			this.#gone = true;
			process.off('exit', this.#kill);
			for (const settle of this.#waiting.values()) settle({ failed: `the process ended: ${why}` });
			this.#waiting.clear();
		};
		this.#process.on('error', (error) => gone(error.message));
		this.#process.on('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
		process.on('exit', this.#kill);
	}

	get pid(): number {
		return this.#process.pid as number;
	}

	get alive(): boolean {
		return !this.#gone;
	}

	/** Resolves to what the child's order of that name returns there. */
	order<Name extends keyof O & string>(
		name: Name,
		...args: Parameters<O[Name]>
	): Promise<Awaited<ReturnType<O[Name]>>> {
		return new Promise((resolve, reject) => {
			const number = ++this.#orders;
			const fail = (why: string): void => reject(new Error(`${this.name}, told to '${name}': ${why}`));
			const late = setTimeout(() => fail(`no answer within ${PATIENCE / 1_000} s`), PATIENCE);
			const settle = ({ value, failed }: Answer): void => {
				clearTimeout(late);
				if (failed === undefined) resolve(value as Awaited<ReturnType<O[Name]>>);
				else fail(failed);
			};
			if (this.#gone) return settle({ failed: 'the process has ended' });
			this.#waiting.set(number, settle);
			this.#process.send({ number, name, args } satisfies Order, (error) => error && settle({ failed: error.message }));
		});
	}

	/** Sends a signal to the whole group. */
	signal(signal: NodeJS.Signals): void {
		if (this.#gone) return;
		try {
			process.kill(-this.pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone, and the news is under way
		}
	}

	/** kill -9; resolves when it is gone. */
	async kill(): Promise<void> {
		if (this.#gone) return;
		const exited = once(this.#process, 'exit');
		this.#kill();
		await exited;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.kill();
	}
}
