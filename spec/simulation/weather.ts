/** What goes wrong in a simulated cluster, and for how long. */

import type { Chance } from './chance.ts';
import type { Member, World } from './world.ts';

/** A misfortune. How likely it is, beside the others, is its weight. */
interface Misfortune {
	readonly weight: number;
	strike(world: World, chance: Chance): void;
}

const HOUR = 3_600_000;

const someone = (world: World, chance: Chance): Member | undefined =>
	world.up.length === 0 ? undefined : chance.one(world.up);

/** Strikes one node, if there are enough of them. */
const one = (weight: number, strike: (member: Member, world: World, chance: Chance) => void): Misfortune => ({
	weight,
	strike(world, chance) {
		const member = someone(world, chance);
		if (member) strike(member, world, chance);
	},
});

const MISFORTUNES: readonly Misfortune[] = [
	{
		weight: 4,
		strike(world, chance) {
			const faults = {
				loss: chance.one([0, 0.01, 0.1, 0.3]),
				duplicate: chance.one([0, 0.1, 0.5]),
				delay: [1, chance.one([1, 5, 50, 300])] as const,
				storeSilence: chance.one([0, 0, 0.1, 0.3]),
			};
			world.history.note(`the bus: ${JSON.stringify(faults)}`);
			world.bus.faults(faults);
			world.later(chance.between(500, 10_000), () => world.bus.faults(FAIR));
		},
	},
	{
		weight: 2,
		strike(world, chance) {
			const side = world.up.filter(() => chance.happens(0.4));
			if (side.length === 0) return;
			world.cut(side, chance.happens(0.5));
			world.later(chance.between(200, 20_000), () => {
				world.history.note('all partitions heal');
				world.bus.heal();
			});
		},
	},
	{
		weight: 1,
		strike(world, chance) {
			const down = chance.between(200, 8_000);
			world.history.note(`the broker is down for ${down} ms`);
			world.bus.stop();
			world.later(down, () => {
				world.history.note('the broker is back');
				world.bus.start();
			});
		},
	},
	{
		weight: 1,
		strike(world, chance) {
			world.wipe(chance.happens(0.5) ? chance.between(200, 8_000) : 0);
		},
	},
	one(2, (member, world) => world.kill(member)),
	one(1, (member, world) => world.dismiss(member)),
	one(3, (member, world, chance) => world.pause(member, chance.between(100, 25_000))),
	one(3, (member, world, chance) => world.blink(member, chance.between(50, 4_000))),
	one(3, (member, world, chance) => {
		const ailment = chance.one(['mute', 'deaf', 'forgotten'] as const);
		// Whom the server has forgotten has to connect again; a client notices in three seconds, unless it is paused.
		const notices = ailment === 'forgotten' || chance.happens(0.5);
		if (chance.happens(0.2)) world.pause(member, chance.between(100, 10_000));
		world.ail(member, ailment, chance.between(50, 3_500), notices ? chance.between(20, 2_000) : undefined);
	}),
	one(1, (member, world, chance) => world.skew(member, chance.one([-HOUR, -5_000, 5_000, HOUR]))),
];

const TOTAL = MISFORTUNES.reduce((sum, { weight }) => sum + weight, 0);

/** A network that takes a moment and loses nothing. */
export const FAIR = { delay: [1, 3] as const };

/** One misfortune of all. */
export function strike(world: World, chance: Chance): void {
	let left = chance.below(TOTAL);
	for (const misfortune of MISFORTUNES) {
		left -= misfortune.weight;
		if (left < 0) return misfortune.strike(world, chance);
	}
}

/** Everything heals: the network is fair, and whoever was paused goes on when its time has come. */
export function clear(world: World): void {
	world.history.note('the weather clears');
	world.bus.heal();
	world.bus.faults(FAIR);
	world.bus.start();
}
