/** A program that runs on some node, as whoever started it sees it. */

import { TroupeError } from '../../runtime/core/errors.ts';
import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import { placementOf, residentOf } from '../../runtime/service-door.ts';
import type { Placement } from '../../runtime/spawn.ts';
import { BadOption, optionGroup } from '../../supervisor/bad-option.ts';
import type { Channel } from '../channel/channel.ts';
import type { ActorSystem } from '../system.ts';
import type { ProgramActor, ProgramExit, ProgramUse } from './program-actor.ts';
import { ProgramHost, type ProgramWaiter } from './program-host.ts';

/** How a program is run. */
export interface ProgramOptions {
	/** Where: a node that allows it. Default: here. */
	readonly on?: Placement | undefined;
	/** Where it begins. Default: where its node did. */
	readonly cwd?: string | undefined;
	/** Its environment, beside `PATH`, `HOME`, `LANG`, `TZ` and `TMPDIR` of its node. */
	readonly env?: Readonly<Record<string, string>> | undefined;
	/** It is started again when it ends with another code than 0, as an actor that crashes is. Default: false. */
	readonly restart?: boolean | undefined;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof ProgramOptions>(['on', 'cwd', 'env', 'restart']);
/** The longest that Node can wait, in ms: 24 days. */
const FOR_EVER = 2_147_483_647;

/** A program. */
export class Program {
	/** What it reads: closed, its input ends. */
	readonly stdin: Channel<Uint8Array | string>;
	/** What it writes, in the pieces in which it does; it waits while nobody receives. */
	readonly stdout: Channel<Uint8Array>;
	readonly stderr: Channel<Uint8Array>;
	/** Its actor, to be watched: `stopped` when it has ended well, `crashed` with the error otherwise. */
	readonly ref: AnyRef;
	readonly #actor: ActorRef<ProgramActor>;
	readonly #waiter: ActorRef<ProgramWaiter>;

	/** Called by the system. */
	constructor(
		actor: AnyRef,
		waiter: AnyRef,
		channels: readonly [Program['stdin'], Program['stdout'], Program['stderr']],
	) {
		[this.stdin, this.stdout, this.stderr] = channels;
		this.ref = actor;
		this.#actor = actor as ActorRef<ProgramActor>;
		this.#waiter = waiter as ActorRef<ProgramWaiter>;
	}

	/**
	 * Resolves when it has ended, and all that it wrote has been received; remembered for a minute.
	 *
	 * @throws `ERR_NODE_DOWN` when its node dies, and the program with it.
	 */
	wait(): Promise<ProgramExit> {
		return this.#waiter.with({ timeout: FOR_EVER }).ask.wait();
	}

	/** Sends it a signal; resolves to whether it was there to get it. */
	signal(signal: `SIG${string}`): Promise<boolean> {
		return this.#actor.ask.kill(signal);
	}

	/** What it takes of its machine: its process, processor time and memory. */
	use(): Promise<ProgramUse> {
		return this.#actor.ask.use();
	}

	/** SIGTERM, and SIGKILL two seconds later; resolves when it has ended. */
	stop(): Promise<void> {
		return this.ref.stop();
	}
}

/** Starts a program. */
export async function runProgram(
	system: ActorSystem,
	program: string,
	args: readonly string[],
	options: ProgramOptions,
): Promise<Program> {
	for (const key of Object.keys(optionGroup(options, 'options')))
		if (!OPTIONS.has(key))
			throw new BadOption(key, options[key as keyof ProgramOptions], `one of ${[...OPTIONS].join(', ')}`);
	const { on, cwd, env = {}, restart = false } = options;
	if (typeof program !== 'string' || program === '')
		throw new BadOption('program', program, 'the name or path of a program');
	if (!Array.isArray(args)) throw new BadOption('args', args, "a list: run('sort', ['-r'])");
	const among = placementOf(on);
	const nodes = on === undefined ? [system.node] : system.nodes().filter(among);
	let refusal = `no node that '${on}' means is there`;
	for (const { id } of nodes) {
		const host = await residentOf(system, ProgramHost, id);
		const started = await host.ask.start({ program, args: args.map(String), cwd, env, restart });
		if ('refused' in started) {
			refusal = started.refused;
			continue;
		}
		const channel = <T>(end: string): Promise<Channel<T>> => system.channel<T>(`${started.name}/${end}`);
		const channels = [
			await channel<Uint8Array | string>('stdin'),
			await channel<Uint8Array>('stdout'),
			await channel<Uint8Array>('stderr'),
		] as const;
		return new Program(started.program, started.waiter, channels);
	}
	throw new TroupeError('ERR_NO_HOST', `'${program}' cannot be run: ${refusal}`);
}
