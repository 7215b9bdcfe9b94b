/** A node is killed: when do those who watch it know, when do asks fail, when can its IDs be claimed? */

import type { Play, Scenario } from '../scenario.ts';
import type { Node } from '../stage/node.ts';
import type { Scene } from '../stage/scene.ts';
import { percentile, spread } from '../stage/statistics.ts';
import { now, until } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

/** The targets of this project, in ms, for the slowest of a hundred. */
const [KNOW, TAKE_OVER] = [1_500, 3_000];
/** Longest wait for a claim, in ms. */
const PATIENCE = 30_000;
/** Messages a second to a victim that is written to. */
const RATE = 200;

/** From the kill, in ms. */
interface Round {
	readonly watch: number;
	readonly ask: number;
	readonly claim: number;
}

/** Plays so many rounds with a victim that nobody writes to, and with one that somebody does. */
export async function nodeKill(play: Play, rounds: number): Promise<void> {
	for (const written of [true, false]) await variant(play, rounds, written);
}

function variant(play: Play, rounds: number, written: boolean): Promise<void> {
	const title = written ? `written to, ${RATE} msg/s` : 'idle';
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const [witness, heir] = await scene.nodes(['witness', 'heir'], url);
		if (!witness || !heir) throw new Error('no nodes');
		const all: Round[] = [];
		for (let n = 1; n <= rounds && !play.over; n++)
			all.push(await round(play, scene, { url, witness, heir, n, written }));
		const of = (what: keyof Round): number[] => all.map((one) => one[what]);
		play.target(`${title}: watchers know, p99`, percentile(of('watch'), 0.99), KNOW);
		play.target(`${title}: asks fail, p99`, percentile(of('ask'), 0.99), KNOW);
		play.target(`${title}: IDs can be claimed, p99`, percentile(of('claim'), 0.99), TAKE_OVER);
		return {
			rounds,
			'watchers know, p50 / p99 (ms)': spread(of('watch')),
			'asks fail': spread(of('ask')),
			'IDs claimed': spread(of('claim')),
		};
	});
}

interface Cast {
	readonly url: string;
	readonly witness: Node;
	readonly heir: Node;
	readonly n: number;
	readonly written: boolean;
}

async function round(play: Play, scene: Scene, { url, witness, heir, n, written }: Cast): Promise<Round> {
	const id = `prize-${n}`;
	const victim = await scene.node(`victim-${n}`, url);
	await victim.order('receive', [id]);
	const traffic = written && (await Traffic.begin({ from: [witness], to: [victim], rate: RATE }));
	const mourning = witness.order('mourn', id);
	await until('the ask is there', PATIENCE, async () => (await victim.order('books')).pending > 0);
	const killed = now();
	const [obituary, claim] = await Promise.all([mourning, heir.order('claim', id, PATIENCE), victim.kill()]);
	const title = `round ${n}`;
	play.invariant(`${title}: the watcher is told`, obituary.watchSaid, 'node-down');
	play.invariant(`${title}: the ask fails with`, obituary.askSaid, 'ERR_NODE_DOWN');
	play.invariant(`${title}: the ID is claimed`, claim.won, true);
	if (traffic) {
		const { unaccounted, pending, open } = await traffic.end();
		for (const [what, found] of Object.entries({ unaccounted, pending, open }))
			play.invariant(`${title}: ${what}`, found, 0);
	}
	return { watch: obituary.watch - killed, ask: obituary.ask - killed, claim: claim.at - killed };
}

export const nodeKillScenario: Scenario = {
	name: 'node-kill',
	what: 'a node: kill -9, 20 rounds; until its watchers know, asks fail, and its IDs can be claimed',
	run: (play) => nodeKill(play, 20),
};
