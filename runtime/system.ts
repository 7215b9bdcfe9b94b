/**
 * The actor system: where everything is composed. One per node, or several in a process when they should be several
 * nodes. Without servers it is local; with servers it is a member of the cluster of its name.
 */

// For users whose compiler does not know Symbol.asyncDispose.
/// <reference lib="esnext.disposable" preserve="true" />

import { hostname } from 'node:os';
import { v7 as uuid } from 'uuid';
import { type ChildSpec, SPEC_RESTART_TYPE } from '../supervisor/child-spec.ts';
import { escalate, restart } from '../supervisor/directive.ts';
import { oneForOne, type Strategy } from '../supervisor/strategy.ts';
import { Cluster } from './cluster/cluster.ts';
import { type Connection, overMemory } from './cluster/connect.ts';
import { startHost } from './cluster/host.ts';
import type { Plan } from './cluster/recipes.ts';
import { type Placing, Spawner } from './cluster/spawner.ts';
import { Codec } from './codec/codec.ts';
import { checkId } from './core/address.ts';
import { TroupeError } from './core/errors.ts';
import { EventStream } from './core/events.ts';
import type { NodeInfo } from './core/node-info.ts';
import type { ActorInstance, ActorRef, AnyRef, ArgsOf } from './core/protocol.ts';
import { DeadLetterBox } from './durable/dead-letters.ts';
import type { Logbooks } from './durable/logbook.ts';
import { PostOffice } from './durable/post-office.ts';
import { Postbox } from './durable/postbox.ts';
import type { Cell } from './kernel/cell.ts';
import type { ActorClass } from './kernel/definition.ts';
import { definitionOf } from './kernel/definition.ts';
import { shutDown } from './kernel/ending.ts';
import { Kernel } from './kernel/kernel.ts';
import type { FrameCounts, Stats } from './kernel/ledger.ts';
import { newId } from './kernel/new-id.ts';
import type { Ref } from './kernel/ref.ts';
import { refPort } from './kernel/ref-port.ts';
import type { SpawnOptions as KernelSpawn } from './kernel/spawn-options.ts';
import { start } from './kernel/starting.ts';
import { Supervisor } from './kernel/supervisor.ts';
import { Gauges } from './observe/gauges.ts';
import { type Settings, type SystemOptions, settingsOf } from './options.ts';
import { Residents } from './residents.ts';
import {
	type PlacedSpawnOptions,
	type SpawnArguments,
	type SupervisorRef,
	supervisor,
	type TreeSpec,
} from './spawn.ts';

/** Where an actor is: the answer of `whereis`. A hint: it may move the moment after. */
export interface Whereabouts {
	/** The node's ID, as in `system.nodes()`. */
	readonly node: string;
	readonly kind: string;
	/** Rises with every change of owner. */
	readonly epoch: number;
}

/** An entry of `system.actors()`. */
export interface RegisteredActor extends Whereabouts {
	readonly id: string;
}

/** An entry of `system.mailboxes()`. */
export interface MailboxDepth {
	readonly id: string;
	readonly kind: string;
	/** Messages taken and not finished: queued, waiting for room, stashed, and the one being handled. */
	readonly pending: number;
}

/** What a system is made of; see `service-door.ts`. */
export interface Inside {
	readonly settings: Settings;
	readonly kernel: Kernel;
	readonly residents: Residents;
	readonly logbooks: Logbooks;
	readonly gauges: Gauges;
}

/** NATS's own default, in bytes. */
const MAX_PAYLOAD = 1024 * 1024;
/** How long what was sent to durable mailboxes may take to be stored when the system stops, in ms. */
const LAST_WORDS = 2_000;

let insideOf: (system: ActorSystem) => Inside;

/** A node of a Troupe cluster, and the actors that live on it. */
export class ActorSystem {
	/** Classes of which each node has one actor, for what is made of actors; see {@link residentOf}. */
	protected static readonly residents: readonly ActorClass[] = [];
	/** Typed lifecycle events. */
	readonly events: EventStream;
	readonly #settings: Settings;
	readonly #kernel: Kernel;
	readonly #spawner: Spawner;
	readonly #residents: Residents;
	readonly #post: PostOffice;
	readonly #gauges: Gauges;
	#cluster: Cluster | undefined;
	/** Of a system alone: what it stores durably lives as long as it does. */
	#alone: Promise<Connection> | undefined;
	#joining: Promise<void> | undefined;
	#stopping: Promise<void> | undefined;
	readonly #self: NodeInfo;

	/** Called by {@link ActorSystem.start}. */
	protected constructor(settings: Settings) {
		this.#settings = settings;
		this.events = new EventStream((event, error) => settings.log.error('LISTENER_FAILED', { event, error }));
		const id = uuid();
		this.#self = {
			id,
			name: settings.node ?? `${hostname()}-${process.pid}`,
			roles: settings.roles,
			kinds: settings.hosts.map((actor) => definitionOf(actor).kind),
			status: 'up',
		};
		const refs = refPort(() => this.#kernel);
		this.#kernel = new Kernel({
			node: id,
			realm: realmOf(settings) ?? id,
			clock: settings.clock,
			events: this.events,
			codec: new Codec({ refs, errors: settings.errors }),
			refPort: refs,
			log: settings.log,
			strict: settings.strict,
			askTimeout: settings.askTimeout,
			stopGrace: settings.stopGrace,
			host: this,
			startIn: (parent, spec) => this.#startIn(parent, spec),
		});
		this.#post = new PostOffice({
			kernel: this.#kernel,
			system: settings.name,
			replicas: settings.replicas,
			self: id,
			connect: () => this.#connection(),
			maxPayload: () => this.#cluster?.connection.transport.maxPayload ?? MAX_PAYLOAD,
			gauge: (name, read) => this.#gauges.add('mailbox', name, read),
		});
		this.#kernel.post = this.#post;
		this.#kernel.keepers.add(this.#post);
		for (const actor of settings.hosts) this.#kernel.define(actor);
		this.#residents = new Residents(this.#kernel, [Postbox as unknown as ActorClass, ...new.target.residents]);
		this.#gauges = new Gauges(settings.clock, this.events, () => this.node.id);
		this.#spawner = new Spawner({
			kernel: this.#kernel,
			hosts: settings.hosts,
			cluster: () => this.#cluster,
			node: () => this.node,
			checkRunning: () => this.#checkRunning(),
			spawnHere: (actor, options, plan) => this.#spawnHere(actor, options, plan),
		});
		if (settings.servers.length === 0) return;
		startHost(this.#kernel, {
			spawn: async (kind, options) => {
				// Others know of this node before it knows all of them: until then it can claim nothing.
				await this.#joining;
				return this.#spawner.spawnFor(kind, options);
			},
			resident: (kind) => this.#residents.of(kind),
			adopt: (id, node) => this.#stopping === undefined && this.#cluster?.adopt(id, node) === true,
			moved: async (ids, node) => this.#cluster?.moved(ids, node),
		});
	}

	/**
	 * Starts a node and, when there are `servers`, joins the cluster.
	 *
	 * @throws `ERR_BAD_OPTION` names an option that cannot be used; `ERR_CONNECT` when NATS is not reached within
	 * `connectTimeout`; `ERR_NO_JETSTREAM` when it runs without JetStream; `ERR_NATS_SERVER` when `'embedded'` finds none.
	 */
	static async start(options: SystemOptions = {}): Promise<ActorSystem> {
		const system = new this(settingsOf(options));
		if (system.#settings.servers.length > 0) await system.#join();
		return system;
	}

	/** The system's name. */
	get name(): string {
		return this.#settings.name;
	}

	/** This node. */
	get node(): NodeInfo {
		return this.#cluster?.self ?? this.#self;
	}

	/** The members of the cluster, this node among them. */
	nodes(): readonly NodeInfo[] {
		return this.#cluster?.members() ?? [this.node];
	}

	/**
	 * Starts an actor, on this node unless `on` says otherwise; resolves when its `onStart` has.
	 *
	 * @throws `ERR_ID_TAKEN` names the ID's holder; `ERR_START_FAILED` has what its constructor or onStart threw as its
	 * cause; `ERR_CLAIM_UNAVAILABLE` when the registry cannot be reached; `ERR_NO_HOST` when no node that `on` means hosts
	 * the class; `ERR_NODE_DOWN` when the chosen one dies meanwhile; `ERR_BAD_ACTOR`, `ERR_BAD_ID`, `ERR_BAD_OPTION`.
	 */
	async spawn<A extends ActorInstance>(
		actor: ActorClass<A>,
		...options: SpawnArguments<ArgsOf<A>, PlacedSpawnOptions>
	): Promise<ActorRef<A>> {
		this.#checkRunning();
		const given: KernelSpawn & Placing = options[0] ?? {};
		if (given.on !== undefined || given.failover !== undefined)
			return (await this.#spawner.place(actor as ActorClass, given)) as unknown as ActorRef<A>;
		const cell = this.#create(actor as ActorClass, given, undefined);
		const starting = this.#start(cell);
		// Most need not be waited for, and an await costs as much as the rest of a start.
		if (starting) await starting;
		return cell.self as unknown as ActorRef<A>;
	}

	/** The ref to the actor with that ID, wherever it lives, if anywhere. No I/O until it is used. `ERR_BAD_ID`, `ERR_BAD_ACTOR`. */
	ref<A extends ActorInstance>(actor: ActorClass<A>, id: string): ActorRef<A>;
	/**
	 * The same without its class, for tools that know only IDs: its faces take any message, and what the actor does not
	 * understand fails with `ERR_NOT_A_MESSAGE`. Its `kind` is empty as long as no other ref to the ID knows it.
	 */
	ref(id: string): AnyRef;
	ref(actorOrId: ActorClass | string, id?: string): AnyRef {
		const typed = typeof actorOrId !== 'string';
		const ref = typed
			? this.#kernel.refById(id as string, this.#kernel.define(actorOrId))
			: this.#kernel.refById(actorOrId);
		return ref as unknown as AnyRef;
	}

	/**
	 * Starts the children in order, under a supervisor that restarts them as their own supervision and `strategy` say.
	 * When it gives up, it stops them all. Resolves when all have started; when one fails, those before it are stopped.
	 */
	async supervise(specs: readonly TreeSpec[], strategy: Strategy = oneForOne()): Promise<SupervisorRef> {
		this.#checkRunning();
		const { actor, ...options } = supervisor(specs, strategy, { supervision: escalate() });
		return (await this.#spawnHere(actor, options)) as unknown as SupervisorRef;
	}

	/** Where the actor with that ID is; `undefined` when it is nowhere. */
	async whereis(id: string): Promise<Whereabouts | undefined> {
		checkId(id);
		// Actors may still ask in their onStop.
		if (this.#kernel.stopped) this.#checkRunning();
		if (this.#cluster) return this.#cluster.whereis(id);
		await this.#kernel.dispatcher.breather();
		const cell = this.#kernel.registered(id);
		return cell && { node: this.node.id, kind: cell.kind, epoch: cell.uid };
	}

	/**
	 * All actors with an ID of their own and a living node, in the order of their IDs: for people and tools, as it reads the
	 * whole registry. A hint, like `whereis`. `ERR_CLAIM_UNAVAILABLE` when the registry cannot be reached.
	 */
	async actors(): Promise<readonly RegisteredActor[]> {
		this.#checkRunning();
		const here = (): RegisteredActor[] =>
			this.#kernel
				.registeredCells()
				.map((cell) => ({ id: cell.id, node: this.node.id, kind: cell.kind, epoch: cell.uid }));
		await this.#kernel.dispatcher.breather();
		const actors = this.#cluster ? await this.#cluster.actors() : here();
		return actors.toSorted((one, other) => (one.id < other.id ? -1 : 1));
	}

	/** This node's books: what was sent is handled, a dead letter, or pending. */
	stats(): Stats {
		return this.#kernel.stats(this.#cluster?.pending ?? 0);
	}

	/**
	 * Frames of other nodes that this node refused because they came again, too early, or from a node that is not a member
	 * any more. Those that are no frames, or are forged, are dead letters (`malformed`).
	 */
	refusedFrames(): FrameCounts {
		return { ...this.#kernel.ledger.frames };
	}

	/** The actors of this node, parents before their children, and how much waits in the mailbox of each. */
	mailboxes(): readonly MailboxDepth[] {
		const cells = this.#kernel.cells().filter(({ definition }) => !definition.quiet);
		return cells.map(({ id, kind, pending }) => ({ id, kind, pending }));
	}

	/** Messages that durable mailboxes have given up, on whichever node. */
	get deadLetters(): DeadLetterBox {
		return new DeadLetterBox(() => this.#post.deadLetters());
	}

	/** Stops all actors, children first, leaves the cluster and disconnects. Idempotent. */
	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}

	/** To where what is durable is kept. */
	async #connection(): Promise<Connection> {
		await this.#joining;
		if (this.#cluster) return this.#cluster.connection;
		this.#alone ??= overMemory(this.#settings, this.name, `troupe-alone-${this.node.id}`);
		return this.#alone;
	}

	#join(): Promise<void> {
		this.#joining = this.#enter();
		return this.#joining;
	}

	async #enter(): Promise<void> {
		const cluster = await Cluster.join(this.#kernel, this.#settings, this.#self);
		this.#cluster = cluster;
		if (this.#settings.hosts.some((actor) => definitionOf(actor).policies.mailbox.durable)) this.#post.prepare();
		cluster.takeOver();
	}

	async #spawnHere(actor: ActorClass, options: KernelSpawn, plan?: Plan): Promise<Ref> {
		const cell = this.#create(actor, options, undefined);
		await this.#start(cell, plan);
		return cell.self;
	}

	#create(actor: ActorClass, options: KernelSpawn, parent: Cell | undefined): Cell {
		const kernel = this.#kernel;
		const definition = kernel.define(actor);
		// What is kept for it has to be kept under a name.
		const unnamed = definition.policies.mailbox.durable && !parent && options.id === undefined;
		const own = unnamed ? { ...options, id: newId() } : options;
		return kernel.create(definition, own, parent, own.id !== undefined);
	}

	/** The promise, when there is one, is that of its claim, of an asynchronous hook, or of a failure. */
	#start(cell: Cell, plan?: Plan): Promise<void> | undefined {
		return cell.registered && this.#cluster ? this.#cluster.start(cell, plan) : start(cell);
	}

	async #startIn(parent: Cell, spec: ChildSpec): Promise<void> {
		const { actor, ...own } = spec as TreeSpec;
		const options: KernelSpawn = { ...own, restart: own.restart ?? SPEC_RESTART_TYPE };
		const branch = actor === (Supervisor as unknown) && options.supervision === undefined;
		await this.#start(this.#create(actor, branch ? { ...options, supervision: restart() } : options, parent));
	}

	#checkRunning(): void {
		if (this.#stopping) throw new TroupeError('ERR_SYSTEM_STOPPED', `the system '${this.name}' has been stopped`);
	}

	async #stop(): Promise<void> {
		const handing = this.#cluster?.handOver();
		if (handing) await handing;
		const roots = this.#kernel.cells().filter((cell) => !cell.parent);
		await Promise.all(roots.reverse().map(shutDown));
		await this.#post.settled(LAST_WORDS);
		this.#kernel.stop();
		await (await this.#alone)?.close();
		await this.#cluster?.leave();
		// What the others have handed back meanwhile.
		this.#kernel.stop();
		this.#gauges.close();
		this.#kernel.wheel.close();
	}

	static {
		insideOf = (system) => ({
			settings: system.#settings,
			kernel: system.#kernel,
			residents: system.#residents,
			logbooks: system.#post,
			gauges: system.#gauges,
		});
	}
}

/** `undefined` for a node that has no others. */
function realmOf({ name, servers }: Settings): string | undefined {
	const alone = servers.length === 0 || servers.includes('embedded');
	return alone ? undefined : [name, ...servers.toSorted()].join(' ');
}

/** What a system is made of. */
export function inside(system: ActorSystem): Inside {
	return insideOf(system);
}
