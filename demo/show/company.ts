/** The processes of the show: hired, killed and dismissed by name. One that ends without being asked is replaced. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a process is hired for. */
export type Part = 'consumer' | 'producer';

/** Between SIGTERM and SIGKILL, in ms. */
const GRACE = 5_000;

export class Company {
	readonly #say: (line: string) => void;
	readonly #members = new Map<string, ChildProcess>();
	#dismissed = false;

	constructor(say: (line: string) => void) {
		this.#say = say;
	}

	/** Starts `npm run demo:<part>` under that name. */
	hire(part: Part, name: string, args: readonly string[]): void {
		const path = fileURLToPath(new URL(`../nodes/${part}${extname(import.meta.url)}`, import.meta.url));
		const process = fork(path, [...args, '--name', name], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
		this.#members.set(name, process);
		if (process.stderr) createInterface({ input: process.stderr }).on('line', (line) => this.#say(`${name}: ${line}`));
		process.once('exit', (code, signal) => {
			if (this.#members.get(name) !== process || this.#dismissed) return;
			this.#say(`${name} ended on its own (${signal ?? `exit code ${code}`}) and is replaced`);
			this.hire(part, name, args);
		});
	}

	/** kill -9. */
	async kill(name: string): Promise<void> {
		const process = this.#members.get(name);
		this.#members.delete(name);
		if (!process) return;
		const exited = once(process, 'exit');
		process.kill('SIGKILL');
		await exited;
	}

	/** All leave in good order, or by force after the grace. */
	async dismiss(): Promise<void> {
		this.#dismissed = true;
		const exits = [...this.#members.values()].filter(lives).map((process) => {
			const exited = once(process, 'exit');
			process.kill('SIGTERM');
			return exited;
		});
		const force = setTimeout(() => this.disband(), GRACE);
		await Promise.all(exits);
		clearTimeout(force);
	}

	/** All end at once. */
	disband(): void {
		this.#dismissed = true;
		for (const process of this.#members.values()) process.kill('SIGKILL');
	}
}

function lives({ exitCode, signalCode }: ChildProcess): boolean {
	return exitCode === null && signalCode === null;
}
