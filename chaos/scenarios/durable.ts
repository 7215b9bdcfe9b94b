/**
 * Actors with durable mailboxes on nodes that are killed, frozen and, with NATS, all killed at once, while another node goes on
 * sending. Nothing may be lost; what was in hand when a node died is handled again, and counted.
 */

import type { Figures, Play, Scenario } from '../scenario.ts';
import { Crew, overtakings, ROLE } from '../stage/crew.ts';
import { leaderOf } from '../stage/leader.ts';
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

/** What happens to those who keep the messages, and those who handle them. */
type Incidents = (crew: Crew) => Promise<void>;

/** One sole server. */
export function durableMailboxes(play: Play): Promise<void> {
	return play.scene('a sole server', async (scene) => {
		const server = await scene.server();
		return durable(play, scene, server.url, async (crew) => {
			await crew.replace([0]);
			await pause(CALM);
			await server.kill('SIGKILL');
			await pause(3_000);
			await server.restart();
			await pause(CALM);
			await crew.freeze(1, FROZEN);
			await pause(CALM);
			await server.kill('SIGKILL');
			await crew.replace(crew.all, () => server.restart());
			await pause(CALM);
		});
	});
}

/** Three servers with three copies: each is killed in turn, the one that leads the mailboxes first, and one hangs. */
export function onThreeServers(play: Play): Promise<void> {
	return play.scene('three servers', async (scene) => {
		const cluster = await scene.cluster();
		return durable(play, scene, cluster.urls, async (crew) => {
			const { leader, follower } = await leaderOf(cluster, scene.system, `TROUPE_${scene.system}_mail`);
			await leader.kill('SIGKILL');
			await pause(CALM);
			await crew.replace([0]);
			await leader.restart();
			await pause(CALM);
			follower.pause();
			await pause(FROZEN / 2);
			follower.resume();
			await pause(CALM);
			for (const server of cluster.servers) {
				await server.kill('SIGKILL');
				await pause(1_000);
				await server.restart();
				await pause(CALM);
			}
		});
	});
}

async function durable(
	play: Play,
	scene: Scene,
	urls: string | readonly string[],
	happens: Incidents,
): Promise<Figures> {
	const title = `${ACTORS} durable mailboxes`;
	const crew = await Crew.start(scene, urls, WORKERS);
	const sender = await scene.node('sender', urls);
	const ids = Array.from({ length: ACTORS }, (_, at) => `durable-${at}`);
	await sender.order('lasting', ids, `role:${ROLE}`, 'durable');
	await sender.order('pump', { stream: 'sender', targets: ids, rate: RATE, durable: true });
	await until('all actors have something to do', PATIENCE, () => crew.history().size === ACTORS);
	await pause(1_000);
	await happens(crew);
	await sender.order('halt');
	const sent = async (): Promise<number> =>
		sum((await sender.order('sent')).flatMap(({ numbers }) => Object.values(numbers)));
	const open = async (): Promise<number> => sum((await sender.order('sent')).map((one) => one.open));
	/** Asks whose time was up before they could be stored: taken back, and counted. */
	const withdrawn = async (): Promise<number> => (await sender.order('books')).deadLetters.withdrawn ?? 0;
	const handled = (): number => sum([...crew.history().values()].map((numbers) => new Set(numbers).size));
	await holds(PATIENCE, async () => handled() + (await withdrawn()) === (await sent()) && (await open()) === 0);
	const [all, failed] = [await sent(), addUp((await sender.order('sent')).map((one) => one.failed))];
	const { ERR_ASK_TIMEOUT: late = 0, ...others } = failed;
	const { pending, deadLetters } = await sender.order('books');
	const { withdrawn: back = 0, ...dead } = deadLetters;
	const lost = all - handled() - back;
	const again = sum([...crew.history().values()].map((numbers) => numbers.length - new Set(numbers).size));
	const disorder = sum([...crew.history().values()].map(overtakings));
	play.invariant(`${title}: lost`, lost, 0);
	play.invariant(`${title}: taken back, of those that were late`, back <= late, true);
	play.invariant(`${title}: first handled after one that was sent later`, disorder, 0);
	play.invariant(`${title}: sends and asks left open`, await open(), 0);
	play.invariant(`${title}: sends and asks that failed, but by their time`, JSON.stringify(others), '{}');
	play.invariant(`${title}: pending at the sender`, pending, 0);
	play.invariant(`${title}: dead letters of the sender`, JSON.stringify(dead), '{}');
	return {
		sent: all,
		lost,
		'out of order': disorder,
		'handled again': again,
		'asks that were late': late,
		'of these not sent': back,
	};
}

export const durableScenario: Scenario = {
	name: 'durable',
	what: `${ACTORS} durable mailboxes: a node and then NATS killed with -9, a node frozen, and all nodes and NATS killed at once; on three servers, each of them killed`,
	async run(play) {
		await durableMailboxes(play);
		await onThreeServers(play);
	},
};
