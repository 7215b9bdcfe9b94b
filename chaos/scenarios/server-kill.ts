/** The sole server is killed and comes back, while messages keep being sent. */

import { type Play, type Scenario, shown } from '../scenario.ts';
import { now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

/** Before the kill and after the traffic is back, in ms. */
const CALM = 2_000;

/** Plays it for these times without a server, in s, and these rates. */
export async function serverKill(play: Play, downs: readonly number[], rates: readonly number[]): Promise<void> {
	for (const rate of rates) for (const down of downs) await once(play, down, rate);
}

function once(play: Play, down: number, rate: number): Promise<void> {
	const title = `${down} s down, ${rate.toLocaleString('en')} msg/s`;
	return play.scene(title, async (scene) => {
		const server = await scene.server();
		const [sender, receiver] = await scene.nodes(['sender', 'receiver'], server.url);
		if (!sender || !receiver) throw new Error('no nodes');
		const traffic = await Traffic.begin({ from: [sender], to: [receiver], rate });
		await pause(CALM);
		await server.kill('SIGKILL');
		await pause(down * 1_000);
		const back = now();
		await server.restart();
		const ready = now();
		await pause(CALM);
		const reckoning = await traffic.end();
		const { to } = await traffic.silence();
		play.complete(title, reckoning);
		play.invariant(`${title}: nodes declared dead`, await traffic.downs(), 0);
		return {
			...shown(reckoning),
			'server up again (ms)': Math.round(ready - back),
			'flows after (ms)': Math.round(to - ready),
		};
	});
}

export const serverKillScenario: Scenario = {
	name: 'server-kill',
	what: 'the sole NATS server: kill -9, down 1, 5 and 27 s, at 1,000 and 20,000 msg/s',
	run: (play) => serverKill(play, [1, 5, 27], [1_000, 20_000]),
};
