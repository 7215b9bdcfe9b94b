/**
 * Channels, a pipeline and a topic between nodes of which some are killed, and over a NATS that is killed too. What was confirmed
 * is never lost; what was in the hands of a node that died comes again where that was asked for, and nowhere else.
 */

import type { ChannelOptions } from '../../index.ts';
import type { NatsServer } from '../../testkit.ts';
import type { Play, Scenario } from '../scenario.ts';
import { Crew, overtakings } from '../stage/crew.ts';
import type { Node } from '../stage/node.ts';
import { holds, pause, until } from '../stage/time.ts';

const [WORKERS, RATE] = [3, 2_000];
/** Values of a scene. */
const COUNT = 30_000;
/** Between two kills, in ms. */
const EACH = 2_500;
const PATIENCE = 90_000;
/** How long NATS is away, in ms. */
const DOWN = 2_000;

/** Workers that drain a channel are killed one after the other, and NATS in between; with `home`, who has the channel is one of them. */
async function channels(play: Play, title: string, options: ChannelOptions, home: boolean): Promise<void> {
	await play.scene(title, async (scene) => {
		const server = await scene.server();
		const crew = await Crew.start(scene, server.url, WORKERS);
		const base = await scene.node('base', server.url);
		const drain = (place: number): Promise<void> => crew.at(place).order('drain', 'values', options);
		if (home) await drain(0);
		await base.order('feed', 'values', options, COUNT, RATE);
		for (const place of crew.all.slice(home ? 1 : 0)) await drain(place);
		const handled = (): readonly number[] => crew.history().get('values') ?? [];
		let killed = 0;
		await torment(base, server, async () => {
			const place = killed++ % WORKERS;
			await crew.replace([place]);
			await drain(place);
		});
		await until('all is sent', PATIENCE, async () => (await base.order('fed')).over);
		await holds(PATIENCE, () => new Set(handled()).size === COUNT);
		await pause(500);
		const different = new Set(handled()).size;
		play.invariant(`${title}: lost`, COUNT - different, 0);
		// What is given again comes late, and what was sent again as well.
		const { again } = await base.order('fed');
		return {
			values: COUNT,
			lost: COUNT - different,
			again: handled().length - different,
			'sent again': again,
			'nodes killed': killed,
			// Several receivers are none in each other's order.
			'out of order': '-',
		};
	});
}

/** Whose workers are killed, and NATS in between. */
async function squares(play: Play): Promise<void> {
	const title = `a pipeline, ${RATE.toLocaleString('en')} elements/s`;
	await play.scene(title, async (scene) => {
		const server = await scene.server();
		const crew = await Crew.start(scene, server.url, WORKERS);
		const base = await scene.node('base', server.url);
		await base.order('squares', COUNT, RATE);
		let killed = 0;
		await torment(base, server, () => crew.replace([killed++ % WORKERS]));
		await until('the run is over', PATIENCE, async () => (await base.order('fed')).over);
		const { collected } = await base.order('got');
		const lost = COUNT - new Set(collected).size;
		play.invariant(`${title}: lost`, lost, 0);
		play.invariant(`${title}: doubled`, collected.length - new Set(collected).size, 0);
		play.invariant(`${title}: out of order`, overtakings(collected), 0);
		return { values: COUNT, lost, again: 0, 'sent again': 0, 'nodes killed': killed, 'out of order': 0 };
	});
}

/** Heard by nodes of which one dies; the others miss nothing, though NATS is away for a while. */
async function topic(play: Play): Promise<void> {
	const title = `a topic, ${RATE.toLocaleString('en')} values/s`;
	await play.scene(title, async (scene) => {
		const server = await scene.server();
		const nodes = await scene.nodes(['base', 'one', 'other', 'mortal'], server.url);
		const [base, ...listeners] = nodes as [Node, ...Node[]];
		await Promise.all(listeners.map((node) => node.order('listen', 'news')));
		await base.order('publish', 'news', COUNT / 3, RATE);
		await pause(1_000);
		await listeners[2]?.kill();
		await server.kill('SIGKILL');
		await pause(DOWN);
		await server.restart();
		await until('all is published', PATIENCE, async () => (await base.order('fed')).over);
		let missed = 0;
		for (const node of listeners.slice(0, 2)) {
			await holds(20_000, async () => (await node.order('got')).heard.length >= COUNT / 3);
			const { heard } = await node.order('got');
			play.invariant(`${title}: out of order`, overtakings(heard), 0);
			play.invariant(`${title}: doubled`, heard.length - new Set(heard).size, 0);
			missed += COUNT / 3 - new Set(heard).size;
		}
		play.invariant(`${title}: missed by those who live`, missed, 0);
		return { values: COUNT / 3, lost: missed, again: 0, 'sent again': 0, 'nodes killed': 1, 'out of order': 0 };
	});
}

/** Kills a node now and then until the base has sent all, and NATS once. */
async function torment(base: Node, server: NatsServer, kill: () => Promise<void>): Promise<void> {
	for (let moment = 1; !(await base.order('fed')).over && moment < 20; moment++) {
		await pause(EACH);
		if (moment !== 3) await kill();
		else {
			await server.kill('SIGKILL');
			await pause(DOWN);
			await server.restart();
		}
	}
}

export const pipesScenario: Scenario = {
	name: 'pipes',
	what: 'channels, a pipeline and a topic between nodes that are killed, over a NATS that is killed too',
	async run(play) {
		await channels(play, 'a channel whose receivers die', { capacity: 256, redeliver: true }, false);
		await channels(
			play,
			'a durable channel whose home dies, too',
			{ capacity: 256, redeliver: true, durable: true },
			true,
		);
		await squares(play);
		await topic(play);
	},
};
