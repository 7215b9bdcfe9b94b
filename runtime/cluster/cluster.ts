/**
 * One node's part in the cluster: connection, membership, registry and links, composed. It is the kernel's directory.
 * An incarnation that the others have evicted is over: its owned actors stop, and the node joins again as a new one.
 */

import { v7 as uuid } from 'uuid';
import { checkId } from '../core/address.ts';
import { SUCCESSION } from '../core/config.ts';
import { messageOf, TroupeError } from '../core/errors.ts';
import type { NodeInfo } from '../core/node-info.ts';
import { bucketOf, heartbeatsOf, prefixOf } from '../core/subjects.ts';
import type { Cell } from '../kernel/cell.ts';
import { expel } from '../kernel/ending.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Directory, Peer, Place } from '../kernel/route.ts';
import { start } from '../kernel/starting.ts';
import { Links } from '../link/links.ts';
import type { Settings } from '../options.ts';
import { complaints } from './complaints.ts';
import { type Connection, connectTo } from './connect.ts';
import { Failover } from './failover.ts';
import { handOver } from './handover.ts';
import { Holdings } from './holdings.ts';
import { LastingBucket } from './lasting-bucket.ts';
import { Membership } from './membership.ts';
import { OwnLease } from './own-lease.ts';
import { type Plan, type Recipe, Recipes } from './recipes.ts';
import { Registry } from './registry.ts';
import { Settlement } from './settlement.ts';

/** Records of nodes are collected after this many leases: long after any that was evicted has been noticed. */
const NODE_RECORD_LEASES = 60;
const JOIN_AGAIN = 1_000;
/** How long NATS has to say that nobody listens, in ms: it does so at once. */
const ALONE = 250;
/** How long a leaving node waits for its peers to take what it still has for them, in ms. */
const LAST_WORDS = 2_000;

/** The registry has been lost, and who held an ID may not have entered it again: it is looked for as one that moves. */
const UNKNOWN: Place = { epoch: 0, peer: undefined, down: false, failover: true };

/** One incarnation of this node. */
interface Stay {
	readonly self: NodeInfo;
	readonly membership: Membership;
	readonly registry: Registry;
	readonly links: Links;
	readonly holdings: Holdings;
	readonly failover: Failover;
}

/** This node's part in the cluster. */
export class Cluster implements Directory {
	readonly #kernel: Kernel;
	readonly #settings: Settings;
	readonly #connection: Connection;
	readonly #nodes: LastingBucket;
	readonly #actors: LastingBucket;
	readonly #settlement: Settlement;
	readonly #recipes: Recipes;
	#stay!: Stay;
	#left = false;

	private constructor(
		kernel: Kernel,
		settings: Settings,
		connection: Connection,
		nodes: LastingBucket,
		actors: LastingBucket,
	) {
		this.#kernel = kernel;
		this.#settings = settings;
		this.#connection = connection;
		this.#nodes = nodes;
		this.#actors = actors;
		const { name, replicas, lease } = settings;
		this.#settlement = new Settlement(actors, kernel.clock, lease);
		this.#recipes = new Recipes(
			() => LastingBucket.open(connection.store, bucketOf(name, 'failover'), { replicas }),
			kernel.codec,
		);
	}

	/** Connects and joins as `self`. */
	static async join(kernel: Kernel, settings: Settings, self: NodeInfo): Promise<Cluster> {
		const { name, lease, replicas } = settings;
		const connection = await connectTo(settings, `troupe ${name} ${self.id}`);
		try {
			const maxAge = lease * NODE_RECORD_LEASES;
			const nodes = await LastingBucket.open(connection.store, bucketOf(name, 'nodes'), { replicas, maxAge });
			const actors = await LastingBucket.open(connection.store, bucketOf(name, 'actors'), { replicas });
			const cluster = new Cluster(kernel, settings, connection, nodes, actors);
			connection.transport.onProblem(complaints(kernel, connection.transport));
			connection.transport.onState((state) => {
				if (state === 'connected') cluster.#stay.links.reconnected();
			});
			const { transport } = connection;
			await cluster.#settlement.begin(
				async () => (await transport.probe(heartbeatsOf(name), ALONE)) === 'no-responders',
			);
			await cluster.#begin(self);
			void cluster.#advise();
			return cluster;
		} catch (error) {
			await connection.close();
			throw error;
		}
	}

	/** To the servers. */
	get connection(): Connection {
		return this.#connection;
	}

	get self(): NodeInfo {
		return this.#stay.self;
	}

	/** Messages that wait to reach other nodes. */
	get pending(): number {
		return this.#stay.links.pending;
	}

	members(): readonly NodeInfo[] {
		return [this.#stay.self, ...this.#stay.membership.others()];
	}

	/**
	 * Claims the cell's ID for it, and starts it; with a `plan`, with failover, and with `over` in the place of the actor of
	 * that recipe. When the claim fails, the cell is as if it had never been.
	 */
	async start(cell: Cell, plan?: Plan, over?: number): Promise<void> {
		const { holdings } = this.#stay;
		cell.claiming = true;
		try {
			await holdings.claim(cell, plan, over);
			cell.claiming = false;
			this.#kernel.knownRoute(cell.id)?.settled();
		} catch (error) {
			this.#kernel.abandon(cell);
			throw error;
		}
		await start(cell);
		if (plan) holdings.started(cell);
	}

	/** The nodes that may have an actor with that plan, in order of preference. */
	candidates(plan: Plan, id: string): readonly NodeInfo[] {
		return this.#stay.failover.candidates(plan, id);
	}

	async whereis(
		id: string,
	): Promise<{ readonly node: string; readonly kind: string; readonly epoch: number } | undefined> {
		const { registry } = this.#stay;
		const record = await registry.find(id);
		if (!record || !(await registry.alive(record.node))) return undefined;
		const { node, kind, epoch } = record;
		return { node, kind, epoch };
	}

	/** The actors of all living nodes. */
	actors(): ReturnType<Registry['all']> {
		return this.#stay.registry.all();
	}

	async locate(id: string): Promise<Place | undefined> {
		const { registry, links, self } = this.#stay;
		const record = await registry.find(id);
		if (!record) return (await registry.settled()) ? undefined : UNKNOWN;
		const { node, epoch, failover } = record;
		if (node === self.id) return { epoch, peer: undefined, down: false, failover };
		const alive = await registry.alive(node);
		if (links.closed)
			throw new TroupeError('ERR_CLAIM_UNAVAILABLE', `this node was evicted while it looked for '${id}': try again`);
		return { epoch, peer: alive ? links.to(node) : undefined, down: !alive, failover };
	}

	/** The lease of a node that is gone, and what it takes to go on. */
	get patience(): number {
		return this.#settings.lease + SUCCESSION;
	}

	peer(node: string): Peer | undefined {
		return this.#stay.links.to(node);
	}

	release(cell: Cell): Promise<void> {
		return this.#stay.holdings.release(cell);
	}

	/** Looks for actors whose nodes are gone, which this one may have to go on with. */
	takeOver(): void {
		void this.#stay.failover.look();
	}

	/** Another node gives an actor up: whether this one goes on with it. Anything may come from the wire. */
	adopt(id: unknown, from: unknown): boolean {
		return isId(id) && typeof from === 'string' && this.#stay.failover.adopt(id, from);
	}

	/** Actors have left another node: resolves when nothing is on its way to them there. Anything may come from the wire. */
	async moved(ids: unknown, from: unknown): Promise<void> {
		const { links, membership } = this.#stay;
		const peer = typeof from === 'string' && membership.has(from) ? links.to(from) : undefined;
		if (!peer || !Array.isArray(ids)) return;
		for (const id of ids) this.#kernel.knownRoute(id)?.turnBack(peer);
		await new Promise<void>((resolve) => peer.fence(undefined, resolve));
	}

	/**
	 * The first part of taking leave: gives the actors with failover to other nodes. Those that nobody takes just stop. The
	 * promise, when there is one, is that there is no more to give.
	 */
	handOver(): Promise<void> | undefined {
		const kernel = this.#kernel;
		const { holdings, failover, membership, self } = this.#stay;
		failover.close();
		holdings.leaving();
		if (this.#connection.transport.state !== 'connected') return undefined;
		const others = (cell: Cell, plan: Plan): readonly NodeInfo[] =>
			failover.candidates(plan, cell.id).filter(({ id }) => id !== self.id);
		const actors = holdings.lasting().map(([cell, plan]) => [cell, others(cell, plan)] as const);
		const movable = actors.filter(([, successors]) => successors.length > 0);
		if (movable.length === 0) return undefined;
		const patience = Math.min(kernel.stopGrace, this.#settings.lease);
		return handOver({ kernel, actors: movable, others: membership.others(), patience });
	}

	/** The last part: sends what is still on its way, says goodbye and disconnects. */
	async leave(): Promise<void> {
		this.#left = true;
		const { links, membership, registry, holdings, failover } = this.#stay;
		failover.close();
		holdings.close();
		registry.close();
		await links.settled(LAST_WORDS);
		await membership.leave();
		links.close('system-stopped');
		await this.#connection.transport.flush();
		await this.#connection.close();
	}

	/** In the background: what is to be said about the servers is no reason to wait for it. */
	async #advise(): Promise<void> {
		const advice = (await this.#connection.advice?.()) ?? [];
		if (!this.#left) for (const { code, message } of advice) this.#kernel.warn(code, message);
	}

	async #begin(self: NodeInfo): Promise<void> {
		const kernel = this.#kernel;
		const { clock, codec, events } = kernel;
		const { transport } = this.#connection;
		const { heartbeat, lease: length, name } = this.#settings;
		let joined = false;
		const lease: OwnLease = new OwnLease(clock, length, () => membership.fenced());
		const membership: Membership = new Membership({
			clock,
			codec,
			transport,
			bucket: this.#nodes,
			events,
			lease,
			periods: { heartbeat, lease: length },
			prefix: prefixOf(name),
			self,
			tell: {
				departed: (node) => {
					links.depart(node);
					// Until this node has joined, the kernel would give back no ID of an actor that ends; then it looks anyway.
					if (joined) void failover.look();
				},
				evicted: () => void this.#evicted(),
				enter: () => holdings.enter(lease, lost),
			},
		});
		const lost = async (): Promise<void> => {
			await this.#recipes.lookAgain();
			if (await membership.buryAgain()) return;
			throw new TroupeError('ERR_EVICTED', 'others go on with a node that was dead for this one', { node: self.id });
		};
		const links: Links = new Links(kernel, transport, {
			subjectOf: (node) => membership.subjectOf(node),
			departed: (node) => membership.departed(node),
			isMember: (node) => membership.has(node),
			heard: (node) => membership.heard(node),
			suspects: (node) => membership.suspects(node),
			fenced: () => lease.awaited,
			stalled: (node) => void membership.doubt(node),
			stranger: (node, frame) => {
				if (membership.curious) membership.alive(node).then((alive) => alive && links.receive(frame), ignore);
			},
			unknown: (node) => {
				membership.alive(node).then((alive) => alive || links.depart(node), ignore);
			},
		});
		const registry = new Registry(this.#actors, this.#settlement, codec, clock, membership);
		const recipes = this.#recipes;
		const holdings: Holdings = new Holdings({ kernel, registry, recipes, lease, self: self.id });
		const failover: Failover = new Failover({
			clock,
			recipes,
			registry,
			self: self.id,
			members: () => this.members(),
			hosting: this.#settings.hosts.length > 0,
			has: (id) => kernel.registered(id) !== undefined,
			revive: (recipe) => this.#revive(recipe),
			failed: ({ id }, error) =>
				kernel.warn(
					'FAILOVER_FAILED',
					`'${id}' could not be spawned again, which will be tried again: ${messageOf(error)}`,
					{ actor: id, error },
				),
			unhosted: ({ id, kind, on }) =>
				kernel.warn(
					'FAILOVER_NO_HOST',
					`'${id}' has lost its node, and no ${on === undefined ? 'node' : `node that '${on}' means`} hosts '${kind}': it goes on when one does; to give it up, spawn another class under that ID, with failover, and stop it`,
					{ actor: id },
				),
		});
		this.#stay = { self, membership, registry, links, holdings, failover };
		try {
			await membership.join();
			joined = true;
		} catch (error) {
			void membership.leave();
			// Whoever was quick enough to claim an ID meanwhile has it no more.
			for (const cell of holdings.forfeit()) void expel(cell);
			links.close('system-stopped');
			throw error;
		}
		kernel.directory = this;
	}

	/**
	 * The others have given this incarnation up and its IDs may have new owners, so nothing of it may act any more. Its
	 * side of all books was taken over by the others; new ones begin.
	 */
	async #evicted(): Promise<void> {
		const kernel = this.#kernel;
		const { links, membership, registry, holdings, failover, self } = this.#stay;
		failover.close();
		registry.close();
		membership.end();
		kernel.warn(
			'EVICTED',
			`node ${self.id} was declared dead by the others while it was away; it joins again as a new one`,
			{
				node: self.id,
			},
		);
		const owned = holdings.forfeit();
		links.close('fenced');
		await Promise.all(owned.map((cell) => expel(cell)));
		kernel.ledger.reset(kernel.stats(0).pending);
		// Evicted again while it joined: then that eviction joins, and this one does not.
		let latest = self.id;
		while (!this.#left && kernel.node === latest) {
			// Another each time: what a failed attempt has left in the store is not its own any more.
			const next: NodeInfo = { ...self, id: uuid() };
			latest = kernel.node = next.id;
			try {
				await this.#begin(next);
				return this.takeOver();
			} catch {
				await new Promise<void>((resolve) => kernel.clock.after(JOIN_AGAIN, resolve));
			}
		}
	}

	/** Goes on with an actor whose node is gone, as a new one. */
	async #revive(recipe: Recipe): Promise<void> {
		const kernel = this.#kernel;
		const { id, kind, options, revision } = recipe;
		const actor = this.#settings.hosts.find((hosted) => hosted.kind === kind);
		if (!actor) throw new TroupeError('ERR_NO_HOST', `this node does not host '${kind}'`);
		const cell = kernel.create(kernel.define(actor), { ...options, id }, undefined, true);
		await this.start(cell, recipe, revision);
	}
}

function isId(value: unknown): value is string {
	try {
		return checkId(value) === value;
	} catch {
		return false;
	}
}

function ignore(): void {}
