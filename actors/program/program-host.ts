/** The resident through which others run programs on its node, if that allows them. */

import type { AnyRef } from '../../runtime/core/protocol.ts';
import { QUIET } from '../../runtime/kernel/definition.ts';
import { allowsProgram } from '../../runtime/service-door.ts';
import { restart, resume, stop } from '../../supervisor/directive.ts';
import { Actor } from '../actor.ts';
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

	/** Starts a program. All that is said of it may come from another node. */
	start(wanted: Omit<ProgramSpec, 'name'>): Started {
		const { program, args, cwd, env, restart: again } = wanted;
		if (!areTexts(args) || !areTexts(Object.values(env)) || (cwd !== undefined && typeof cwd !== 'string'))
			return { refused: 'its arguments, its environment or its folder are no texts' };
		const { node } = this.system;
		if (!allowsProgram(this.system, program))
			return { refused: `node ${node.name} does not allow '${program}': start it with allowPrograms: ['${program}']` };
		const name = `program/${node.id}/${++this.#count}`;
		let ended = (_exit: ProgramExit): void => {};
		const exit = new Promise<ProgramExit>((resolve) => {
			ended = resolve;
		});
		const spec: ProgramSpec = { program, args, cwd, env: { ...inherited(), ...env }, restart: again, name };
		const ref = this.spawn(ProgramActor, { args: { spec, ended }, supervision: again ? restart() : stop() });
		const waiter = this.spawn(ProgramWaiter, { args: { exit } });
		// A system that stops has closed them already.
		void exit.then(() => this.#close(name)).catch(() => {});
		this.watch(ref);
		return { program: ref as unknown as AnyRef, waiter: waiter as unknown as AnyRef, name };
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

/** What every program may know of its node. */
function inherited(): Record<string, string> {
	const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
	return Object.fromEntries(
		names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
	);
}
