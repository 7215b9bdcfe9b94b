/** A rolling upgrade of the servers: each of three is told to leave as a lame duck and comes back, under load. */

import { type Play, type Scenario, shown } from '../scenario.ts';
import { now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

const RATE = 5_000;
/** Between a server's return and the next one's leave, in ms. */
const CALM = 3_000;
/** The shortest that a server allows; it leaves earlier when its clients are gone. */
const LAME_DUCK = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "1s"';

/** Plays it. */
export function lameDuck(play: Play): Promise<void> {
	const title = 'each in turn';
	return play.scene(title, async (scene) => {
		const cluster = await scene.cluster({ extraConfig: LAME_DUCK });
		const nodes = await scene.nodes(['one', 'two', 'three'], cluster.urls);
		const traffic = await Traffic.begin({ from: nodes, to: nodes, rate: RATE / nodes.length });
		await pause(CALM);
		const leaves: number[] = [];
		for (const server of cluster.servers) {
			const told = now();
			await server.kill('SIGUSR2');
			leaves.push(Math.round((now() - told) / 1_000));
			await server.restart();
			await pause(CALM);
		}
		const { from, to } = await traffic.silence();
		const reckoning = await traffic.end();
		play.complete(title, reckoning);
		play.invariant(`${title}: nodes declared dead`, await traffic.downs(), 0);
		return {
			...shown(reckoning),
			'each gone after (s)': leaves.join(', '),
			'longest silence (ms)': Math.round(to - from),
		};
	});
}

export const lameDuckScenario: Scenario = {
	name: 'lame-duck',
	what: 'three NATS servers: lame-duck shutdown of each in turn, at 5,000 msg/s',
	run: lameDuck,
};
