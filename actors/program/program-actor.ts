/**
 * A program of the operating system, as an actor: it begins with it and ends with it, and with the node, however that ends.
 *
 * The program has a process group of its own, and in it a watcher, which waits for the end of a pipe that this process holds.
 * When the pipe ends, as it does when this process is killed with -9, the watcher kills the group.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { Rejection, TroupeError } from '../../runtime/core/errors.ts';
import { clockOf } from '../../runtime/service-door.ts';
import { Actor } from '../actor.ts';
import type { Channel } from '../channel/channel.ts';
import { inherited } from './executable.ts';

/** How a program ended: by itself, with a code, or by a signal. */
export interface ProgramExit {
	readonly code: number | null;
	readonly signal: string | null;
}

/** What a program is started with. */
export interface ProgramSpec {
	/** Its file. */
	readonly program: string;
	readonly args: readonly string[];
	readonly cwd: string | undefined;
	/** Of its environment, what is not its node's. */
	readonly env: Readonly<Record<string, string>>;
	readonly restart: boolean;
	/** Before the names of its channels. */
	readonly name: string;
}

/** What a program takes of its machine. */
export interface ProgramUse {
	readonly pid: number;
	/** Seconds of processor time since it began; `undefined` where the system does not tell. */
	readonly cpu: number | undefined;
	/** Resident memory, in bytes. */
	readonly memory: number | undefined;
}

/** What the actor is spawned with. It never travels. */
export interface ProgramArgs {
	readonly spec: ProgramSpec;
	/** The program has ended; it may be started again. */
	readonly ended: (exit: ProgramExit) => void;
}

/** How long a program that is to stop may take after SIGTERM, in ms. */
const GRACE = 2_000;

/** Ends what is in its own process group when its fourth descriptor does; then becomes the program. Nothing of it is interpreted. */
const WATCHED = '( trap "" TERM INT HUP; read -r _ <&3; kill -KILL 0 ) & exec 3<&-; exec "$0" "$@"';
/** Of the clock that the kernel counts processor time by, per second, and of a page of memory, in bytes: as on all Linux there is. */
const [TICKS, PAGE] = [100, 4_096];

/** The actor of a program. */
export class ProgramActor extends Actor<ProgramArgs> {
	static readonly kind = 'troupe.program';
	#child: ChildProcess | undefined;

	protected override async onStart(): Promise<void> {
		const { name } = this.args.spec;
		const channel = (end: string): Promise<Channel<Uint8Array>> => this.system.channel<Uint8Array>(`${name}/${end}`);
		const [stdin, stdout, stderr] = [await channel('stdin'), await channel('stdout'), await channel('stderr')];
		const child = await begin(this.args.spec);
		this.#child = child;
		void feed(child.stdin as Writable, stdin as never, this.signal).catch(() => {});
		const outputs = [pour(child.stdout as Readable, stdout), pour(child.stderr as Readable, stderr)];
		child.once('exit', (code, signal) => {
			letGo(child); // and whatever it has left behind ends with its watcher
			const self = this.self.tell as unknown as { exited(exit: ProgramExit): void };
			void Promise.allSettled(outputs).then(() => self.exited({ code, signal }));
		});
	}

	protected override async onStop(): Promise<void> {
		const child = this.#child;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		child.kill('SIGTERM');
		const cancel = clockOf(this.system).after(GRACE, () => letGo(child));
		await gone;
		cancel();
		this.args.ended({ code: child.exitCode, signal: child.signalCode });
	}

	/** Sends it a signal; false when it has ended. Anything may come from the wire, and what is no signal must not end it. */
	kill(signal: `SIG${string}`): boolean {
		if (!Object.hasOwn(constants.signals, signal))
			throw new Rejection('ERR_BAD_OPTION', `signal is '${signal}', which the system of its node does not know`);
		return this.#child?.kill(signal as NodeJS.Signals) ?? false;
	}

	/** What it takes of its machine now. */
	async use(): Promise<ProgramUse> {
		const pid = this.#child?.pid ?? 0;
		try {
			const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
			// Behind the name, which may have anything in it.
			const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
			return { pid, cpu, memory: Number(fields[21]) * PAGE };
		} catch {
			return { pid, cpu: undefined, memory: undefined };
		}
	}

	/** It has ended: so does the actor, well or not. */
	exited(exit: ProgramExit): void {
		const { spec, ended } = this.args;
		ended(exit);
		if (exit.code === 0) return void this.self.stop();
		const how = exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
		throw Object.assign(new TroupeError('ERR_PROGRAM_FAILED', `${spec.program} ${how}`, { actor: this.self.id }), {
			exit,
		});
	}
}

async function begin({ program, args, cwd, env }: ProgramSpec): Promise<ChildProcess> {
	// The shell has nothing of the caller's in its environment: what he sets, is set for the program alone.
	const own = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	const child = spawn('/bin/sh', ['-c', WATCHED, 'env', ...own, program, ...args], {
		stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
		detached: true,
		env: inherited(),
		...(cwd === undefined ? {} : { cwd }),
	});
	(child.stdio[3] as Writable).on('error', () => {});
	await once(child, 'spawn');
	return child;
}

/** Ends the pipe that the watcher waits for. */
function letGo(child: ChildProcess): void {
	(child.stdio[3] as Writable).destroy();
}

/** What comes through the channel goes in, as fast as it is taken; its end is the channel's. */
async function feed(stdin: Writable, channel: Channel<Uint8Array | string>, signal: AbortSignal): Promise<void> {
	stdin.on('error', () => {}); // who does not read to the end has his reasons
	for (;;) {
		const chunk = await channel.receive({ signal });
		if (chunk === undefined) break;
		if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]);
	}
	stdin.end();
}

/** What comes out goes through the channel, as fast as it is received: the pipe is full meanwhile, and the program waits. */
async function pour(output: Readable, channel: Channel<Uint8Array>): Promise<void> {
	for await (const chunk of output) await channel.send(new Uint8Array(chunk as Buffer));
}
