/**
 * Nodes and servers that cannot reach each other, one of them or both: who is alone stops acting as owner, nothing is handled
 * twice or out of order, and when the network is whole again, so is the cluster.
 */

import { type Play, type Scenario, shown } from '../scenario.ts';
import { leaderOf } from '../stage/leader.ts';
import type { Node } from '../stage/node.ts';
import type { Direction } from '../stage/proxy.ts';
import { splitCluster } from '../stage/split-cluster.ts';
import { holds, now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

const RATE = 500;
const CALM = 2_000;
/** Shorter than a lease and longer than it takes to notice; longer than a lease and its margins. In ms. */
const [SHORT, LONG] = [7_000, 25_000];
/** A node that is cut off has stopped acting as owner: half open is noticed after 3 s, the fence falls 1 s later. */
const FENCED = 5_000;
/** The same for a node whose server is cut off: only its lease tells it. */
const LAPSED = 10_500;
const PATIENCE = 40_000;
/** Each way, in ms; and how many connections in a hundred are reset each second, for how many seconds. */
const [LATENCY, RESETS, SECONDS] = [200, 5, 30];

/** What is cut: how, for how long, after what time the node has to be silent. */
interface Cut {
	readonly title: string;
	readonly length: number;
	/** Whether the others have to declare the node dead meanwhile. */
	readonly evicted: boolean;
	readonly fenced: number;
	readonly strike: () => void;
	readonly heal: () => void;
}

/** A node is cut off from its server. */
export function fromServer(play: Play, direction: Direction, length: number): Promise<void> {
	const how = { both: 'both ways', out: 'what it sends', in: 'what it gets' }[direction];
	const title = `node | server, ${how}, ${length / 1_000} s`;
	return play.scene(title, async (scene) => {
		const server = await scene.server();
		const wire = await scene.proxy(server.port);
		const near = await scene.node('near', server.url);
		const far = await scene.node('far', `nats://127.0.0.1:${wire.port}`);
		const strike = (): void => wire.cut(direction);
		// The node closes the connection on which it gets nothing, and the server sees it go: as if its process had ended.
		const evicted = length === LONG || direction === 'in';
		return cut(play, near, far, { title, length, evicted, fenced: FENCED, strike, heal: () => wire.heal() });
	});
}

/** The server of a node, the registry's leader, is cut off from the others. */
export function betweenServers(play: Play, refused: boolean): Promise<void> {
	const title = `server | servers, ${refused ? 'refused' : 'held back'}, ${LONG / 1_000} s`;
	return play.scene(title, async (scene) => {
		const cluster = await splitCluster(scene);
		const scout = await scene.node('scout', cluster.urls);
		const { leader, follower } = await leaderOf(cluster, scene.system);
		const near = await scene.node('near', follower.url);
		const far = await scene.node('far', leader.url);
		await scout.order('leave');
		const strike = (): void => cluster.isolate(leader, refused);
		return cut(play, near, far, {
			title,
			length: LONG,
			evicted: true,
			fenced: LAPSED,
			strike,
			heal: () => cluster.heal(),
		});
	});
}

async function cut(play: Play, near: Node, far: Node, { title, length, evicted, fenced, strike, heal }: Cut) {
	const incarnation = far.id;
	const traffic = await Traffic.begin({ from: [near, far], to: [near, far], rate: RATE, receivers: 2 });
	await pause(CALM);
	const struck = now();
	strike();
	const claiming = evicted ? near.order('claim', 'far-0', PATIENCE) : undefined;
	await pause(fenced);
	const before = await handledAt(far);
	await pause(struck + length - now());
	play.invariant(
		`${title}: handled by the node that is cut off, when it should be fenced`,
		await handledAt(far),
		before,
	);
	heal();
	const healed = now();
	const claim = await claiming;
	const whole = await holds(PATIENCE, async () => {
		const { id } = await far.order('self');
		return (id !== incarnation) === evicted && (await near.order('members')).some((member) => member.id === id);
	});
	const { to } = await traffic.silence();
	await pause(CALM);
	const reckoning = await traffic.end();
	if (evicted) play.accounted(title, reckoning);
	else play.complete(title, reckoning);
	play.invariant(`${title}: the cluster is whole again`, whole, true);
	if (claim) {
		const acted = (await far.lastHandled('far-0')) > claim.at;
		play.invariant(`${title}: what it owned is taken over`, claim.won, true);
		play.invariant(`${title}: it acts after it has lost the ID`, acted, false);
	}
	return {
		...shown(reckoning),
		'taken over after (ms)': claim ? Math.round(claim.at - struck) : '',
		'flows after (ms)': evicted ? '' : Math.round(to - healed),
	};
}

/** Everything is slow, and connections break. */
export function bad(play: Play): Promise<void> {
	const title = `${LATENCY} ms each way, ${RESETS} % of connections reset each second`;
	return play.scene(title, async (scene) => {
		const server = await scene.server();
		const wires = await Promise.all(['one', 'two', 'three'].map(() => scene.proxy(server.port)));
		for (const wire of wires) wire.latency = LATENCY;
		const nodes = await Promise.all(wires.map((wire, at) => scene.node(`node-${at}`, `nats://127.0.0.1:${wire.port}`)));
		const traffic = await Traffic.begin({ from: nodes, to: nodes, rate: RATE, receivers: 2 });
		let resets = 0;
		for (let second = 1; second <= SECONDS; second++) {
			await pause(1_000);
			for (const wire of wires) resets += wire.reset(() => Math.random() * 100 < RESETS);
			// Chance may spare them all.
			if (second % 10 === 0) resets += wires[(second / 10) % wires.length]?.reset() ?? 0;
		}
		const { from, to } = await traffic.silence();
		const reckoning = await traffic.end();
		play.complete(title, reckoning);
		play.invariant(`${title}: nodes declared dead`, await traffic.downs(), 0);
		return { ...shown(reckoning), resets, 'longest silence (ms)': Math.round(to - from) };
	});
}

export const partitionScenario: Scenario = {
	name: 'partition',
	what: 'a proxy cuts a node from its server, one way and both, and servers from each other; latency and resets',
	async run(play) {
		for (const direction of ['both', 'out', 'in'] as const)
			for (const length of [SHORT, LONG]) await fromServer(play, direction, length);
		for (const refused of [false, true]) await betweenServers(play, refused);
		await bad(play);
	},
};

/** How many messages the node's actors have handled so far. */
async function handledAt(node: Node): Promise<number> {
	const scores = await node.order('scores');
	return scores.flatMap(({ ranges }) => ranges).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
