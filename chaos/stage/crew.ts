/** Nodes in processes of their own that are killed and replaced; what they handle is in their diaries, which outlive them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIARY, type Entry, readDiary } from '../node/diary.ts';
import type { Node } from './node.ts';
import type { Scene } from './scene.ts';
import { pause } from './time.ts';

/** Of all of them. */
export const ROLE = 'worker';

/** Nodes that are killed and replaced, and the diaries of all that they were before. */
export class Crew implements AsyncDisposable {
	readonly #scene: Scene;
	readonly #urls: string | readonly string[];
	readonly #folder: string;
	readonly #workers: Node[] = [];
	readonly #diaries: string[] = [];

	private constructor(scene: Scene, urls: string | readonly string[], folder: string) {
		this.#scene = scene;
		this.#urls = urls;
		this.#folder = folder;
	}

	static async start(scene: Scene, urls: string | readonly string[], size: number): Promise<Crew> {
		const crew = scene.keep(new Crew(scene, urls, await mkdtemp(join(tmpdir(), 'troupe-diaries-'))));
		await Promise.all(Array.from({ length: size }, (_, at) => crew.#bring(at)));
		return crew;
	}

	/** The places of all. */
	get all(): readonly number[] {
		return this.#workers.map((_, at) => at);
	}

	/** The one at that place, as it is now. */
	at(place: number): Node {
		return this.#workers[place] as Node;
	}

	/** Kills some with -9, and brings in others, after what is to be done before. */
	async replace(which: readonly number[], before: () => Promise<void> = async () => {}): Promise<void> {
		await Promise.all(which.map((at) => this.#workers[at]?.kill()));
		await before();
		await Promise.all(which.map((at) => this.#bring(at)));
	}

	async freeze(at: number, ms: number): Promise<void> {
		this.#workers[at]?.signal('SIGSTOP');
		await pause(ms);
		this.#workers[at]?.signal('SIGCONT');
	}

	/** What each actor has handled, over all nodes, in the order of time. */
	history(): ReadonlyMap<string, number[]> {
		const entries: Entry[] = this.#diaries.flatMap(readDiary).sort((one, other) => one.at - other.at);
		const byActor = new Map<string, number[]>();
		for (const { actor, number } of entries) {
			const known = byActor.get(actor);
			if (known) known.push(number);
			else byActor.set(actor, [number]);
		}
		return byActor;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.#folder, { recursive: true });
	}

	async #bring(at: number): Promise<void> {
		const path = join(this.#folder, `${this.#diaries.length}`);
		this.#diaries.push(path);
		this.#workers[at] = await this.#scene.node(`worker-${at}`, this.#urls, { [DIARY]: path }, [ROLE]);
	}
}

/** How many numbers came for the first time when a higher one had been there. */
export function overtakings(numbers: readonly number[]): number {
	const seen = new Set<number>();
	let [highest, count] = [-1, 0];
	for (const number of numbers) {
		if (!seen.has(number) && number < highest) count++;
		seen.add(number);
		highest = Math.max(highest, number);
	}
	return count;
}
