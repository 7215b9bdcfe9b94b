/**
 * Where an actor is spawned, and by whom: here, by the host of another node, or here because another node asks. A spawn
 * without `on` and `failover` does not come by.
 */

import { v7 as uuid } from 'uuid';
import { BadOption, optionGroup } from '../../supervisor/bad-option.ts';
import { type ErrorCode, isTroupeError, TroupeError } from '../core/errors.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { ActorClass } from '../kernel/definition.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Ref } from '../kernel/ref.ts';
import { checkSpawnOptions, type SpawnOptions } from '../kernel/spawn-options.ts';
import type { Cluster } from './cluster.ts';
import { clerkAt, spawnBy } from './host.ts';
import { type Placement, placementOf } from './placement.ts';
import type { Plan } from './recipes.ts';

/** What `system.spawn` may say of the nodes. */
export interface Placing {
	readonly on?: Placement | undefined;
	readonly failover?: boolean | undefined;
}

/** What the spawner needs of its system. */
export interface SpawnerParts {
	readonly kernel: Kernel;
	/** The classes that other nodes may spawn here. */
	readonly hosts: readonly ActorClass[];
	/** A local system has none. */
	readonly cluster: () => Cluster | undefined;
	readonly node: () => NodeInfo;
	/** Throws when the system has been stopped. */
	readonly checkRunning: () => void;
	readonly spawnHere: (actor: ActorClass, options: SpawnOptions, plan?: Plan) => Promise<Ref>;
}

/** The node is not there any more, or about to go: it has not even heard what was to be spawned. */
const ABSENCES: ReadonlySet<string> = new Set<ErrorCode>(['ERR_NODE_DOWN', 'ERR_NO_SUCH_ACTOR', 'ERR_STOPPED']);
/** The node says that it has not spawned it. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>(['ERR_SYSTEM_STOPPED', 'ERR_NO_HOST']);

/** The spawns of a system that are about its nodes. */
export class Spawner {
	readonly #parts: SpawnerParts;

	constructor(parts: SpawnerParts) {
		this.#parts = parts;
	}

	/** Spawns an actor on a node that `on` means, which may be this one; with `failover`, leaves word how to do it again. */
	async place(actor: ActorClass, { on, failover = false, ...options }: SpawnOptions & Placing): Promise<Ref> {
		const { kernel, cluster, node, spawnHere } = this.#parts;
		checkSpawnOptions(options);
		const among = placementOf(on);
		if (typeof failover !== 'boolean') throw new BadOption('failover', failover, 'true or false');
		if (failover && options.id === undefined)
			throw new BadOption('failover', failover, "an id beside it, by which the actor's successor is found");
		const plan = planOf(kernel.define(actor).kind, on, options);
		const able = cluster()?.candidates(plan, options.id ?? uuid()) ?? [node()].filter(among);
		if (able.length === 0) throw noHost(actor, on);
		const lasting = failover ? plan : undefined;
		if (on === undefined) return spawnHere(actor, options, lasting);
		for (const { id } of able) {
			if (id === node().id) return spawnHere(actor, options, lasting);
			const ref = await this.#spawnAt(id, plan.kind, { ...options, on, failover });
			if (ref) return ref;
		}
		throw noHost(actor, on);
	}

	/** What another node asks for: anything. */
	async spawnFor(kind: unknown, wanted: unknown): Promise<Ref> {
		const { hosts, node, checkRunning, spawnHere } = this.#parts;
		checkRunning();
		const actor = hosts.find((hosted) => hosted.kind === kind);
		if (!actor) {
			const { id, name, kinds } = node();
			throw new TroupeError('ERR_NO_HOST', `node ${name} does not host that: its hosts are ${kinds.join(', ')}`, {
				node: id,
			});
		}
		const { on, failover, ...options } = optionGroup(wanted as SpawnOptions & Placing, 'spawn');
		checkSpawnOptions(options);
		placementOf(on);
		return spawnHere(actor, options, failover === true ? planOf(actor.kind, on, options) : undefined);
	}

	/** `undefined` when the node has gone or stops, and has spawned nothing. */
	async #spawnAt(node: string, kind: string, options: SpawnOptions & Placing): Promise<Ref | undefined> {
		let clerk: Ref | undefined;
		try {
			clerk = await clerkAt(this.#parts.kernel, node);
			return await spawnBy(clerk, kind, options);
		} catch (error) {
			this.#parts.checkRunning();
			if (isTroupeError(error) && (clerk ? REFUSALS : ABSENCES).has(error.code)) return undefined;
			throw error;
		}
	}
}

function planOf(kind: string, on: Placement | undefined, { id: _, ...options }: SpawnOptions): Plan {
	return { kind, on, options };
}

function noHost({ kind, name }: ActorClass, on: string | undefined): TroupeError {
	const where = on === undefined ? 'no node' : `no node that '${on}' means`;
	const remedy = `start one with hosts: [${name}]${on === undefined ? '' : ', and with the role or name that is asked for'}`;
	return new TroupeError('ERR_NO_HOST', `${where} hosts '${kind}': ${remedy}`);
}
