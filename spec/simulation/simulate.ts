/**
 * One run: nodes start, send and ask while misfortunes strike; then the weather clears, and the cluster has to come to
 * rest with nothing lost and nobody waiting. The same seed makes the same run.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ActorSystem } from '../../index.ts';
import { Holder } from './cast.ts';
import { Chance } from './chance.ts';
import { History } from './history.ts';
import { clear, FAIR, strike } from './weather.ts';
import { IDS, type Member, World } from './world.ts';

/** How a run went. */
export interface Outcome {
	readonly seed: number;
	/** The rule that was broken, and when, in virtual milliseconds. */
	readonly broken?: { readonly rule: string; readonly at: number };
	/** Messages handled. */
	readonly handled: number;
	/** Milliseconds from the end of all misfortunes until every node knew the same members. */
	readonly converged: number;
}

const NODES = 4;
/** Milliseconds of bad weather. */
const TURBULENCE = 30_000;

/** The cluster has to agree on its members after so many ms of peace: a lease and its margins, and another to be sure. */
const CONVERGENCE = 25_000;
/** Whatever was pending then has been settled after so many more. */
const REST = 30_000;

/** Runs one seed; `tell` is given every line of what happens. */
export async function simulate(seed: number, tell: (line: string) => void = () => {}): Promise<Outcome> {
	const chance = new Chance(seed);
	const history: History = new History((line) => tell(`${(world.time / 1_000).toFixed(2).padStart(7)}  ${line}`));
	const world: World = new World(chance, history);
	world.bus.faults(FAIR);
	let converged = Number.NaN;
	try {
		for (let i = 0; i < NODES; i++) world.begin();
		while (world.time < TURBULENCE && !history.broken) {
			happen(world, chance);
			await world.step();
		}
		clear(world);
		converged = await converge(world);
		await comeToRest(world);
	} catch (error) {
		if (!(error instanceof Halt)) throw error;
	} finally {
		await world.close();
	}
	const { broken, handled } = history;
	return { seed, handled, converged, ...(broken === undefined ? {} : { broken: { rule: broken, at: world.time } }) };
}

/** The run cannot go on; the history says why. */
class Halt extends Error {}

/** What happens in one step. */
function happen(world: World, chance: Chance): void {
	for (const member of world.up) {
		for (let more = chance.happens(0.3); more; more = chance.happens(0.5)) world.say(member);
		if (chance.happens(0.02)) world.observe(member);
		if (chance.happens(0.05)) world.claim(member, chance.one(IDS));
		if (chance.happens(0.003)) world.stop(member, chance.one(IDS));
	}
	if (chance.happens(0.03)) strike(world, chance);
}

async function converge(world: World): Promise<number> {
	await must(world, 60_000, () => !world.planned && world.members.length === NODES, 'not all nodes are there');
	const systems = (): ActorSystem[] => world.up.map(({ system }) => system as ActorSystem);
	const agreed = (): boolean => {
		const living = systems().map(({ node }) => node.id);
		return living.length === NODES && systems().every((system) => sameMembers(system, living));
	};
	const views = (): string =>
		world.up
			.map(
				({ name, system }) => `${name} ${(system as ActorSystem).nodes().map((node) => `${node.name} ${node.status}`)}`,
			)
			.join('; ');
	return must(world, CONVERGENCE, agreed, () => `the nodes do not agree on who is a member: ${views()}`);
}

function sameMembers(system: ActorSystem, living: readonly string[]): boolean {
	const known = system.nodes().map(({ id, status }) => `${id} ${status}`);
	return isDeepStrictEqual(known.sort(), living.map((id) => `${id} up`).sort());
}

async function comeToRest(world: World): Promise<void> {
	const { history } = world;
	const settled = (): boolean =>
		history.waiting.length === 0 && world.up.every(({ system }) => pendingIn(system) === 0);
	await must(world, REST, settled, () => `it does not come to rest: ${history.waiting} ${books(world)}`);
	await everyIdWorks(world);
	await must(world, REST, settled, () => `it does not come to rest in the end: ${history.waiting} ${books(world)}`);
	const untold = (): boolean => history.untold.length > 0;
	await must(
		world,
		REST,
		() => !untold(),
		() => `watches were never told of an end: ${history.untold}`,
	);
	const { sent, handled, dead } = sums(world);
	if (sent !== handled + dead)
		history.fail(`the books do not balance: ${sent - handled - dead} too many sent: ${books(world)}`);
}

/** Each ID can be had, is found from everywhere, and ends. */
async function everyIdWorks(world: World): Promise<void> {
	const [first] = world.up as [Member];
	for (const id of IDS) {
		for (const { system, name } of world.up) {
			const ref = (system as ActorSystem).ref(Holder, id);
			let answered = false;
			// One that has given up may still be handled, so that the next is another.
			let asked = 0;
			const asking = async (): Promise<void> => {
				// A record may be left over from a claim whose answer was lost, until it is found to be.
				while (!answered) {
					world.claim(first, id);
					await new Promise<void>((go) => world.later(500, go));
					await ref.ask.take(`the end of ${name}`, ++asked).then(
						() => (answered = true),
						(error) => world.history.note(`${id} cannot be asked from ${name}: ${error.code}`),
					);
				}
			};
			void asking();
			await must(world, REST, () => answered, `${id} cannot be asked from ${name}`);
		}
		world.stop(first, id);
	}
}

/** Lets time pass until `done`; a rule is broken if it takes too long. */
async function must(
	world: World,
	patience: number,
	done: () => boolean,
	otherwise: string | (() => string),
): Promise<number> {
	const took = await world.until(patience, done);
	if (took !== undefined) return took;
	if (!world.history.broken) world.history.fail(typeof otherwise === 'string' ? otherwise : otherwise());
	throw new Halt();
}

function pendingIn(system: ActorSystem | undefined): number {
	return system?.stats().pending ?? 0;
}

function sums(world: World): { sent: number; handled: number; dead: number } {
	const all = world.bookkeepers.map(({ system }) => (system as ActorSystem).stats());
	const sum = (of: (stats: (typeof all)[number]) => number): number =>
		all.reduce((total, stats) => total + of(stats), 0);
	return {
		sent: sum(({ sent }) => sent),
		handled: sum(({ handled }) => handled),
		dead: sum(({ deadLetters }) => Object.values(deadLetters).reduce((total, count) => total + count, 0)),
	};
}

function books(world: World): string {
	return world.bookkeepers.map(({ name, system }) => `${name} ${JSON.stringify(system?.stats())}`).join(' ');
}
