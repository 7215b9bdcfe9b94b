/** One of three servers is killed or hangs, the registry's leader or a follower, and the sender is connected to it. */

import { type Play, type Scenario, shown } from '../scenario.ts';
import { leaderOf } from '../stage/leader.ts';
import { now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

/** Longest silence of a receiver, in ms. */
const MOVE = 5_000;
const RATE = 2_000;
/** Before the fault, and after it, in ms. */
const [CALM, FAULT] = [2_000, 12_000];
/** Longest wait for a claim, in ms. */
const PATIENCE = 30_000;

type Fault = 'SIGKILL' | 'SIGSTOP';
type Whom = 'leader' | 'follower';

/** Plays one of the four. */
export function clusterFault(play: Play, fault: Fault, whom: Whom): Promise<void> {
	const title = `${fault} of the ${whom}`;
	return play.scene(title, async (scene) => {
		const cluster = await scene.cluster();
		const bystander = await scene.node('bystander', cluster.urls);
		const server = (await leaderOf(cluster, scene.system))[whom];
		// Told of one server only, they are connected to it, and learn of the others from it.
		const [sender, receiver] = await scene.nodes(['sender', 'receiver'], server.url);
		if (!sender || !receiver) throw new Error('no nodes');
		const traffic = await Traffic.begin({ from: [sender], to: [receiver], rate: RATE });
		await pause(CALM);
		const struck = now();
		if (fault === 'SIGKILL') await server.kill(fault);
		else server.pause();
		const claim = await bystander.order('claim', 'claimed-meanwhile', PATIENCE);
		await pause(Math.max(FAULT - (now() - struck), 0));
		const { from, to } = await traffic.silence();
		if (fault === 'SIGKILL') await server.restart();
		else server.resume();
		await pause(CALM);
		const reckoning = await traffic.end();
		play.complete(title, reckoning);
		play.invariant(`${title}: nodes declared dead`, await traffic.downs(), 0);
		play.invariant(`${title}: an ID is claimed in the end`, claim.won, true);
		play.target(`${title}: detect and move`, to - from, MOVE);
		const { repeated = 0, early = 0 } = await receiver.order('refusedFrames');
		return {
			...shown(reckoning),
			'longest silence (ms)': Math.round(to - from),
			'next claim after (ms)': Math.round(claim.at - struck),
			'frames that came again / too early': `${repeated} / ${early}`,
		};
	});
}

export const clusterFaultScenario: Scenario = {
	name: 'cluster-fault',
	what: 'one of three NATS servers: kill -9 and SIGSTOP, the leader and a follower, at 2,000 msg/s',
	async run(play) {
		for (const fault of ['SIGKILL', 'SIGSTOP'] as const)
			for (const whom of ['leader', 'follower'] as const) await clusterFault(play, fault, whom);
	},
};
