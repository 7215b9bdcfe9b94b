/** One of the two nodes of a soak: a process that does what its referee orders, and never outlives it. */

import { setTimeout as pause } from 'node:timers/promises';
import { type ActorRef, ActorSystem } from 'troupe';
import { named, REMEMBERED, swarm } from './churn.ts';
import { Host, Mayfly } from './mayfly.ts';
import type { Brief, NodeName, Order, Report } from './orders.ts';
import { sampleOf } from './sample.ts';
import { Sink } from './sink.ts';
import { type LoadName, newTally } from './tally.ts';
import { asks, localAsks, onceATurn, tells, tellsAndLarge } from './traffic.ts';
import { Treadmill } from './treadmill.ts';

/** How often each cycle is repeated at once: enough that nobody ever waits for work, and no more than some MB under way. */
const LANES = {
	'remote tells': 20,
	'remote asks': 300,
	'local tells': 2,
	'local asks': 4,
	swarm: 4,
	named: 16,
} as const;

/** Longest wait, in ms, until everything that was sent has been acknowledged and every end been told. */
const PATIENCE = 20_000;
/** Between two looks at what should be over any moment, in ms. */
const LOOK = 5;

/** Loads whose sinks the other node has to find. */
const REMOTE = ['remote tells', 'remote asks', 'large messages'] as const satisfies readonly LoadName[];

const brief = JSON.parse(process.argv[2] as string) as Brief;
const other: NodeName = brief.node === 'near' ? 'far' : 'near';
const tally = newTally();
const { loads } = tally;
const treadmill = new Treadmill();

// Ctrl-C reaches the whole group; it is the referee who decides what follows from it.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => report({ failed: String(error.stack) }));

const system = await ActorSystem.start({
	name: brief.name,
	servers: brief.servers,
	node: brief.node,
	hosts: [Sink, Host, Mayfly],
});
system.events.on('deadLetter', ({ reason, message }) => report({ failed: `dead letter: ${message?.name} ${reason}` }));
system.events.on('actorRestarted', ({ id, error }) => report({ failed: `${id} crashed: ${error}` }));
system.events.on('nodeDown', ({ name, reason }) => {
	if (reason !== 'left') report({ failed: `${name} is down: ${reason}` });
});
for (const load of REMOTE) await system.spawn(Sink, { id: addressOf(load, brief.node), args: loads[load] });
const home = await system.spawn(Host, { id: addressOf('churn of actors', brief.node), args: loads['churn of actors'] });
const abroad = system.ref(Host, addressOf('churn of actors', other));
const orders: Readonly<Record<Order, () => Promise<Report>>> = {
	begin: async () => {
		await begin();
		return { done: true };
	},
	hold: async () => {
		await treadmill.hold();
		await settle([home, abroad]);
		return { done: true };
	},
	sample: async () => ({ done: true, sample: await sampleOf(system, tally) }),
	resume: async () => {
		treadmill.resume();
		return { done: true };
	},
	end: async () => {
		await system.stop();
		return { done: true };
	},
};
process.on('message', (order: Order) => void orders[order]().then(report));
report({ done: true });

/** Mayflies alone, until the tables of the links are as full as they will ever be; then everything at once. */
async function begin(): Promise<void> {
	const habitat = { system, home, abroad, tally };
	treadmill.run(LANES.swarm, swarm(habitat));
	while (tally.ended.withoutId < REMEMBERED) await pause(LOOK);
	const far = (load: LoadName) => system.ref(Sink, addressOf(load, other));
	const local = (load: LoadName) => system.spawn(Sink, { args: loads[load] });
	const [told, asked] = [await local('local tells'), await local('local asks')];
	const stream = tells(far('remote tells'), loads['remote tells']);
	const large = tellsAndLarge(stream, far('large messages'), loads['large messages']);
	treadmill.run(LANES['remote tells'], large);
	treadmill.run(LANES['remote asks'], asks(far('remote asks'), loads['remote asks']));
	treadmill.run(LANES['local tells'], onceATurn(tells(told, loads['local tells'])));
	treadmill.run(LANES['local asks'], localAsks(asked, loads['local asks']));
	for (let lane = 0; lane < LANES.named; lane++) treadmill.run(1, named(habitat, lane));
}

/** Resolves when every end has been told, and nothing waits for an acknowledgement. */
async function settle(hosts: readonly ActorRef<Host>[]): Promise<void> {
	const end = performance.now() + PATIENCE;
	for (;;) {
		loads['churn of actors'].sent += hosts.length;
		const counts = await Promise.all(hosts.map((host) => host.ask.watching()));
		const watching = counts.reduce((one, next) => one + next, 0);
		if (watching === 0) break;
		if (performance.now() > end) throw new Error(`${watching} watches were never told of an end`);
		await pause(LOOK);
	}
	while (system.stats().pending > 0) {
		if (performance.now() > end) throw new Error(`${system.stats().pending} messages are still pending`);
		await pause(LOOK);
	}
}

function addressOf(load: LoadName, node: NodeName): string {
	return `${load} to ${node}`;
}

function report(what: Report): void {
	process.send?.(what, () => {});
}
