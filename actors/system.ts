/** The actor system with the ready-made actors: what the root of the package exports. */

import { checkId } from '../runtime/core/address.ts';
import type { ActorInstance, ArgsOf } from '../runtime/core/protocol.ts';
import type { ActorClass } from '../runtime/kernel/definition.ts';
import type { SystemOptions } from '../runtime/options.ts';
import { residentOf } from '../runtime/service-door.ts';
import { ActorSystem as Runtime } from '../runtime/system.ts';
import type { Channel, ChannelOptions } from './channel/channel.ts';
import { Channels } from './channel/channels.ts';
import { type Group, type GroupOptions, groupIn } from './group/group.ts';
import { GroupKeeper } from './group/group-keeper.ts';
import { type NodeChange, nodeChanges } from './node/node-changes.ts';
import { type NodeLoad, NodeMeter } from './node/node-meter.ts';
import { PipelineHost } from './pipeline/host.ts';
import { type Pool, type PoolOptions, poolIn } from './pool/pool.ts';
import { type Program, type ProgramOptions, runProgram } from './program/program.ts';
import { ProgramHost } from './program/program-host.ts';
import { Topic, type TopicOptions } from './topic/topic.ts';
import { TopicRelay } from './topic/topic-relay.ts';

/** A node of a Troupe cluster, and the actors that live on it. */
export class ActorSystem extends Runtime {
	protected static override readonly residents = [PipelineHost, GroupKeeper, TopicRelay, NodeMeter, ProgramHost];
	readonly #channels = new Channels(this);

	static override async start(options: SystemOptions = {}): Promise<ActorSystem> {
		// biome-ignore lint/complexity/noThisInStatic: the one below starts a system of the class that it is called on
		return (await super.start(options)) as ActorSystem;
	}

	/**
	 * The channel of that name: made here, or joined where it is. It lives in memory, on the node that made it, until that
	 * node stops.
	 *
	 * @throws `ERR_BAD_OPTION` for options that cannot be used, or that are not those it was made with; `ERR_BAD_ID` for a
	 * name that is not a non-empty string of at most 500 bytes; `ERR_CLAIM_UNAVAILABLE`, `ERR_NODE_DOWN`,
	 * `ERR_SYSTEM_STOPPED`.
	 */
	channel<T = unknown>(name: string, options: ChannelOptions = {}): Promise<Channel<T>> {
		return this.#channels.open<T>(name, options);
	}

	/**
	 * The group of that name: actors of the class that have joined it, on any nodes. Each handle routes in its own way.
	 * Nothing is waited for: until the other nodes have said who is with them, messages wait.
	 *
	 * @throws `ERR_BAD_OPTION`, `ERR_BAD_ACTOR`; `ERR_BAD_ID` for a name that is not a non-empty string of at most 512 bytes.
	 */
	group<A extends ActorInstance>(actor: ActorClass<A>, name: string, options: GroupOptions = {}): Group<A> {
		return groupIn(this, actor, checkId(name), options);
	}

	/**
	 * The topic of that name, or, for subscribers, the topics that a pattern means: `prices.*`, `prices.>`.
	 *
	 * @throws `ERR_BAD_OPTION`; `ERR_BAD_ID` for a name that is not a non-empty string of at most 512 bytes.
	 */
	topic<T = unknown>(name: string, options: TopicOptions = {}): Topic<T> {
		return new Topic<T>(this, name, options);
	}

	/**
	 * A pool of workers: started here, or on nodes that `on` means and that host the class; supervised, and replaced when they
	 * end. Resolves when its first workers have started.
	 *
	 * @throws what `spawn` throws for the first workers; `ERR_BAD_OPTION`.
	 */
	pool<A extends ActorInstance>(actor: ActorClass<A>, options: PoolOptions<ArgsOf<A>> = {}): Promise<Pool<A>> {
		return poolIn(this, actor, options);
	}

	/**
	 * How busy a node is; this one, unless its ID says another. The first answer of a node has no processor time and no delay:
	 * it measures from then on. `ERR_NODE_DOWN` when it is gone.
	 */
	async load(node: string = this.node.id): Promise<NodeLoad> {
		return (await residentOf(this, NodeMeter, node)).ask.load();
	}

	/** The members there are, each as `up`, and then who comes, is suspected, and goes, for as long as the loop goes on. */
	watchNodes(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<NodeChange> {
		return nodeChanges(this, options);
	}

	/**
	 * Runs a program of the operating system, here or on a node that `on` means and that allows it (`allowPrograms`). No shell
	 * interprets its arguments. It ends with its node, also when that is killed, and so does what it has started itself.
	 *
	 * @throws `ERR_NO_HOST` when no such node allows it; `ERR_NODE_DOWN`; `ERR_BAD_OPTION`.
	 */
	run(program: string, args: readonly string[] = [], options: ProgramOptions = {}): Promise<Program> {
		return runProgram(this, program, args, options);
	}
}
