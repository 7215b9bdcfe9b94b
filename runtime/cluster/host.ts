/**
 * What the nodes of a cluster ask of each other, as messages between actors of their own. Each node has one host, which
 * the others reach by its number. What takes time is done by a clerk of its own, so that an actor that is slow to start
 * keeps nobody else waiting. A class is one that the node was started with, named by its kind; what is said of the actor
 * is plain data.
 *
 * | asks | of | is answered |
 * |---|---|---|
 * | `clerk()` | the host | a ref to a new clerk, which leaves when it has done its work, or has none for a minute |
 * | `resident(kind)` | the host | a ref to the one actor of that kind that each node has |
 * | `adopt(id, node)` | the host | whether it goes on with an actor that `node` gives up |
 * | `spawn(kind, options)` | the clerk | the actor's ref, or the error, as in a spawn at home |
 * | `moved(ids, node)` | the clerk | nothing, once no message to these IDs is on its way to `node` |
 */

import { isTroupeError, messageOf, TroupeError } from '../core/errors.ts';
import { Servant } from '../kernel/bare.ts';
import type { ActorClass } from '../kernel/definition.ts';
import { shutDown } from '../kernel/ending.ts';
import { Handler } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Pending } from '../kernel/pending.ts';
import { Ref, type Target } from '../kernel/ref.ts';
import { RemoteActor } from '../kernel/remote-actor.ts';
import { start } from '../kernel/starting.ts';

/** What a node does for the others. All that it is given comes from the wire. */
export interface Hospitality {
	/** Spawns an actor of a class that this node hosts. */
	spawn(kind: unknown, options: unknown): Promise<Ref>;
	/** The one actor of that kind that each node has. */
	resident(kind: unknown): Ref;
	/** Goes on with an actor that a node gives up, if it can. */
	adopt(id: unknown, node: unknown): boolean;
	/** Sends no more messages for these IDs to that node; resolves when those on their way have been taken or returned. */
	moved(ids: unknown, node: unknown): Promise<void>;
}

/** The number of every host: it is the first actor of its node. */
const HOST = 1;
const HOST_KIND = 'troupe.host';
/** Clerks at a time. */
const CLERKS = 1_024;
/** How long a node that leaves waits for each answer, in ms. */
const HASTE = 1_000;
/** How long a clerk waits for its work, in ms: whoever asked for it may have died. */
const PATIENCE = 60_000;

/** Errors travel as values: thrown, they would be crashes of the clerk. */
type Answer = { readonly ref: unknown } | { readonly error: unknown };

class Clerk extends Servant {
	static readonly kind = 'troupe.clerk';
	#cancel = (): void => {};

	async spawn(kind: unknown, options: unknown): Promise<Answer> {
		return this.#work(async ({ spawn }) => ({ ref: await spawn(kind, options) }));
	}

	async moved(ids: unknown, node: unknown): Promise<Answer> {
		return this.#work(async ({ moved }) => ({ ref: await moved(ids, node) }));
	}

	async #work(work: (hospitality: Hospitality) => Promise<Answer>): Promise<Answer> {
		this.#cancel();
		try {
			return await work(this.cell.args as Hospitality);
		} catch (error) {
			return { error: portable(error, this.cell.kernel) };
		} finally {
			void shutDown(this.cell);
		}
	}

	protected onStart(): void {
		this.#cancel = this.cell.kernel.clock.after(PATIENCE, () => void shutDown(this.cell), true);
	}

	protected onStop(): void {
		this.#cancel();
	}
}

class Host extends Servant {
	static readonly kind = HOST_KIND;

	clerk(): Answer {
		const { cell } = this;
		if ((cell.backstage?.children?.size ?? 0) < CLERKS)
			return { ref: cell.kernel.child(cell, Clerk as unknown as ActorClass, { args: cell.args }) };
		const full = `node ${cell.kernel.node} does ${CLERKS} things for others already: try again`;
		return { error: new TroupeError('ERR_MAILBOX_FULL', full, { node: cell.kernel.node }) };
	}

	resident(kind: unknown): Answer {
		try {
			return { ref: (this.cell.args as Hospitality).resident(kind) };
		} catch (error) {
			return { error: portable(error, this.cell.kernel) };
		}
	}

	adopt(id: unknown, node: unknown): boolean {
		return (this.cell.args as Hospitality).adopt(id, node);
	}
}

/** Starts the host of a node. It has to be the first actor there. */
export function startHost(kernel: Kernel, hospitality: Hospitality): void {
	const definition = kernel.define(Host as unknown as ActorClass);
	const cell = kernel.create(definition, { args: hospitality }, undefined, false);
	if (cell.uid !== HOST) throw new Error('the host is not the first actor of its node');
	kernel.introduce(cell);
	void start(cell);
}

const CLERK = new Handler('clerk').listed;
const RESIDENT = new Handler('resident').listed;
const ADOPT = new Handler('adopt').listed;
const SPAWN = new Handler('spawn').listed;
const MOVED = new Handler('moved').listed;

/** A clerk of another node. Nothing has been done there when this fails. */
export async function clerkAt(kernel: Kernel, node: string): Promise<Ref> {
	return refIn(await ask(hostAt(kernel, node), CLERK, []));
}

/** Another node's resident of that kind. */
export async function residentAt(kernel: Kernel, node: string, kind: string): Promise<Ref> {
	return refIn(await ask(hostAt(kernel, node), RESIDENT, [kind]));
}

/** Has another node spawn an actor. Rejects as a spawn at home, or with `ERR_NODE_DOWN` when the node dies meanwhile. */
export async function spawnBy(clerk: Ref, kind: string, options: object): Promise<Ref> {
	return refIn(await ask(clerk.target, SPAWN, [kind, options]));
}

/** Whether another node goes on with an actor that `node`, this one, gives up. */
export async function adoptAt(kernel: Kernel, other: string, id: string): Promise<boolean> {
	return (await ask(hostAt(kernel, other), ADOPT, [id, kernel.node], HASTE)) === true;
}

/** Resolves when no message of the other node's to these IDs is on its way here any more. */
export async function movedFrom(kernel: Kernel, other: string, ids: readonly string[]): Promise<void> {
	const clerk = refIn(await ask(hostAt(kernel, other), CLERK, [], HASTE));
	await ask(clerk.target, MOVED, [ids, kernel.node], HASTE);
}

function hostAt(kernel: Kernel, node: string): Target {
	return new RemoteActor(kernel, { id: HOST_KIND, kind: HOST_KIND, path: `/${HOST_KIND}`, node, uid: HOST });
}

/** A spawn has no deadline, as at home: what ends the wait is the answer, or the end of the node. */
function ask(target: Target, handler: Handler, args: readonly unknown[], timeout?: number): Promise<unknown> {
	const pending = new Pending(false, target, handler, timeout, undefined);
	target.kernel.send(target, handler, args, pending);
	return pending.promise;
}

function refIn(answer: unknown): Ref {
	const { ref, error } = (answer ?? {}) as { ref?: unknown; error?: unknown };
	if (error !== undefined) throw error;
	if (ref instanceof Ref) return ref;
	throw new TroupeError('ERR_MALFORMED', 'the host of another node answered with something else than an actor');
}

/** The error as it is, or as much of it as can travel. */
function portable(error: unknown, { codec }: Kernel): unknown {
	try {
		codec.encode(error);
		return error;
	} catch {
		return new TroupeError(isTroupeError(error) ? error.code : 'ERR_START_FAILED', messageOf(error));
	}
}
