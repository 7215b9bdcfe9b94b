/** All scenarios, in the order in which they are played. */

import type { Scenario } from './scenario.ts';
import { serverKillScenario } from './scenarios/server-kill.ts';

export const SCENARIOS: readonly Scenario[] = [serverKillScenario];
