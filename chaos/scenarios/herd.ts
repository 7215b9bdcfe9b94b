/** Fifty nodes of a thousand actors each lose their server and find it again, all at the same time. */

import type { HerdOrders } from '../node/herd.ts';
import type { Play, Scenario } from '../scenario.ts';
import { Child } from '../stage/child.ts';
import { Monitor } from '../stage/monitor.ts';
import { addUp } from '../stage/reckoning.ts';
import { percentile } from '../stage/statistics.ts';
import { now, pause, until } from '../stage/time.ts';

const MODULE = new URL(import.meta.resolve('../node/herd.js'));
const [PROCESSES, NODES_EACH, ACTORS] = [5, 10, 1_000];
const NODES = PROCESSES * NODES_EACH;
/** Without a server, in ms. */
const DOWN = 3_000;
/** Longest wait for anything that all have to do, in ms. */
const PATIENCE = 60_000;

export function herd(play: Play): Promise<void> {
	const title = `${NODES} nodes in ${PROCESSES} processes, ${ACTORS.toLocaleString('en')} actors each`;
	return play.scene(title, async (scene) => {
		const monitor = scene.keep(await Monitor.prepare());
		const server = await scene.server({ extraConfig: monitor.config });
		const names = Array.from({ length: NODES }, (_, at) => `node-${at}`);
		const children = Array.from({ length: PROCESSES }, (_, at) =>
			scene.keep(new Child<HerdOrders>(`herd ${at}`, MODULE)),
		);
		const namesAt = (at: number, shift = 0): string[] =>
			Array.from({ length: NODES_EACH }, (_, n) => names[(at * NODES_EACH + n + shift) % NODES] as string);
		monitor.watch();
		const joining = now();
		await Promise.all(children.map((child, at) => child.order('open', scene.system, server.url, namesAt(at))));
		await Promise.all(children.map((child) => child.order('spawn', ACTORS)));
		const joined = now() - joining;
		const all = async (): Promise<boolean> => {
			const seen = await Promise.all(children.map((child) => child.order('members')));
			return seen.flat().every((count) => count === NODES);
		};
		await until('all nodes know each other', PATIENCE, all);
		const visit = async (shift: number): Promise<Record<string, number>> =>
			addUp(await Promise.all(children.map((child, at) => child.order('visit', namesAt(at, shift), ACTORS))));
		play.invariant(`${title}: asks that failed before`, JSON.stringify(await visit(1)), '{}');
		const { consumers: atFirst } = monitor.peak();

		await server.kill('SIGKILL');
		await pause(DOWN);
		await server.restart();
		const [back, backAt] = [now(), Date.now()];
		monitor.watch();
		await until('all connections are back', PATIENCE, async () => (await monitor.connected()).length >= NODES);
		const reconnects = (await monitor.connected()).map((at) => at - backAt);
		play.invariant(`${title}: asks that failed after`, JSON.stringify(await visit(2)), '{}');
		const answered = now() - back;
		// For as long as somebody might still be declared dead.
		await pause(15_000);
		const peak = monitor.peak();
		const downs = (await Promise.all(children.map((child) => child.order('downs')))).flat();
		const books = (await Promise.all(children.map((child) => child.order('books')))).flat();
		play.invariant(`${title}: all nodes know each other`, await all(), true);
		play.invariant(`${title}: nodes declared dead`, downs.length, 0);
		play.invariant(`${title}: dead letters`, JSON.stringify(addUp(books.map((one) => one.deadLetters))), '{}');
		const consumers = Math.max(atFirst, peak.consumers);
		play.invariant(`${title}: more consumers than nodes (${consumers})`, consumers > NODES, false);
		return {
			'all joined and spawned (ms)': Math.round(joined),
			'reconnected, p50 / last (ms)': [0.5, 1].map((part) => Math.round(percentile(reconnects, part))).join(' / '),
			'every actor answered (ms)': Math.round(answered),
			'server: peak CPU (%)': Math.round(peak.cpu),
			'peak msg/s': Math.round(peak.messages),
			'peak memory (MiB)': Math.round(peak.memory / 1_024 ** 2),
			'consumers at most': consumers,
		};
	});
}

export const herdScenario: Scenario = {
	name: 'herd',
	what: '50 nodes (10 to a process) with 1,000 actors each: the server is killed, and all come back at once',
	run: herd,
};
