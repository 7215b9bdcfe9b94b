/** What a scenario is, and what it finds. */

import type { Reckoning } from './stage/reckoning.ts';
import { Scene } from './stage/scene.ts';

/** One line of a table of figures: by column. */
export type Figures = Readonly<Record<string, string | number>>;

/** A scenario, by the name that `npm run chaos -- --scenario` knows it by. */
export interface Scenario {
	readonly name: string;
	/** In a sentence. */
	readonly what: string;
	run(play: Play): Promise<void>;
}

/** What came out of one. */
export interface Outcome {
	readonly scenario: string;
	readonly figures: readonly Figures[];
	/** Invariants that do not hold: the scenario has failed. */
	readonly broken: readonly string[];
	/** Targets of time that were missed: said, and no failure. */
	readonly missed: readonly string[];
	readonly seconds: number;
}

/** How long and how loud. */
export interface Conditions {
	/** Of the soak. */
	readonly minutes: number;
	/** Of the flood's senders that wait, in all. */
	readonly sends: number;
	/** Plays no further scene when something is broken. Default `false`. */
	readonly untilBroken?: boolean;
	/** Told, line by line, what happens. */
	readonly say: (line: string) => void;
	/** Gives everything up. */
	readonly signal: AbortSignal;
}

/** A scenario while it runs: it judges what is found. */
export class Play {
	readonly conditions: Conditions;
	readonly #figures: Figures[] = [];
	readonly #broken: string[] = [];
	readonly #missed: string[] = [];

	constructor(conditions: Conditions) {
		this.conditions = conditions;
	}

	/** Plays one scene with servers and nodes of its own; what it resolves to is a line of figures. */
	async scene(title: string, play: (scene: Scene) => Promise<Figures>): Promise<void> {
		const { signal, say } = this.conditions;
		if (this.over) return;
		signal.throwIfAborted();
		say(`  ${title}`);
		const scene = new Scene();
		const over = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
		try {
			this.#figures.push({ '': title, ...(await Promise.race([play(scene), over])) });
		} finally {
			await scene[Symbol.asyncDispose]();
		}
		this.invariant(`${title}: processes left behind`, scene.leftovers().length, 0);
	}

	/** Whether there is nothing more to find out. */
	get over(): boolean {
		return this.conditions.untilBroken === true && this.#broken.length > 0;
	}

	/** What has to be so. */
	invariant(what: string, found: unknown, due: unknown): void {
		if (Object.is(found, due)) return;
		const line = `${what}: ${found}, and not ${due}`;
		this.#broken.push(line);
		this.conditions.say(`  BROKEN: ${line}`);
	}

	/** Says why it cannot be played here, which is no failure. */
	leaveOut(why: string): void {
		this.#missed.push(`not played: ${why}`);
	}

	/** What should be no more than that. */
	target(what: string, found: number, most: number, unit = 'ms'): void {
		if (found > most) this.#missed.push(`${what}: ${Math.round(found)} ${unit}, and not ${most}`);
	}

	/** That nothing is doubled, out of order or left open, and what is lost is accounted for and announced. */
	accounted(title: string, reckoning: Reckoning): void {
		const { doubled, disorder, unaccounted, unannounced, pending, open } = reckoning;
		this.#none(title, { doubled, disorder, unaccounted, unannounced, pending, open });
	}

	/** The same, and that nothing is lost or dead. */
	complete(title: string, reckoning: Reckoning): void {
		const { lost, dead } = reckoning;
		this.#none(title, { lost, dead });
		this.accounted(title, reckoning);
	}

	outcome(scenario: string, seconds: number): Outcome {
		return { scenario, figures: this.#figures, broken: this.#broken, missed: this.#missed, seconds };
	}

	#none(title: string, counts: Readonly<Record<string, number>>): void {
		for (const [name, found] of Object.entries(counts)) this.invariant(`${title}: ${name}`, found, 0);
	}
}

/** Plays it; an error is an invariant that does not hold. */
export async function play({ name, run }: Scenario, conditions: Conditions): Promise<Outcome> {
	const began = performance.now();
	const stage = new Play(conditions);
	try {
		await run(stage);
	} catch (error) {
		conditions.signal.throwIfAborted();
		stage.invariant('it ends without an error', error instanceof Error ? error.message : error, undefined);
	}
	return stage.outcome(name, (performance.now() - began) / 1_000);
}

/** The figures of a reckoning that every scenario with traffic shows. */
export function shown({ sent, lost, doubled, disorder, deadLetters }: Reckoning): Figures {
	const dead = Object.entries(deadLetters).map(([reason, count]) => `${reason} ${count}`);
	return { sent, lost, doubled, 'out of order': disorder, 'dead letters': dead.join(', ') || 0 };
}
