/** Nodes race for names before, while and after the server that leads the registry is killed; then the registry is lost altogether. */

import { rm } from 'node:fs/promises';
import type { Play, Scenario } from '../scenario.ts';
import { leaderOf } from '../stage/leader.ts';
import { addUp } from '../stage/reckoning.ts';
import { holds, now, pause } from '../stage/time.ts';

const [NODES, NAMES, ROUNDS] = [6, 400, 3];
/** Names from this one on are raced for when all others have an owner. */
const LATE = 300;
/**
 * Between the start of the race and the kill, and until all have started to race for the last name, in ms: the registry has
 * no leader for some five seconds.
 */
const [HEAD_START, SPREAD] = [2_000, 8_000];
const PATIENCE = 60_000;

export function nameRace(play: Play, round: number): Promise<void> {
	const title = `round ${round}`;
	return play.scene(title, async (scene) => {
		const cluster = await scene.cluster();
		const nodes = await scene.nodes(
			Array.from({ length: NODES }, (_, at) => `racer-${at}`),
			cluster.urls,
		);
		const { leader } = await leaderOf(cluster, scene.system);
		const names = Array.from({ length: NAMES }, (_, at) => `name-${at}`);
		const started = now();
		const racing = Promise.all(nodes.map((node) => node.order('race', names.slice(0, LATE), PATIENCE, SPREAD)));
		await pause(HEAD_START);
		await leader.kill('SIGKILL');
		const killed = now();
		const first = await racing;
		const settled = now();
		const last = await Promise.all(nodes.map((node) => node.order('race', names.slice(LATE), PATIENCE, 0)));
		const results = first.map((ones, at) => [...ones, ...(last[at] ?? [])]);
		const took = now() - started;
		const claims = results.flat();
		const before = claims.filter(({ at }) => at <= killed).length;
		const during = claims.filter(({ began, at }) => began < settled && at > killed).length;
		for (const [when, count] of Object.entries({ before, during }))
			play.invariant(`${title}: claims ${when} the time without a leader`, count > 0, true);
		const owners = new Map(
			names.map((name) => [name, nodes.filter((_, at) => results[at]?.some(({ id, won }) => id === name && won))]),
		);
		const several = [...owners.values()].filter(({ length }) => length > 1).length;
		const none = [...owners.values()].filter(({ length }) => length === 0).length;
		const unresolved = claims.filter(({ won, failed }) => !won && !failed['ERR_ID_TAKEN']).length;
		play.invariant(`${title}: names with several winners`, several, 0);
		play.invariant(`${title}: names without a winner`, none, 0);
		play.invariant(`${title}: claims that were never settled`, unresolved, 0);
		if (play.over) return { claims: claims.length, 'several winners': several, 'no winner': none, unresolved };
		await leader.restart();

		const found = async (): Promise<Map<string, number>> => {
			const [asker] = nodes;
			const epochs = new Map<string, number>();
			for (const name of names) {
				const place = await asker?.order('whereis', name);
				if (place && place.node === owners.get(name)?.[0]?.id) epochs.set(name, place.epoch);
			}
			return epochs;
		};
		const epochs = await found();
		play.invariant(`${title}: names found where they were won`, epochs.size, NAMES);

		await Promise.all(cluster.servers.map((server) => server.kill('SIGKILL')));
		await Promise.all(cluster.servers.map(({ storeDir }) => rm(storeDir, { recursive: true })));
		await Promise.all(cluster.servers.map((server) => server.restart()));
		const back = now();
		let renewed = new Map<string, number>();
		await holds(PATIENCE, async () => (renewed = await found().catch(() => new Map())).size === NAMES);
		const registered = now() - back;
		play.invariant(`${title}: names registered again after the store was lost`, renewed.size, NAMES);
		const lower = names.filter((name) => (renewed.get(name) ?? 0) <= (epochs.get(name) ?? 0)).length;
		play.invariant(`${title}: epochs that did not rise`, lower, 0);
		const answers = await Promise.all(names.map((name) => nodes[1]?.order('ask', name)));
		const silent = addUp(answers.flatMap((code) => (code === undefined ? [] : [{ [code]: 1 }])));
		play.invariant(`${title}: actors that do not answer`, JSON.stringify(silent), '{}');
		return {
			claims: claims.length,
			'before / while / after': [before, during, claims.length - before - during].join(' / '),
			'several winners': several,
			'no winner': none,
			unresolved,
			'claims tried again': Object.entries(addUp(claims.map(({ failed: { ERR_ID_TAKEN, ...again } }) => again)))
				.map(([code, count]) => `${code} ${count}`)
				.join(', '),
			'race took (ms)': Math.round(took),
			'registered again after the wipe (ms)': Math.round(registered),
		};
	});
}

export const nameRaceScenario: Scenario = {
	name: 'name-race',
	what: 'six nodes race for 400 names before, while and after the leader of JetStream is killed; then its state is wiped',
	async run(play) {
		for (let round = 1; round <= ROUNDS; round++) await nameRace(play, round);
	},
};
