/** A slow receiver and more than it can take: memory of both sides stays bounded, senders that wait slow down, the rest is counted. */

import type { Figures, Play, Scenario } from '../scenario.ts';
import type { Node } from '../stage/node.ts';
import { reckon, still } from '../stage/reckoning.ts';
import { holds, pause } from '../stage/time.ts';

/** Messages, their bytes, and how many a second a sender that does not wait sends. */
const [TELLS, BYTES, RATE] = [400_000, 1_024, 40_000];
/** How many wait for room at a time. */
const SENDERS = 256;
/** Room in the mailbox that they send to, beside the message in hand. */
const ROOM = 1_000;
/** What may be held, in MiB: the outbox is 64, a mailbox of 65,536 such messages some 100. All of them are 400. */
const GROWTH = 256;
/** A mailbox of 65,536 at 1 ms each takes 75 s. */
const PATIENCE = 150_000;
const MIB = 1_024 ** 2;
/** Between two looks at the memory, in ms. */
const LOOK = 500;

/** Who does not wait. */
export function tells(play: Play): Promise<void> {
	const title = `${TELLS.toLocaleString('en')} tells, ${RATE.toLocaleString('en')} a second`;
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const [sender, receiver] = await scene.nodes(['sender', 'receiver'], url);
		if (!sender || !receiver) throw new Error('no nodes');
		await receiver.order('receive', ['slow'], 'slow');
		const gauge = scene.keep(await Gauge.start([sender, receiver]));
		const load = { stream: 'flood', targets: ['slow'], bytes: BYTES, most: TELLS, tells: true };
		await sender.order('pump', { ...load, rate: RATE });
		const current = async () =>
			reckon(
				await sender.order('sent'),
				await receiver.order('scores'),
				await Promise.all([sender, receiver].map((node) => node.order('books'))),
			);
		await holds(PATIENCE, async () => (await current()).sent === TELLS);
		await holds(PATIENCE, async () => still(await current()));
		const reckoning = await current();
		const { dead, deadLetters } = reckoning;
		play.invariant(`${title}: sent`, reckoning.sent, TELLS);
		play.accounted(title, reckoning);
		play.invariant(`${title}: overflowed`, dead > 0, true);
		play.invariant(
			`${title}: dead letters of an overflow`,
			(deadLetters['mailbox-full'] ?? 0) + (deadLetters['outbox-full'] ?? 0),
			dead,
		);
		return {
			sent: TELLS,
			handled: reckoning.handled,
			'dead letters': letters(deadLetters),
			...(await gauge.figures(play, title)),
		};
	});
}

/** Who waits for room. */
export function sends(play: Play): Promise<void> {
	const { sends: count } = play.conditions;
	const title = `${count.toLocaleString('en')} sends, ${SENDERS} at a time, room for ${ROOM.toLocaleString('en')}`;
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const [sender, receiver] = await scene.nodes(['sender', 'receiver'], url);
		if (!sender || !receiver) throw new Error('no nodes');
		await receiver.order('receive', ['tight'], 'tight');
		const gauge = scene.keep(await Gauge.start([sender, receiver]));
		const load = { stream: 'press', targets: ['tight'], bytes: BYTES, most: count };
		await sender.order('press', load, SENDERS);
		let pressed = await sender.order('pressed');
		// At 1,100 a second they take the half of that.
		await holds(PATIENCE + 2 * count, async () => (pressed = await sender.order('pressed')) !== undefined);
		if (!pressed) throw new Error('the sends were not accepted');
		const { rate, sent } = pressed;
		const current = async () =>
			reckon(
				[sent],
				await receiver.order('scores'),
				await Promise.all([sender, receiver].map((node) => node.order('books'))),
			);
		const { handled } = await current();
		play.invariant(`${title}: accepted before there was room for it`, Math.max(count - handled - (ROOM + 1), 0), 0);
		await holds(PATIENCE, async () => still(await current()));
		const reckoning = await current();
		play.complete(title, reckoning);
		play.invariant(`${title}: senders are slowed down to what is handled (under 1,100 a second)`, rate < 1_100, true);
		return {
			sent: count,
			handled: reckoning.handled,
			'dead letters': letters(reckoning.deadLetters),
			'accepted a second': Math.round(rate),
			...(await gauge.figures(play, title)),
		};
	});
}

/** What two processes hold, after a full collection, at most, while it is watched. */
class Gauge implements AsyncDisposable {
	readonly #nodes: readonly Node[];
	readonly #before: readonly number[];
	readonly #most: number[];
	#over = false;

	private constructor(nodes: readonly Node[], before: readonly number[]) {
		this.#nodes = nodes;
		this.#before = before;
		this.#most = [...before];
		void this.#watch();
	}

	static async start(nodes: readonly Node[]): Promise<Gauge> {
		return new Gauge(nodes, await held(nodes));
	}

	/** Ends the watch: what each process held at most beyond what it held at first, and its greatest size ever. */
	async figures(play: Play, title: string): Promise<Figures> {
		this.#over = true;
		const figures: Record<string, number> = {};
		for (const [at, node] of this.#nodes.entries()) {
			const growth = Math.round((this.#most[at] as number) - (this.#before[at] as number));
			play.invariant(`${title}: the ${node.name} holds more than ${GROWTH} MiB`, growth > GROWTH, false);
			figures[`${node.name} holds (MiB)`] = growth;
			figures[`${node.name}: peak RSS`] = Math.round((await node.order('memory')).peak / MIB);
		}
		return figures;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#over = true;
	}

	async #watch(): Promise<void> {
		while (!this.#over) {
			await pause(LOOK);
			const now = await held(this.#nodes).catch(() => this.#most);
			for (const [at, mib] of now.entries()) this.#most[at] = Math.max(this.#most[at] as number, mib);
		}
	}
}

async function held(nodes: readonly Node[]): Promise<readonly number[]> {
	const all = await Promise.all(nodes.map((node) => node.order('memory')));
	return all.map(({ heap, external }) => (heap + external) / MIB);
}

function letters(counts: Readonly<Record<string, number>>): string {
	return Object.entries(counts)
		.map(([reason, count]) => `${reason} ${count.toLocaleString('en')}`)
		.join(', ');
}

export const floodScenario: Scenario = {
	name: 'flood',
	what: 'an actor that takes 1 ms for each message of 1 KiB gets 400,000 at once; senders that wait, and senders that do not',
	async run(play) {
		await tells(play);
		await sends(play);
	},
};
