/** Worker nodes in processes of their own, of which one is killed with -9 now and then, and replaced. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));

/** The processes. */
export class Crew {
	killed = 0;
	readonly #servers: string;
	readonly #system: string;
	readonly #nodes: ChildProcess[] = [];
	#started = 0;
	#over = false;

	constructor(servers: string, system: string) {
		this.#servers = servers;
		this.#system = system;
	}

	/** Starts one more; resolves when it has joined. */
	async start(): Promise<void> {
		const args = [PROGRAM, this.#servers, this.#system, `worker-${++this.#started}`];
		const node = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#nodes.push(node);
		await once(node.stdout as NodeJS.ReadableStream, 'data');
	}

	/** Kills one each so many ms, and starts another, until {@link Crew.end}. */
	async torment(every: number, said: (line: string) => void): Promise<void> {
		for (;;) {
			await new Promise((resolve) => setTimeout(resolve, every));
			if (this.#over) return;
			const [victim] = this.#nodes.splice(Math.floor(Math.random() * this.#nodes.length), 1);
			if (!victim) continue;
			victim.kill('SIGKILL');
			said(`a worker's process is killed (${++this.killed})`);
			await this.start();
		}
	}

	end(): void {
		this.#over = true;
		for (const node of this.#nodes) node.kill('SIGKILL');
	}
}
