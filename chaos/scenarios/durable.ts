/**
 * Actors with durable mailboxes on nodes that are killed, frozen and, with NATS, all killed at once, while another node goes on
 * sending. Nothing may be lost; what was in hand when a node died is handled again, and counted.
 */

import type { Play, Scenario } from '../scenario.ts';
import { Crew, overtakings, ROLE } from '../stage/crew.ts';
import { addUp, sum } from '../stage/reckoning.ts';
import { holds, pause, until } from '../stage/time.ts';

const [WORKERS, ACTORS] = [3, 8];
/** Messages a second, to all of them. */
const RATE = 1_600;
/** After an incident, in ms: what it takes to be declared dead, and to go on. */
const CALM = 6_000;
/** How long a node is frozen, in ms: longer than its lease. */
const FROZEN = 15_000;
const PATIENCE = 90_000;

/** Plays it: all incidents, one after the other. */
export function durableMailboxes(play: Play): Promise<void> {
	const title = `${ACTORS} durable mailboxes, ${RATE.toLocaleString('en')} msg/s`;
	return play.scene(title, async (scene) => {
		const server = await scene.server();
		const crew = await Crew.start(scene, server.url, WORKERS);
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
		await crew.replace(crew.all, () => server.restart());
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

export const durableScenario: Scenario = {
	name: 'durable',
	what: `${ACTORS} durable mailboxes: a node and then NATS killed with -9, a node frozen, and all nodes and NATS killed at once`,
	run: durableMailboxes,
};
