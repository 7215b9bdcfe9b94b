/**
 * All nodes that have actors with failover are restarted, one after the other and under load: by SIGTERM, on which they take
 * leave, and by kill -9. What they handle is in their diaries, which outlive them.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stats } from '../../index.ts';
import { DIARY, type Entry, readDiary } from '../node/diary.ts';
import { type Score, ScoreKeeper } from '../node/score.ts';
import { type Figures, type Play, type Scenario, shown } from '../scenario.ts';
import type { Node } from '../stage/node.ts';
import { type Reckoning, reckon, still } from '../stage/reckoning.ts';
import type { Scene } from '../stage/scene.ts';
import { percentile } from '../stage/statistics.ts';
import { holds, pause, until } from '../stage/time.ts';

const [WORKERS, ACTORS] = [4, 24];
/** Messages a second, to each actor. */
const RATE = 200;
/** Longest gap of an actor, in ms, when its node takes leave and when it is killed. */
const GAPS = { SIGTERM: 1_000, SIGKILL: 3_000 } as const;
/** After each restart, in ms: the time to be declared dead, and some more. */
const CALM = { SIGTERM: 1_500, SIGKILL: 5_000 } as const;
const PATIENCE = 60_000;
const ROLE = 'worker';
const STREAM = 'sender';

type End = keyof typeof GAPS;

/** Restarts every worker once. */
export function rollingRestart(play: Play, signal: End): Promise<void> {
	const title = `${WORKERS} nodes restarted by ${signal}`;
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const sender = await scene.node('sender', url);
		const crew = await Crew.start(scene, url);
		const ids = Array.from({ length: ACTORS }, (_, at) => `actor-${at}`);
		await sender.order('lasting', ids, `role:${ROLE}`);
		await sender.order('pump', { stream: STREAM, targets: ids, rate: RATE * ACTORS });
		await until('all actors have something to do', PATIENCE, () => crew.busy() === ACTORS);
		await pause(CALM.SIGTERM);
		for (let at = 0; at < WORKERS; at++) {
			await crew.restart(at, signal);
			await pause(CALM[signal]);
		}
		await sender.order('halt');
		const current = async (): Promise<Reckoning> =>
			reckon(
				await sender.order('sent'),
				crew.scores(),
				[...(await crew.books()), await sender.order('books')],
				[...(await crew.letters()), await sender.order('letters')],
			);
		await holds(PATIENCE, async () => still(await current()));
		const reckoning = await current();
		judge(play, title, signal, reckoning);
		return { ...shown(reckoning), ...gaps(play, title, signal, crew.entries()) };
	});
}

function judge(play: Play, title: string, signal: End, reckoning: Reckoning): void {
	if (signal === 'SIGTERM') {
		play.complete(title, reckoning);
		play.invariant(`${title}: sends and asks that failed`, JSON.stringify(reckoning.failed), '{}');
		return;
	}
	play.accounted(title, reckoning);
	const { 'node-down': _, ...others } = reckoning.deadLetters;
	play.invariant(`${title}: dead letters of another reason than the node's death`, JSON.stringify(others), '{}');
}

/** How long an actor was out of reach, and how often it moved, of all actors. */
function gaps(play: Play, title: string, signal: End, diaries: readonly (readonly Entry[])[]): Figures {
	const handled = diaries.flatMap((entries, process) => entries.map(({ actor, at }) => ({ actor, at, process })));
	const longest: number[] = [];
	let moves = 0;
	for (const one of byActor(handled).values()) {
		const inTurn = one.sort((first, second) => first.at - second.at);
		longest.push(inTurn.reduce((most, { at }, n) => Math.max(most, at - (inTurn[n - 1]?.at ?? at)), 0));
		moves += inTurn.filter(({ process }, n) => n > 0 && process !== inTurn[n - 1]?.process).length;
	}
	play.invariant(`${title}: actors that were there`, longest.length, ACTORS);
	play.invariant(`${title}: actors moved`, moves > 0, true);
	play.target(`${title}: longest gap of an actor`, Math.max(...longest), GAPS[signal]);
	return {
		moves,
		"an actor's longest gap, p50 / most (ms)": [0.5, 1]
			.map((part) => Math.round(percentile(longest, part)))
			.join(' / '),
	};
}

function byActor<T extends { readonly actor: string }>(handled: readonly T[]): ReadonlyMap<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const one of handled) {
		const group = groups.get(one.actor);
		if (group) group.push(one);
		else groups.set(one.actor, [one]);
	}
	return groups;
}

/** The nodes that are restarted, and what is left of those that they were before. */
class Crew implements AsyncDisposable {
	readonly #scene: Scene;
	readonly #url: string;
	readonly #folder: string;
	readonly #workers: Node[] = [];
	readonly #diaries: string[] = [];
	readonly #closed: { readonly books: Stats; readonly letters: Readonly<Record<string, number>> }[] = [];

	private constructor(scene: Scene, url: string, folder: string) {
		this.#scene = scene;
		this.#url = url;
		this.#folder = folder;
	}

	static async start(scene: Scene, url: string): Promise<Crew> {
		const crew = scene.keep(new Crew(scene, url, await mkdtemp(join(tmpdir(), 'troupe-diaries-'))));
		await Promise.all(Array.from({ length: WORKERS }, (_, at) => crew.#bring(at)));
		return crew;
	}

	/** Ends one, and brings in another of its name. */
	async restart(at: number, signal: End): Promise<void> {
		const worker = this.#workers[at] as Node;
		if (signal === 'SIGTERM') {
			worker.signal(signal);
			await worker.order('leave'); // which it has begun to
			this.#closed.push({ books: await worker.order('books'), letters: await worker.order('letters') });
		}
		await worker.kill();
		await this.#bring(at);
	}

	/** Actors that have handled anything. */
	busy(): number {
		return new Set(this.entries().flatMap((entries) => entries.map(({ actor }) => actor))).size;
	}

	/** By process. */
	entries(): readonly (readonly Entry[])[] {
		return this.#diaries.map(readDiary);
	}

	scores(): readonly Score[] {
		return this.entries().flatMap((entries) =>
			[...byActor(entries)].map(([actor, handled]) => {
				const keeper = new ScoreKeeper();
				for (const { number, at } of handled) keeper.take(number, at);
				return keeper.score(actor, STREAM);
			}),
		);
	}

	/** The books of those that live, and those that others closed when they left. */
	async books(): Promise<readonly Stats[]> {
		const living = await Promise.all(this.#workers.map((worker) => worker.order('books')));
		return [...this.#closed.map(({ books }) => books), ...living];
	}

	async letters(): Promise<readonly Readonly<Record<string, number>>[]> {
		const living = await Promise.all(this.#workers.map((worker) => worker.order('letters')));
		return [...this.#closed.map(({ letters }) => letters), ...living];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.#folder, { recursive: true });
	}

	async #bring(at: number): Promise<void> {
		const path = join(this.#folder, `${this.#diaries.length}`);
		this.#diaries.push(path);
		this.#workers[at] = await this.#scene.node(`worker-${at}`, this.#url, { [DIARY]: path }, [ROLE]);
	}
}

export const rollingRestartScenario: Scenario = {
	name: 'rolling-restart',
	what: `${ACTORS} actors with failover, ${RATE} msg/s each: all ${WORKERS} nodes restarted in turn, by SIGTERM and kill -9`,
	async run(play) {
		for (const signal of ['SIGTERM', 'SIGKILL'] as const) await rollingRestart(play, signal);
	},
};
