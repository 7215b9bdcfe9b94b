/**
 * Mixed traffic for a long time, and a fault by chance every 20 s. Three nodes stay, through pauses shorter than a lease and all
 * that happens to the servers; a fourth is killed or frozen for good, and replaced. Between the three nothing may be lost.
 */

import type { NatsCluster } from '../../runtime/transport/nats-cluster.ts';
import { type Play, type Scenario, shown } from '../scenario.ts';
import type { Node } from '../stage/node.ts';
import type { Scene } from '../stage/scene.ts';
import { percentile } from '../stage/statistics.ts';
import { now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

const PERIOD = 20_000;
/** Messages a second: of each node that stays, to all of them; and to the one that does not. */
const [RATE, TO_MORTAL] = [400, 50];
/** Growth of the heap after a full collection that is nobody's concern: from one third of the samples to the next, in MiB. */
const DRIFT = 4;
/** Handles that come and go. */
const HANDFUL = 5;
const MIB = 1_024 ** 2;

/** All that faults happen to. */
class Company {
	readonly stay: readonly Node[];
	readonly #scene: Scene;
	readonly #cluster: NatsCluster;
	#mortal: Node | undefined;
	#mortals = 0;

	constructor(scene: Scene, cluster: NatsCluster, stay: readonly Node[]) {
		this.#scene = scene;
		this.#cluster = cluster;
		this.stay = stay;
	}

	get others(): readonly Node[] {
		return this.#mortal ? [this.#mortal] : [];
	}

	/** Brings in another mortal, whom all that stay write to. */
	async replace(): Promise<void> {
		const name = `mortal-${++this.#mortals}`;
		for (const node of this.stay) await node.order('halt', `to mortal-${this.#mortals - 1}`);
		this.#mortal = await this.#scene.node(name, this.#cluster.urls);
		await this.#mortal.order('receive', [name]);
		const load = { stream: `to ${name}`, targets: [name], rate: TO_MORTAL };
		for (const node of this.stay) await node.order('pump', load);
	}

	/** What can happen, by what it is called. */
	readonly faults: Readonly<Record<string, () => Promise<void>>> = {
		'a server is killed': async () => {
			const server = oneOf(this.#cluster.servers);
			await server.kill('SIGKILL');
			await pause(3_000);
			await server.restart();
		},
		'a server hangs': async () => {
			const server = oneOf(this.#cluster.servers);
			server.pause();
			await pause(6_000);
			server.resume();
		},
		'all servers are killed': async () => {
			const { servers } = this.#cluster;
			await Promise.all(servers.map((server) => server.kill('SIGKILL')));
			await pause(2_000);
			await Promise.all(servers.map((server) => server.restart()));
		},
		'a node that stays is paused': async () => {
			const node = oneOf(this.stay);
			node.pause();
			await pause(4_000);
			node.resume();
		},
		'a node is killed': async () => {
			await this.#mortal?.kill();
			await this.replace();
		},
		'a node is frozen for longer than its lease': async () => {
			this.#mortal?.pause();
			await pause(15_000);
			this.#mortal?.resume();
		},
	};
}

export function soak(play: Play): Promise<void> {
	const { minutes, say } = play.conditions;
	const title = `${minutes} minutes`;
	return play.scene(title, async (scene) => {
		const cluster = await scene.cluster();
		const company = new Company(scene, cluster, await scene.nodes(['one', 'two', 'three'], cluster.urls));
		const { stay, faults } = company;
		const others = (): readonly Node[] => company.others;
		const traffic = await Traffic.begin({ from: stay, to: stay, rate: RATE, others });
		await company.replace();
		const samples: Sample[] = [];
		const rounds = Math.max(Math.round((minutes * 60_000) / PERIOD), 3);
		for (let round = 1, next = now() + PERIOD; round <= rounds; round++, next += PERIOD) {
			const fault = oneOf(Object.keys(faults));
			say(`    ${round} of ${rounds}: ${fault}`);
			await faults[fault]?.();
			await pause(Math.max(next - now(), 0));
			samples.push(await sample(stay));
		}
		const reckoning = await traffic.end();
		const incidents = await Promise.all(stay.map((node) => node.order('incidents')));
		const names = new Set(stay.map(({ name }) => name));
		const downs = incidents.flat().filter(({ what, name }) => what === 'nodeDown' && names.has(name));
		play.invariant(`${title}: lost`, reckoning.lost, 0);
		play.accounted(title, reckoning);
		play.invariant(`${title}: nodes declared dead that were not`, downs.length, 0);
		return { faults: rounds, ...shown(reckoning), ...flat(play, title, samples) };
	});
}

/** Of all that stay. */
interface Sample {
	readonly heap: number;
	readonly handles: number;
}

async function sample(nodes: readonly Node[]): Promise<Sample> {
	const all = await Promise.all(nodes.map((node) => node.order('memory')));
	return {
		heap: all.reduce((most, { heap }) => Math.max(most, heap), 0) / MIB,
		handles: all.reduce((most, { handles }) => Math.max(most, handles), 0),
	};
}

/** The first third belongs to the compilers; from the second to the last nothing may grow. */
function flat(play: Play, title: string, samples: readonly Sample[]): Record<string, string> {
	const third = Math.ceil(samples.length / 3);
	const level = (what: keyof Sample, from: number): number =>
		percentile(
			samples.slice(from, from + third).map((one) => one[what]),
			0.5,
		);
	const [heaps, handles] = (['heap', 'handles'] as const).map((what) => [level(what, third), level(what, 2 * third)]);
	const grown = ([before = 0, after = 0]: readonly number[] = []): number => after - before;
	play.invariant(`${title}: the heap grows (${heaps?.map((mib) => mib.toFixed(1))} MiB)`, grown(heaps) > DRIFT, false);
	play.invariant(`${title}: handles grow (${handles})`, grown(handles) > HANDFUL, false);
	return {
		'heap, middle and end (MiB)': heaps?.map((mib) => mib.toFixed(1)).join(' / ') ?? '',
		handles: handles?.join(' / ') ?? '',
	};
}

function oneOf<T>(choices: readonly T[]): T {
	return choices[Math.floor(Math.random() * choices.length)] as T;
}

export const soakScenario: Scenario = {
	name: 'soak',
	what: 'mixed traffic with a random fault every 20 s, for 30 minutes or --minutes',
	run: soak,
};
