/**
 * Actors that share a process. The floor is what a good engineer writes in thirty lines without any features. Of the
 * peers, nact, XState and Comedy are actor libraries; Effect's queues and fibers, and Moleculer's broker, are what people
 * use in place of one. All of them run on Node 20, though Moleculer 0.15 asks for 22.
 */

import type { Group } from '../workload.ts';
import { workloads } from './workloads.ts';

/** The group. */
export const group: Group = {
	name: 'local',
	nats: false,
	workloads,
	contenders: [
		{ name: 'troupe', role: 'troupe', drivers: async () => (await import('./troupe.ts')).drivers },
		{ name: 'floor', role: 'floor', drivers: async () => (await import('./floor.ts')).drivers },
		{ name: 'context', role: 'floor', drivers: async () => (await import('./floor-context.ts')).drivers },
		{ name: 'duties', role: 'floor', drivers: async () => (await import('./duties.ts')).drivers },
		{ name: 'nact', role: 'actor peer', drivers: async () => (await import('./nact.ts')).drivers },
		{ name: 'xstate', role: 'actor peer', drivers: async () => (await import('./xstate.ts')).drivers },
		{ name: 'comedy', role: 'actor peer', drivers: async () => (await import('./comedy.ts')).drivers },
		{ name: 'effect', role: 'peer', drivers: async () => (await import('./effect.ts')).drivers },
		{ name: 'moleculer', role: 'peer', drivers: async () => (await import('./moleculer.ts')).drivers },
	],
};
