/** The resident through which others run programs on its node, if that allows them. */

import type { AnyRef } from '../../runtime/core/protocol.ts';
import { QUIET } from '../../runtime/kernel/definition.ts';
import { allowsProgram } from '../../runtime/service-door.ts';
import { restart, resume, stop } from '../../supervisor/directive.ts';
import { Actor } from '../actor.ts';
import { executableOf, forbiddenIn } from './executable.ts';
import { ProgramActor, type ProgramExit, type ProgramSpec } from './program-actor.ts';

/** A program that has been started, or why none has. */
export type Started =
	| { readonly program: AnyRef; readonly waiter: AnyRef; readonly name: string }
	| { readonly refused: string };

/** How long the end of a program is remembered for who asks late, in ms. */
const LINGER = 60_000;

/** Answers when a program has ended: an actor of its own, as one that waits handles nothing else. */
export class ProgramWaiter extends Actor<{ readonly exit: Promise<ProgramExit> }> {
	static readonly kind = 'troupe.program.waiter';
	static readonly [QUIET] = true;

	protected override onStart(): void {
		void this.args.exit.then(() => this.timers.once(LINGER, () => this.self.stop()));
	}

	wait(): Promise<ProgramExit> {
		return this.args.exit;
	}
}

/** The host of a node's programs. */
export class ProgramHost extends Actor {
	static readonly kind = 'troupe.program.host';
	static readonly supervision = resume();
	static readonly [QUIET] = true;
	#count = 0;
	/** What to do when the actor of that ID is gone. */
	readonly #running = new Map<string, () => void>();

	/** Starts a program. All that is said of it may come from another node. */
	start(wanted: Omit<ProgramSpec, 'name'>): Started {
		const { program, args, cwd, env, restart: again } = wanted;
		if (
			typeof env !== 'object' ||
			env === null ||
			!areTexts(args) ||
			!areTexts(Object.values(env)) ||
			(cwd !== undefined && typeof cwd !== 'string')
		)
			return { refused: 'its arguments, its environment or its folder are no texts' };
		const { node } = this.system;
		if (!allowsProgram(this.system, program))
			return { refused: `node ${node.name} does not allow '${program}': start it with allowPrograms: ['${program}']` };
		const forbidden = forbiddenIn(env);
		if (forbidden !== undefined)
			return { refused: `node ${node.name} lets nobody set '${forbidden}' for a program: leave it out of env` };
		const file = executableOf(program);
		if (file === undefined)
			return { refused: `node ${node.name} has no '${program}': ask for a name on its PATH, or an absolute path` };
		const name = `program/${node.id}/${++this.#count}`;
		let settle = (_exit: ProgramExit): void => {};
		const exit = new Promise<ProgramExit>((resolve) => {
			settle = resolve;
		});
		let last: ProgramExit = { code: null, signal: null };
		const ended = (exit: ProgramExit): void => {
			last = exit;
		};
		const spec: ProgramSpec = { program: file, args, cwd, env, restart: again, name };
		const ref = this.spawn(ProgramActor, { args: { spec, ended }, supervision: again ? restart() : stop() });
		const waiter = this.spawn(ProgramWaiter, { args: { exit } });
		// A system that stops has closed them already.
		void exit.then(() => this.#close(name)).catch(() => {});
		this.#running.set(ref.id, () => settle(last));
		this.watch(ref);
		return { program: ref as unknown as AnyRef, waiter: waiter as unknown as AnyRef, name };
	}

	/** However that came: it may never have begun, or have failed once more than its supervision allows. */
	protected override onTerminated({ id }: AnyRef): void {
		const gone = this.#running.get(id);
		this.#running.delete(id);
		gone?.();
	}

	/** Nothing comes out of it any more, and nothing goes in. Its channels go when all had the time to see that. */
	async #close(name: string): Promise<void> {
		for (const end of ['stdin', 'stdout', 'stderr']) {
			const channel = await this.system.channel(`${name}/${end}`);
			await channel.close();
			this.timers.once(
				LINGER,
				() =>
					void this.system
						.ref(`channel/${name}/${end}`)
						.stop()
						.catch(() => {}),
			);
		}
	}
}

function areTexts(values: readonly unknown[]): boolean {
	return Array.isArray(values) && values.every((value) => typeof value === 'string' && !value.includes('\0'));
}
