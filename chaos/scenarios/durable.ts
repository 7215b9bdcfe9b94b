/**
 * Actors with durable mailboxes on nodes that are killed, frozen and, with NATS, all killed at once, while another node goes on
 * sending. Nothing may be lost; what was in hand when a node died is handled again, and counted.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIARY, type Entry, readDiary } from '../node/diary.ts';
import type { Play, Scenario } from '../scenario.ts';
import type { Node } from '../stage/node.ts';
import { addUp, sum } from '../stage/reckoning.ts';
import type { Scene } from '../stage/scene.ts';
import { holds, pause, until } from '../stage/time.ts';

const [WORKERS, ACTORS] = [3, 8];
/** Messages a second, to all of them. */
const RATE = 1_600;
/** After an incident, in ms: what it takes to be declared dead, and to go on. */
const CALM = 6_000;
/** How long a node is frozen, in ms: longer than its lease. */
const FROZEN = 15_000;
const PATIENCE = 90_000;
const ROLE = 'worker';

/** Plays it: all incidents, one after the other. */
export function durableMailboxes(play: Play): Promise<void> {
	const title = `${ACTORS} durable mailboxes, ${RATE.toLocaleString('en')} msg/s`;
	return play.scene(title, async (scene) => {
		const server = await scene.server();
		const crew = await Crew.start(scene, server.url);
		const sender = await scene.node('sender', server.url);
		const ids = Array.from({ length: ACTORS }, (_, at) => `durable-${at}`);
		await sender.order('lasting', ids, `role:${ROLE}`, 'durable');
		await sender.order('pump', { stream: 'sender', targets: ids, rate: RATE, durable: true });
		await until('all actors have something to do', PATIENCE, () => crew.history().size === ACTORS);
		await pause(1_000);
		await crew.replace([0]);
		await pause(CALM);
		await server.kill('SIGKILL');
		await pause(3_000);
		await server.restart();
		await pause(CALM);
		await crew.freeze(1, FROZEN);
		await pause(CALM);
		await server.kill('SIGKILL');
		await crew.replace(
			Array.from({ length: WORKERS }, (_, at) => at),
			() => server.restart(),
		);
		await pause(CALM);
		await sender.order('halt');
		const sent = async (): Promise<number> =>
			sum((await sender.order('sent')).flatMap(({ numbers }) => Object.values(numbers)));
		const open = async (): Promise<number> => sum((await sender.order('sent')).map((one) => one.open));
		const handled = (): number => sum([...crew.history().values()].map((numbers) => new Set(numbers).size));
		await holds(PATIENCE, async () => handled() === (await sent()) && (await open()) === 0);
		const [all, failed] = [await sent(), addUp((await sender.order('sent')).map((one) => one.failed))];
		const { ERR_ASK_TIMEOUT: late = 0, ...others } = failed;
		const again = sum([...crew.history().values()].map((numbers) => numbers.length - new Set(numbers).size));
		const disorder = sum([...crew.history().values()].map(overtakings));
		play.invariant(`${title}: lost`, all - handled(), 0);
		play.invariant(`${title}: first handled after one that was sent later`, disorder, 0);
		play.invariant(`${title}: sends and asks left open`, await open(), 0);
		play.invariant(`${title}: sends and asks that failed, but by their time`, JSON.stringify(others), '{}');
		const { pending, deadLetters } = await sender.order('books');
		play.invariant(`${title}: pending at the sender`, pending, 0);
		play.invariant(`${title}: dead letters of the sender`, JSON.stringify(deadLetters), '{}');
		return {
			sent: all,
			lost: all - handled(),
			'out of order': disorder,
			'handled again': again,
			'asks that were late': late,
		};
	});
}

/** How many numbers came for the first time when a higher one had been there. */
function overtakings(numbers: readonly number[]): number {
	const seen = new Set<number>();
	let [highest, count] = [-1, 0];
	for (const number of numbers) {
		if (!seen.has(number) && number < highest) count++;
		seen.add(number);
		highest = Math.max(highest, number);
	}
	return count;
}

/** The nodes that have the actors, and the diaries of all that they were before. */
class Crew implements AsyncDisposable {
	readonly #scene: Scene;
	readonly #url: string;
	readonly #folder: string;
	readonly #workers: Node[] = [];
	readonly #diaries: string[] = [];

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
		this.#workers[at] = await this.#scene.node(`worker-${at}`, this.#url, { [DIARY]: path }, [ROLE]);
	}
}

export const durableScenario: Scenario = {
	name: 'durable',
	what: `${ACTORS} durable mailboxes: a node and then NATS killed with -9, a node frozen, and all nodes and NATS killed at once`,
	run: durableMailboxes,
};
