/**
 * A node is frozen for longer than its lease, under load, while another claims its IDs, and then goes on: no message may be
 * handled by both.
 */

import { type Play, type Scenario, shown } from '../scenario.ts';
import { holds, now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

const LEASE = 10_000;
const RATE = 200;
/** Longest wait for a claim and for coming back, in ms. */
const PATIENCE = 30_000;
/** With one owner, before and after, in ms. */
const CALM = 2_000;

/** One round: what two owners did of one ID. */
export function zombie(play: Play, title: string): Promise<void> {
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const [sender, holder, rival] = await scene.nodes(['sender', 'holder', 'rival'], url);
		if (!sender || !holder || !rival) throw new Error('no nodes');
		const incarnation = holder.id;
		const traffic = await Traffic.begin({ from: [sender], to: [holder, rival], rate: RATE, receivers: 1 });
		await pause(CALM);
		const frozen = now();
		holder.pause();
		const claim = await rival.order('claim', 'holder-0', PATIENCE);
		// Asleep until the successor has worked for a while, and longer than the lease.
		await pause(Math.max(LEASE + CALM - (now() - frozen), CALM));
		holder.resume();
		const awake = now();
		const back = await holds(PATIENCE, async () => {
			const { id } = await holder.order('self');
			return id !== incarnation && (await sender.order('members')).some((member) => member.id === id);
		});
		const rejoined = now() - awake;
		await pause(CALM);
		const reckoning = await traffic.end();
		const { doubled } = reckoning;
		const { stale = 0 } = await sender.order('refusedFrames');
		play.accounted(title, reckoning);
		const acted = (await holder.lastHandled('holder-0')) > claim.at;
		play.invariant(`${title}: the holder acts after it has lost the ID`, acted, false);
		play.invariant(`${title}: the ID is claimed while its holder is frozen`, claim.won, true);
		play.invariant(`${title}: the holder comes back as a new incarnation`, back, true);
		await holder.order('receive', ['again']);
		play.invariant(`${title}: an actor of the new incarnation answers`, await sender.order('ask', 'again'), undefined);
		return {
			'taken over after (ms)': Math.round(claim.at - frozen),
			'back after (ms)': Math.round(rejoined),
			'handled by both': doubled,
			'stale frames refused': stale,
			...shown(reckoning),
		};
	});
}

export const zombieScenario: Scenario = {
	name: 'zombie',
	what: 'a node: SIGSTOP for longer than its lease, another takes its ID over, SIGCONT; 200 msg/s, 5 rounds',
	async run(play) {
		for (let round = 1; round <= 5; round++) await zombie(play, `round ${round}`);
	},
};
