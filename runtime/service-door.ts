/** The door for what is made of actors: what it may have of a system, beside what all users have. */

import { residentAt } from './cluster/host.ts';
import type { Codec } from './codec/codec.ts';
import type { Cancel, Clock } from './core/clock.ts';
import type { ActorInstance, ActorRef } from './core/protocol.ts';
import type { Logbook } from './durable/logbook.ts';
import type { ActorClass } from './kernel/definition.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Read } from './observe/gauges.ts';
import { type ActorSystem, inside } from './system.ts';

export { placementOf } from './cluster/placement.ts';
export type { Logbook } from './durable/logbook.ts';

/** This node's actor of a class of {@link ActorSystem.residents}, which begins when it is first asked for. */
export function ownResident<A extends ActorInstance>(system: ActorSystem, actor: ActorClass<A>): ActorRef<A> {
	return inside(system).residents.of(actor.kind) as unknown as ActorRef<A>;
}

/**
 * The same of another node, which must be a member. `ERR_NODE_DOWN` when it dies meanwhile, `ERR_NO_HOST` when it runs
 * without such a class. A node that has joined again is another node, with the same residents.
 */
export async function residentOf<A extends ActorInstance>(
	system: ActorSystem,
	actor: ActorClass<A>,
	node: string,
): Promise<ActorRef<A>> {
	if (node === system.node.id) return ownResident(system, actor);
	return (await residentAt(inside(system).kernel, node, actor.kind)) as unknown as ActorRef<A>;
}

/** From now on tells the figures that `read` returns as the event `metrics`, each second while anybody listens; returns an end of it. */
export function gauge(system: ActorSystem, kind: string, name: string, read: Read): Cancel {
	return inside(system).gauges.add(kind, name, read);
}

/** Records that outlive their node, under a key of their own; see {@link Logbook}. */
export function logbookOf(system: ActorSystem, key: string): Promise<Logbook> {
	return inside(system).logbooks.logbook(key);
}

/** Where the system has its time and chance from. */
export function clockOf(system: ActorSystem): Clock {
	return inside(system).settings.clock;
}

/** How the system turns values into bytes and back. */
export function codecOf(system: ActorSystem): Codec {
	return inside(system).kernel.codec;
}

/** The engine of a system, for what is made of actors. */
export function kernelOf(system: ActorSystem): Kernel {
	return inside(system).kernel;
}

/** Whether others may run that program on this node. Anything may come from the wire. */
export function allowsProgram(system: ActorSystem, program: unknown): boolean {
	const { allowPrograms } = inside(system).settings;
	return allowPrograms === true || allowPrograms.includes(program as string);
}
