/** All scenarios, in the order in which they are played. */

import type { Scenario } from './scenario.ts';
import { clockScenario } from './scenarios/clock.ts';
import { clusterFaultScenario } from './scenarios/cluster-fault.ts';
import { durableScenario } from './scenarios/durable.ts';
import { floodScenario } from './scenarios/flood.ts';
import { herdScenario } from './scenarios/herd.ts';
import { lameDuckScenario } from './scenarios/lame-duck.ts';
import { nameRaceScenario } from './scenarios/name-race.ts';
import { nodeKillScenario } from './scenarios/node-kill.ts';
import { partitionScenario } from './scenarios/partition.ts';
import { pipesScenario } from './scenarios/pipes.ts';
import { rollingRestartScenario } from './scenarios/rolling-restart.ts';
import { serverKillScenario } from './scenarios/server-kill.ts';
import { soakScenario } from './scenarios/soak.ts';
import { zombieScenario } from './scenarios/zombie.ts';

export const SCENARIOS: readonly Scenario[] = [
	serverKillScenario,
	nodeKillScenario,
	zombieScenario,
	clusterFaultScenario,
	lameDuckScenario,
	partitionScenario,
	floodScenario,
	nameRaceScenario,
	rollingRestartScenario,
	durableScenario,
	pipesScenario,
	clockScenario,
	herdScenario,
	soakScenario,
];
